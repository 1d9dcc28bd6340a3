package member

import (
	"errors"
	"fmt"
	"strings"

	"kafka-workshop/participant-client/fault"

	"github.com/twmb/franz-go/pkg/kerr"
)

// faultPlace returns where a member met a fault.
func (c Config) faultPlace(doing string) fault.Place {
	return fault.Place{Addr: strings.Join(c.Kafka.Brokers, ","), Kafka: c.Kafka, Group: c.Group, Doing: doing}
}

// fatal returns a fault that waiting does not heal.
func fatal(format string, args ...any) fault.Fault {
	return fault.Fault{Text: fmt.Sprintf(format, args...), Fatal: true}
}

// faultOf returns the fault behind an error of a request.
func faultOf(err error, doing string, cfg Config) fault.Fault {
	if errors.Is(err, kerr.InvalidSessionTimeout) {
		return fatal("The broker does not allow --session-timeout %v: use a value between its limits (6s to 30m by default).", cfg.SessionTimeout)
	}
	return fault.OfRequest(err, cfg.faultPlace(doing))
}
