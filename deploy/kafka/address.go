package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"kafka-workshop/internal/apache"
	"kafka-workshop/internal/process"
)

// validate checks the flags. Its errors name the flag.
func (f *flags) validate() error {
	if f.Nodes != 1 && f.Nodes != 3 {
		return fmt.Errorf("--nodes %d: use 1 or 3", f.Nodes)
	}
	if f.Port < 0 || f.Port+f.Nodes-1 > 65535 {
		return fmt.Errorf("--port %d: use 1 to %d, or 0 for free ones", f.Port, 65536-f.Nodes)
	}
	if ip := net.ParseIP(f.Listen); f.Listen == "" || (ip != nil && ip.IsUnspecified()) {
		return fmt.Errorf("--listen %q: give the one address that clients connect to%s", f.Listen, ownAddresses())
	}
	if strings.ContainsAny(f.Listen, " \t/,") || (strings.Contains(f.Listen, ":") && net.ParseIP(f.Listen) == nil) {
		return fmt.Errorf("--listen %q: give an address without its port, as in 192.168.1.5", f.Listen)
	}
	if !versionForm.MatchString(f.version()) {
		return fmt.Errorf("--kafka-version %q: give a version as in 3.9.1", f.Version)
	}
	return nil
}

var versionForm = regexp.MustCompile(`^\d{1,3}\.\d{1,3}\.\d{1,3}$`)

// version is that of Apache Kafka.
func (f *flags) version() string { return cmp.Or(f.Version, apache.Version) }

func (f *flags) loopback() bool {
	ip := net.ParseIP(f.Listen)
	return f.Listen == "localhost" || (ip != nil && ip.IsLoopback())
}

// addresses are the listeners of one node.
type addresses struct{ clients, internal, controller string }

// addresses chooses an address for every listener: those for clients follow the flags, and those between
// nodes are free ports on loopback. All chosen ports are held until the last one is found, then released.
func (f *flags) addresses() ([]addresses, error) {
	var held []net.Listener
	defer func() {
		for _, ln := range held {
			_ = ln.Close()
		}
	}()

	hold := func(host string, port int) (string, error) {
		ln, err := process.Listen(host, port)
		if err != nil {
			return "", err
		}
		held = append(held, ln)
		return net.JoinHostPort(host, strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)), nil
	}

	out := make([]addresses, f.Nodes)
	for i := range out {
		port := f.Port
		if port != 0 {
			port += i
		}
		var err error
		if out[i].clients, err = hold(f.Listen, port); err != nil {
			return nil, f.explain(port, err)
		}
	}

	for i := range out {
		for _, at := range []*string{&out[i].internal, &out[i].controller} {
			var err error
			if *at, err = hold("127.0.0.1", 0); err != nil {
				return nil, fmt.Errorf("no free port on 127.0.0.1 for connections between brokers: %w", err)
			}
		}
	}
	return out, nil
}

// explain turns the error of listening for clients into one that names the flag to change.
func (f *flags) explain(port int, err error) error {
	at := net.JoinHostPort(f.Listen, strconv.Itoa(port))
	var dns *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE) || strings.Contains(err.Error(), "Only one usage"):
		return fmt.Errorf("%s is in use by another program: stop it, or choose another port with --port", at)
	case errors.Is(err, syscall.EADDRNOTAVAIL) || errors.As(err, &dns):
		return fmt.Errorf("--listen %s is not an address of this machine%s", f.Listen, ownAddresses())
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("--port %d needs root: choose one above 1023", port)
	}
	return fmt.Errorf("--listen %s: %w", at, err)
}

// ownAddresses lists this machine's addresses, to end an error about --listen.
func ownAddresses() string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}

	var own []string
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil {
			own = append(own, n.IP.String())
		}
	}
	if len(own) == 0 {
		return ""
	}
	return " (this machine has " + strings.Join(own, ", ") + ")"
}
