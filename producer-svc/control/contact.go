package control

import (
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// contact records when a broker last answered any request. It is a hook of the Controller's clients.
type contact struct{ last atomic.Pointer[time.Time] }

func newContact(now time.Time) *contact {
	c := &contact{}
	c.last.Store(&now)
	return c
}

// OnBrokerE2E implements kgo.HookBrokerE2E. The clients call it after each request.
func (c *contact) OnBrokerE2E(_ kgo.BrokerMetadata, _ int16, e2e kgo.BrokerE2E) {
	if e2e.Err() == nil && e2e.BytesRead > 0 {
		now := time.Now()
		c.last.Store(&now)
	}
}

// Last returns when a broker last answered, or when the contact was created.
func (c *contact) Last() time.Time { return *c.last.Load() }
