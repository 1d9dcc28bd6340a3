// Package settings gets a laptop into its team's group: it fetches the team's settings from the
// leaderboard with the team's code, keeps them for the next start, and finds them again then. What is
// done with them is left to the commands.
package settings

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kafka-workshop/internal/workshop"
	"kafka-workshop/participant-client/fault"
)

// ErrWrongCode is a code that opens no team.
var ErrWrongCode = errors.New("no team has this code: look at your team's handout")

// defaultPort is that of the leaderboard, for a HOST without one.
const defaultPort = "8080"

// An AddressError is an address that cannot be used.
type AddressError struct{ text string }

func (e AddressError) Error() string { return e.text }

// Address takes apart what people type or paste: http://host:8080, http://host:8080/j/CODE, host:8080
// or a bare host. The code is empty when there is none.
func Address(typed string) (base, code string, err error) {
	text := strings.TrimSpace(typed)
	bare := !strings.Contains(text, "://")
	if bare {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return "", "", AddressError{fmt.Sprintf("%q is no address: give what the board shows, as in http://192.168.1.5:8080", typed)}
	}
	if bare && u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), defaultPort)
	}
	path := strings.TrimRight(u.Path, "/")
	if before, last, ok := strings.Cut(path, "/j/"); ok {
		path, code = before, workshop.PlainCode(last)
		if code == "" {
			return "", "", AddressError{fmt.Sprintf("%q is no code: it has nine letters and digits", last)}
		}
	}
	path = strings.TrimSuffix(path, "/join")
	return u.Scheme + "://" + u.Host + path, code, nil
}

// Fetch asks the leaderboard for the settings that the code opens. skew is how far this laptop's clock
// is ahead of the leaderboard's, to the second.
func Fetch(ctx context.Context, base, code string) (j workshop.Joining, skew time.Duration, err error) {
	body, err := json.Marshal(map[string]string{"code": code})
	if err != nil {
		return j, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/join", bytes.NewReader(body))
	if err != nil {
		return j, 0, fmt.Errorf("ask %s: %w", base, err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultTransport.RoundTrip(req) // no redirects: a captive portal's would hide it
	if err != nil {
		return j, 0, fmt.Errorf("ask %s: %w", base, unreachable{err, req.URL.Host})
	}
	defer func() { _ = resp.Body.Close() }() // only read from
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		skew = time.Since(date).Round(time.Second)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return j, skew, fmt.Errorf("ask %s: the answer did not arrive whole", base)
	}
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		return j, skew, fmt.Errorf("%s does not answer as the leaderboard does. Log in to the wifi in a browser first, or look at the address again", base)
	}
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return j, skew, ErrWrongCode
	default:
		return j, skew, fmt.Errorf("the leaderboard at %s says: %s", base, said(text, resp.Status))
	}
	if err := json.Unmarshal(text, &j); err != nil || j.Team < 1 || len(j.Brokers) == 0 {
		return j, skew, fmt.Errorf("%s gives settings that this client does not understand: fetch the newest client from %s/join", base, base)
	}
	j.Leaderboard = base // the address that worked from here
	return j, skew, nil
}

// said is the error that the leaderboard answered with.
func said(text []byte, status string) string {
	var e struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &e) == nil && e.Error != "" {
		return e.Error
	}
	return status
}

// unreachable is a leaderboard that cannot be reached, with the likely cause.
type unreachable struct {
	err  error
	host string
}

func (u unreachable) Error() string { return fault.Explain(u.err, u.host) }
func (u unreachable) Unwrap() error { return u.err }

// ClockSays is what to tell about a clock that is wrong; empty for one that is right.
func ClockSays(skew time.Duration) string {
	switch {
	case skew > 10*time.Second:
		return fmt.Sprintf("Your clock is %s ahead: set it (TLS and records' times depend on it).", skew)
	case skew < -10*time.Second:
		return fmt.Sprintf("Your clock is %s behind: set it (TLS and records' times depend on it).", -skew)
	}
	return ""
}
