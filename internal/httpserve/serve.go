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

// Config holds the flags that the services share.
type Config struct {
	InstructorToken workshop.Secret `env:"INSTRUCTOR_TOKEN" help:"Token that the instructor logs in with: 16 characters or more. Better in the environment than on the command line."`
	PublicURL       string          `name:"public-url" env:"PUBLIC_URL" help:"The address that participants type, as in http://192.168.1.5:8080."`
}

// Validate checks the flags of a service that is to listen on addr. The error names the flag at fault.
func (c Config) Validate(addr string) error {
	if c.InstructorToken != "" && len(c.InstructorToken) < workshop.MinToken {
		return fmt.Errorf("--instructor-token is shorter than %d characters: choose a longer one", workshop.MinToken)
	}
	if err := ValidateSite("--public-url", c.PublicURL); err != nil {
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

// ValidateSite rejects text that is not the address of a site, since links are built from it. It accepts an empty one.
func ValidateSite(flag, site string) error {
	if site == "" {
		return nil
	}

	u, err := url.Parse(site)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%s is not the address of a site: give one as in http://192.168.1.5:8080", flag)
	}
	if u.Path != "" && u.Path != "/" {
		return fmt.Errorf("%s has the path %s: the pages need the root of a host, so give the workshop a host or a port of its own", flag, u.Path)
	}
	return nil
}

// Listen listens on the address. Its error is one line that says what to do.
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

// Serve serves requests on ln until ctx ends, and then waits up to four seconds for those in progress. The
// contexts of requests end with ctx, so that event streams finish first.
func Serve(ctx context.Context, ln net.Listener, handler http.Handler, log *slog.Logger) error {
	return serve(ctx, ln, handler, log, defaultLimits())
}

func serve(ctx context.Context, ln net.Listener, handler http.Handler, log *slog.Logger, lim limits) error {
	detached, base := NewDetached(ctx)
	srv := &http.Server{
		Handler:           ServeHEAD(handler),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      lim.response,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return base },
	}

	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(newLimitListener(ln, lim)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}

	shutdownCtx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	err := srv.Shutdown(shutdownCtx)
	detached.Wait(shutdownCtx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}

	if serveErr := <-failed; err == nil && !errors.Is(serveErr, http.ErrServerClosed) {
		err = serveErr
	}
	return err
}
