package load

import (
	"strconv"
	"time"
)

// users makes fictitious customers: JSON of about 500 bytes. Every team's criterion is met by 3 to 50 %
// of them.
type users struct {
	start string // makes email addresses unique across restarts
	rng   *rng
	count uint64
	email []byte // of the latest user
}

func (u *users) User() []byte { return u.email }

func (u *users) Append(b []byte, _ time.Time) []byte {
	u.count++
	first := u.rng.pick(firstNames)
	last := u.rng.pick(lastNames)
	u.email = u.appendEmail(u.email[:0], first, last)

	b = append(append(b, `{"email":"`...), u.email...)

	b = u.appendCard(append(b, `","credit_card_number":"`...))
	b = append(append(b, `","company_name":"`...), u.rng.pick(companyFirst)...)
	b = append(b, u.rng.pick(companyLast)...)
	b = append(append(b, `","company_slogan":"`...), u.rng.pick(sloganVerbs)...)
	b = append(append(b, u.rng.pick(sloganThings)...), u.rng.pick(sloganNouns)...)
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

	b = append(append(b, `","profession":"`...), u.rng.pick(professions)...)
	b = append(append(b, `","field":"`...), u.rng.pick(fields)...)
	b = strconv.AppendBool(append(b, `","premium":`...), u.rng.IntN(2) == 0)
	b = strconv.AppendInt(append(b, `,"credit":`...), int64(u.rng.IntN(41)-20), 10)
	b = append(append(b, `,"time_zone":"`...), u.rng.pick(timeZones)...)
	b = append(append(b, `","user_agent":"`...), u.rng.pick(userAgents)...)

	if u.rng.IntN(10) == 0 {
		return append(b, `","pack":"free"}`...)
	}
	return append(b, `","pack":"small"}`...)
}

// appendEmail appends a unique address: start differs between runs of the producer, and count between
// the users of one run.
func (u *users) appendEmail(b []byte, first, last string) []byte {
	b = appendLower(b, first)
	b = appendLower(append(b, '.'), last)
	b = append(append(b, '.'), u.start...)
	b = strconv.AppendUint(append(b, '-'), u.count, 36)
	return append(b, u.rng.pick(providers)...)
}

// appendLower appends an ASCII name in lower case.
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

// appendCard appends a number with an issuer's prefix and length. It is no real card's except by chance:
// the check digit is random.
func (u *users) appendCard(b []byte) []byte {
	prefix := u.rng.pick(cardPrefixes)
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

// industry is in finance for 4 of 25 users, in technology for 3, and in health for 4.
func (u *users) industry() string {
	switch n := u.rng.IntN(25); {
	case n < 4:
		return u.rng.pick(financeIndustry)
	case n < 7:
		return u.rng.pick(techIndustry)
	case n < 11:
		return u.rng.pick(healthIndustry)
	default:
		return u.rng.pick(plainIndustry)
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
