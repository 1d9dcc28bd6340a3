package workshop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
)

// What WORKSHOP_SECRET gives rise to: passwords, salts, join codes and an instructor's token. Each is
// an HMAC-SHA256 under the secret of what it is for, so that nothing needs to be stored, a second
// derivation gives the same, and none of them tells about the secret or about another.

// MinSecret is the shortest WORKSHOP_SECRET that passwords are derived from, in bytes.
const MinSecret = 16

// MinToken is the shortest instructor's token that a service takes, in bytes.
const MinToken = 16

// Users of the services, without the namespace. A team's user is TeamID.
const (
	ProducerUser    = "producer-svc"
	LeaderboardUser = "leaderboard"
)

// Password of a user, whose name holds the namespace: 32 lower-case letters and digits, 160 bits.
func (s Secret) Password(user string) Secret {
	return Secret(strings.ToLower(base32.StdEncoding.EncodeToString(s.derive("password:" + user)[:20])))
}

// Salt for a user's SCRAM credential: with it a credential made anew equals the one there is.
func (s Secret) Salt(user string) []byte { return s.derive("salt:" + user)[:24] }

// Token is an instructor's token for who chose none.
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

// Join codes are CodeLength of CodeSymbols: no 0 and O, no 1, I and L.
const (
	CodeSymbols = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	CodeLength  = 9
)

// Codes are the join codes of teams 1 to teams, team 1's first. No two are the same, and a team's
// does not depend on how many teams there are.
func (s Secret) Codes(n Namespace, teams int) []string {
	codes, taken := make([]string, teams), make(map[string]bool, teams)
	for team := 1; team <= teams; team++ {
		for try := 0; codes[team-1] == ""; try++ {
			if code := s.code(n, team, try); !taken[code] {
				codes[team-1], taken[code] = code, true
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
				continue // or the first symbols would be likelier than the last
			}
			if code = append(code, CodeSymbols[int(b)%len(CodeSymbols)]); len(code) == CodeLength {
				return string(code)
			}
		}
	}
}

// PlainCode is a code as people type it in the form that Codes gives: upper case, without the spaces
// and dashes that make it easier to read. It is empty for what cannot be a code.
func PlainCode(typed string) string {
	code := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(typed)))
	if len(code) != CodeLength || strings.Trim(code, CodeSymbols) != "" {
		return ""
	}
	return code
}

// ReadableCode writes a code in three groups of three.
func ReadableCode(code string) string {
	if len(code) != CodeLength {
		return code
	}
	return code[:3] + "-" + code[3:6] + "-" + code[6:]
}
