// Package httpserve is what the two services share about HTTP: listening, serving and shutting down,
// health, the instructor's login, security headers, strict JSON, errors, and event streams. Routes
// and pages are the services' own.
package httpserve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"kafka-workshop/internal/process"
	"kafka-workshop/internal/workshop"
)

// Config holds the flags that both services share.
type Config struct {
	InstructorToken workshop.Secret `env:"INSTRUCTOR_TOKEN" help:"What the instructor logs in with: 16 characters or more. Better in the environment than on the command line."`
	PublicURL       string          `name:"public-url" env:"PUBLIC_URL" help:"The address that participants type, as in http://192.168.1.5:8080."`
}

// Validate names the flag at fault for a service that is to listen on addr.
func (c Config) Validate(addr string) error {
	if c.InstructorToken != "" && len(c.InstructorToken) < workshop.MinToken {
		return fmt.Errorf("--instructor-token is shorter than %d characters: choose a longer one", workshop.MinToken)
	}
	if err := c.validatePublicURL(); err != nil {
		return err
	}
	if process.Loopback(addr) {
		return nil
	}
	if c.InstructorToken == "" {
		return fmt.Errorf("--listen %s is open to the network: set INSTRUCTOR_TOKEN (%d characters or more) first", addr, workshop.MinToken)
	}
	return nil
}

// validatePublicURL refuses what is no address of a site: pages build links on it.
func (c Config) validatePublicURL() error {
	if c.PublicURL == "" {
		return nil
	}

	u, err := url.Parse(c.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("--public-url is not an address as participants type it: give one as in http://192.168.1.5:8080")
	}
	if u.Path != "" && u.Path != "/" {
		return fmt.Errorf("--public-url has the path %s: pages stand at the root of their host, so give the workshop a host or a port of its own", u.Path)
	}
	return nil
}

// Listen binds the address; its error is one line that says what to do.
func Listen(addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: stop it or choose another address with --listen", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", addr, err)
	}
	return ln, nil
}

// Serve answers requests on ln until ctx ends, then gives the open ones up to four seconds. Requests
// see ctx's end in their own contexts, so that event streams finish first.
func Serve(ctx context.Context, ln net.Listener, handler http.Handler, log *slog.Logger) error {
	return serve(ctx, ln, handler, log, defaultLimits())
}

func serve(ctx context.Context, ln net.Listener, handler http.Handler, log *slog.Logger, lim limits) error {
	srv := &http.Server{
		Handler:           Heads(handler),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      lim.response,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}

	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(newLimitListener(ln, lim)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}

	grace, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	err := srv.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}

	if end := <-failed; err == nil && !errors.Is(end, http.ErrServerClosed) {
		err = end
	}
	return err
}
