package member

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kerr"
)

// faultPlace is where a member met a fault.
func (c Config) faultPlace(addr, doing string) fault.Place {
	return fault.Place{Addr: addr, Kafka: c.Kafka, Group: c.Group, Doing: doing}
}

// fatal is a fault that waiting does not heal.
func fatal(format string, args ...any) fault.Fault {
	return fault.Fault{Text: fmt.Sprintf(format, args...), Fatal: true}
}

// waiting adds to a fault that may heal that the member waits for that.
func waiting(f fault.Fault) fault.Fault {
	if !f.Fatal {
		f.Text += " Waiting for it."
	}
	return f
}

// connectFault names why an address could not be connected to.
func connectFault(d dialFault, cfg Config) fault.Fault {
	at := cfg.faultPlace(d.addr, "connect to "+d.addr)
	if login := fault.Login(d.err, at); login.Text != "" {
		return login
	}
	if d.advertised && d.reached != "" && d.reached != d.addr {
		return waiting(fault.Fault{Text: fmt.Sprintf("Reached %s, but it sends clients to %s, which can't be reached from here (%s): tell the instructor.", d.reached, d.addr, fault.Short(d.err))})
	}
	var dns *net.DNSError
	switch {
	case errors.As(d.err, &dns) && d.met:
		return waiting(fault.Fault{Text: fmt.Sprintf("The name %s cannot be looked up any more: is the network there?", dns.Name)})
	case fault.HungUp(d.err):
		return hangUp(d, at)
	case d.met && fault.TimedOut(d.err): // neither a wrong setting nor a blocked port: it has answered before
		return waiting(fault.Fault{Text: fmt.Sprintf("%s no longer answers: is this laptop still on the room's network?", d.addr)})
	}
	return waiting(fault.Of(d.err, at))
}

// hangUp is the fault of a broker that closes the connection at once. One that is stopping does that, too, so it counts as a
// wrong setting only if the broker has never answered and has done so several times.
func hangUp(d dialFault, at fault.Place) fault.Fault {
	if !d.met && d.hangUps >= hangUpsMost {
		return fatal("%s hangs up at once: %s.", d.addr, fault.Wants(at))
	}
	return waiting(fault.Fault{Text: fmt.Sprintf("%s hangs up at once: it is just stopping, or %s.", d.addr, fault.Wants(at))})
}

// hangUpsMost is how many connections in a row may be closed at once before that counts as a wrong setting.
const hangUpsMost = 4

// faultOf names the fault behind an error of a request.
func faultOf(err error, doing string, cfg Config) fault.Fault {
	switch {
	case errors.Is(err, kerr.InvalidSessionTimeout):
		return fatal("The broker does not allow --session-timeout %v: use a value between its limits (6s to 30m by default).", cfg.SessionTimeout)
	case errors.Is(err, context.DeadlineExceeded), fault.HungUp(err), fault.TimedOut(err):
		return waiting(fault.Fault{Text: "Kafka does not answer: is the network there?"})
	}
	return waiting(fault.Of(err, cfg.faultPlace(strings.Join(cfg.Kafka.Brokers, ","), doing)))
}
