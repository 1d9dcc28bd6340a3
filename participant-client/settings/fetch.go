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

// ErrWrongCode reports a code that belongs to no team.
var ErrWrongCode = errors.New("no team has this code: look at your team's handout")

// defaultPort is the leaderboard's port, for a HOST without one.
const defaultPort = "8080"

// An AddressError reports an address that cannot be used.
type AddressError struct{ text string }

func (e AddressError) Error() string { return e.text }

// Address parses what people type or paste: http://host:8080, http://host:8080/j/CODE, host:8080 or a host alone. The code
// is empty if there is none.
func Address(typed string) (base, code string, err error) {
	text := strings.TrimSpace(typed)
	bare := !strings.Contains(text, "://")
	if bare {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return "", "", AddressError{fmt.Sprintf("%q is not an address: use the one that the board shows, as in http://192.168.1.5:8080", typed)}
	}
	if bare && u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), defaultPort)
	}

	path := strings.TrimRight(u.Path, "/")
	if before, last, ok := strings.Cut(path, "/j/"); ok {
		path, code = before, workshop.PlainCode(last)
		if code == "" {
			return "", "", AddressError{fmt.Sprintf("%q is not a code: codes have nine letters and digits", last)}
		}
	}
	path = strings.TrimSuffix(path, "/join")
	return u.Scheme + "://" + u.Host + path, code, nil
}

// Fetch asks the leaderboard for the settings of the code's team. ahead is how far this laptop's clock is ahead of the
// leaderboard's, to the second.
func Fetch(ctx context.Context, base, code string) (j workshop.Joining, ahead time.Duration, err error) {
	body, err := json.Marshal(map[string]string{"code": code})
	if err != nil {
		return j, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/join", bytes.NewReader(body))
	if err != nil {
		return j, 0, fmt.Errorf("ask %s: %w", base, err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultTransport.RoundTrip(req) // which follows no redirects: a captive portal's would hide it
	if err != nil {
		return j, 0, fmt.Errorf("ask %s: %w", base, unreachable{err, req.URL.Host})
	}
	defer func() { _ = resp.Body.Close() }() // only read from

	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		ahead = time.Since(date).Round(time.Second)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return j, ahead, fmt.Errorf("ask %s: the answer is incomplete", base)
	}
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		return j, ahead, fmt.Errorf("%s does not answer like the leaderboard. Log in to the wifi in a browser first, or check the address", base)
	}

	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return j, ahead, ErrWrongCode
	default:
		return j, ahead, fmt.Errorf("the leaderboard at %s refused: %s", base, errorText(text, resp.Status))
	}

	if err := json.Unmarshal(text, &j); err != nil || j.Team < 1 || len(j.Brokers) == 0 {
		return j, ahead, fmt.Errorf("%s sent settings that this client does not understand: download the newest client from %s/join", base, base)
	}
	j.Leaderboard = base // the address that worked from here
	return j, ahead, nil
}

// errorText returns the error in the leaderboard's answer.
func errorText(text []byte, status string) string {
	var e struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &e) == nil && e.Error != "" {
		return e.Error
	}
	return status
}

// unreachable is an error that explains why the leaderboard cannot be reached.
type unreachable struct {
	err  error
	host string
}

func (u unreachable) Error() string { return fault.Explain(u.err, u.host) }
func (u unreachable) Unwrap() error { return u.err }
