package workshop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
)

// Passwords, salts, join codes and an instructor token derive from WORKSHOP_SECRET. Each is an HMAC-SHA256
// of its purpose under the secret, so nothing needs to be stored, every derivation gives the same value, and
// none of them reveals the secret or another value.

// MinSecret is the minimum length of WORKSHOP_SECRET, in bytes.
const MinSecret = 16

// MinToken is the minimum length of an instructor token, in bytes.
const MinToken = 16

// Users of the services, without the namespace. A team's user is TeamID.
const (
	ProducerUser    = "producer-svc"
	LeaderboardUser = "leaderboard"
)

// Password returns the password of a user, whose name includes the namespace: 32 lower-case letters and
// digits, 160 bits.
func (s Secret) Password(user string) Secret {
	return Secret(strings.ToLower(base32.StdEncoding.EncodeToString(s.derive("password:" + user)[:20])))
}

// Salt returns the salt of a user's SCRAM credential. A credential that is created again equals the old one.
func (s Secret) Salt(user string) []byte { return s.derive("salt:" + user)[:24] }

// Token returns the instructor token that is used if none is set.
func (s Secret) Token(n Namespace) Secret {
	return Secret(strings.ToLower(base32.StdEncoding.EncodeToString(s.derive("instructor:" + string(n))[:20])))
}

// VoterKey signs voters' cookies in the room; empty without a secret.
func (s Secret) VoterKey(r Room) []byte {
	if s == "" {
		return nil
	}
	return s.derive("voter:" + string(r.Namespace) + ":" + r.Lesson.Name)
}

func (s Secret) derive(what string) []byte {
	mac := hmac.New(sha256.New, []byte(s))
	mac.Write([]byte(what))
	return mac.Sum(nil)
}

// A join code is CodeLength of CodeSymbols, which leave out the similar 0 and O, and 1, I and L.
const (
	CodeSymbols = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	CodeLength  = 9
)

// Codes returns the join codes of teams 1 to teams, in order. No two are the same, and a team's code does
// not depend on the number of teams.
func (s Secret) Codes(n Namespace, teams int) []string {
	codes := make([]string, teams)
	used := make(map[string]bool, teams)
	for team := 1; team <= teams; team++ {
		for try := 0; codes[team-1] == ""; try++ {
			if code := s.code(n, team, try); !used[code] {
				codes[team-1] = code
				used[code] = true
			}
		}
	}

	return codes
}

func (s Secret) code(n Namespace, team, try int) string {
	code := make([]byte, 0, CodeLength)
	for block := 0; ; block++ {
		what := "code:" + string(n) + strconv.Itoa(team) + ":" + strconv.Itoa(try) + ":" + strconv.Itoa(block)
		for _, b := range s.derive(what) {
			if int(b) >= 256/len(CodeSymbols)*len(CodeSymbols) {
				continue // otherwise the first symbols would be more likely
			}
			if code = append(code, CodeSymbols[int(b)%len(CodeSymbols)]); len(code) == CodeLength {
				return string(code)
			}
		}
	}
}

// PlainCode returns a typed code in the form that Codes returns: upper case, without spaces and dashes. It
// returns "" for text that cannot be a code.
func PlainCode(typed string) string {
	code := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(typed)))
	if len(code) != CodeLength || strings.Trim(code, CodeSymbols) != "" {
		return ""
	}
	return code
}

// ReadableCode formats a code as three groups of three.
func ReadableCode(code string) string {
	if len(code) != CodeLength {
		return code
	}
	return code[:3] + "-" + code[3:6] + "-" + code[6:]
}
