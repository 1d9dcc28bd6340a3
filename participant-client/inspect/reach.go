package inspect

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// lookup resolves the name in an address.
func (r *run) lookup(ctx context.Context, step, addr string) ([]string, bool) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		r.fail(step, "%s  is not host:port", addr)
		return nil, false
	}

	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	ips, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		r.fail(step, "%s  %s", host, r.cause(err, addr))
		return nil, false
	}

	if net.ParseIP(host) == nil {
		r.ok(step, "%s is %s", host, strings.Join(ips, ", "))
	} else if step == "name" {
		r.ok(step, "%s is an IP address: nothing to look up", host)
	}
	return ips, true
}

// reach connects to all addresses of a name at the same time and returns the shortest time. It notes if only one
// address family of localhost answers, because clients may pick the other one.
func (r *run) reach(ctx context.Context, addr string, ips []string) (time.Duration, error) {
	host, port, _ := net.SplitHostPort(addr)
	errs := make([]error, len(ips))
	took := make([]time.Duration, len(ips))
	dialer := net.Dialer{Timeout: stepTimeout}
	var dialing sync.WaitGroup
	for i, ip := range ips {
		dialing.Go(func() {
			began := time.Now()
			conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(ip, port))
			errs[i] = err
			if err == nil {
				took[i] = time.Since(began)
				_ = conn.Close()
			}
		})
	}
	dialing.Wait()

	var reached []time.Duration
	for i := range ips {
		if errs[i] == nil {
			reached = append(reached, took[i])
		}
	}
	if len(reached) == 0 {
		return 0, errs[0]
	}
	if host == "localhost" && errors.Join(errs...) != nil {
		r.note("connect", "localhost answers on only one of IPv4 and IPv6: use 127.0.0.1.")
	}
	return slices.Min(reached), nil
}
