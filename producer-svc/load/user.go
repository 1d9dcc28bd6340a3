package load

import (
	"strconv"
	"time"
)

// users are made-up customers: JSON of about 500 bytes, spread so that every team's criterion is
// met by 3 to 50 % of them.
type users struct {
	start string
	rng   *dice
	count uint64
	email []byte
}

func (u *users) User() []byte { return u.email }

func (u *users) Append(b []byte, _ time.Time) []byte {
	u.count++
	first, last := one(u.rng, firstNames), one(u.rng, lastNames)
	u.email = u.appendEmail(u.email[:0], first, last)

	b = append(append(b, `{"email":"`...), u.email...)
	b = u.appendCard(append(b, `","credit_card_number":"`...))
	b = append(append(b, `","company_name":"`...), one(u.rng, companyFirst)...)
	b = append(b, one(u.rng, companyLast)...)
	b = append(append(b, `","company_slogan":"`...), one(u.rng, sloganVerbs)...)
	b = append(append(b, one(u.rng, sloganThings)...), one(u.rng, sloganNouns)...)
	b = append(append(b, `","industry":"`...), u.industry()...)
	b = append(append(b, `","user_name":"`...), first...)
	b = strconv.AppendInt(append(b, last...), int64(u.rng.IntN(1000)), 10)
	b = u.appendAvatar(append(b, `","avatar":"`...), first, last)
	b = append(b, `","name":"`...)
	if u.rng.IntN(10) == 0 {
		b = append(b, "John Doe"...)
	} else {
		b = append(append(append(b, first...), ' '), last...)
	}
	b = append(append(b, `","profession":"`...), one(u.rng, professions)...)
	b = append(append(b, `","field":"`...), one(u.rng, fields)...)
	b = strconv.AppendBool(append(b, `","premium":`...), u.rng.IntN(2) == 0)
	b = strconv.AppendInt(append(b, `,"credit":`...), int64(u.rng.IntN(41)-20), 10)
	b = append(append(b, `,"time_zone":"`...), one(u.rng, timeZones)...)
	b = append(append(b, `","user_agent":"`...), one(u.rng, userAgents)...)
	if u.rng.IntN(10) == 0 {
		return append(b, `","pack":"free"}`...)
	}
	return append(b, `","pack":"small"}`...)
}

// appendEmail writes an address that no other user has: the start differs between starts of the
// producer, the count within one.
func (u *users) appendEmail(b []byte, first, last string) []byte {
	b = appendLower(b, first)
	b = appendLower(append(b, '.'), last)
	b = append(append(b, '.'), u.start...)
	b = strconv.AppendUint(append(b, '-'), u.count, 36)
	return append(b, one(u.rng, providers)...)
}

// appendLower writes an ASCII name in small letters.
func appendLower(b []byte, name string) []byte {
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// appendCard writes a number of a make's length; nobody's, for it has no check digit.
func (u *users) appendCard(b []byte) []byte {
	prefix := one(u.rng, cardPrefixes)
	length := 16
	if prefix == "37" {
		length = 15
	}
	b = append(b, prefix...)
	digits := u.rng.Uint64()
	for range length - len(prefix) {
		b = append(b, byte('0'+digits%10))
		digits /= 10
	}
	return b
}

// industry is financial for 4 in 25 users, technical for 3, about health for 4.
func (u *users) industry() string {
	switch n := u.rng.IntN(25); {
	case n < 4:
		return one(u.rng, financeIndustry)
	case n < 7:
		return one(u.rng, techIndustry)
	case n < 11:
		return one(u.rng, healthIndustry)
	default:
		return one(u.rng, plainIndustry)
	}
}

func (u *users) appendAvatar(b []byte, first, last string) []byte {
	if u.rng.IntN(10) == 0 {
		b = append(b, "http://example.org/avatar/"...)
	} else {
		b = append(b, "https://robohash.org/"...)
	}
	b = append(append(append(b, first...), '-'), last...)
	return append(b, ".png"...)
}
