package board

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"kafka-workshop/internal/httpserve"
)

// A spec describes the current content of a part of a page. Specs with the same id and key have the same content.
type spec struct {
	event  string // "part": HTML whose root element has the id; "order": the order of the rows
	id     string
	key    string
	outer  string // the id of an earlier part whose HTML contains this one as it was when that part was rendered; empty for none
	ticks  bool   // it may wait for the next tick
	render func() string
}

// A part is one version of a part of a page. It is rendered at most once, when the first viewer needs it.
type part struct {
	spec
	seq  uint64        // of the first frame with this version
	held bool          // its outer part was new in that frame too, and contains it
	data func() string // the rendered part
	wire func() []byte // the same as an event
}

// A frame is all parts of a page at one moment. A late viewer gets those parts of the newest frame that are newer than what
// it has, and skips the states in between.
type frame struct {
	seq   uint64
	parts []*part
	next  chan struct{} // closed when there is a newer frame
	full  func() []byte // all parts
	delta func() []byte // the changes since the previous frame
}

// since returns what to send to a viewer that has frame last, or no frame if last is 0.
func (f *frame) since(last uint64) []byte {
	switch last {
	case 0:
		return f.full()
	case f.seq - 1:
		return f.delta()
	}
	return f.newer(last)
}

// newer returns the parts that are newer than frame last, and the end of the frame.
func (f *frame) newer(last uint64) []byte {
	var b bytes.Buffer
	for _, p := range f.parts {
		if p.seq > last && !p.held {
			b.Write(p.wire())
		}
	}
	b.Write(whole)
	return b.Bytes()
}

// A feed is the sequence of frames of one page. One goroutine at a time publishes; viewers never block it.
type feed struct{ now atomic.Pointer[frame] }

func newFeed() *feed {
	f := &feed{}
	f.now.Store(&frame{next: make(chan struct{})})
	return f
}

// publish creates a new frame if anything has changed. Ticking parts change only if tick is set.
func (f *feed) publish(specs []spec, tick bool) {
	old := f.now.Load()
	had := make(map[string]*part, len(old.parts))
	for _, p := range old.parts {
		had[p.id] = p
	}

	fr := &frame{seq: old.seq + 1, parts: make([]*part, len(specs)), next: make(chan struct{})}
	changed := len(specs) != len(old.parts)
	renewed := map[string]bool{}
	for i, s := range specs {
		p := had[s.id]
		held := s.outer != "" && renewed[s.outer] // if an outer part is new, the parts inside it are new, even ticking ones
		if p == nil || held || (p.key != s.key && (tick || !s.ticks)) {
			p = newPart(s, fr.seq)
			p.held = held
			changed, renewed[s.id] = true, true
		}
		fr.parts[i] = p
	}
	if !changed {
		return
	}

	fr.full = sync.OnceValue(func() []byte { return fr.newer(0) })
	fr.delta = sync.OnceValue(func() []byte { return fr.newer(fr.seq - 1) })
	f.now.Store(fr)
	close(old.next)
}

func newPart(s spec, seq uint64) *part {
	p := &part{spec: s, seq: seq, data: sync.OnceValue(s.render)}
	p.wire = sync.OnceValue(func() []byte { return httpserve.Event(p.event, p.data()) })
	return p
}

// whole ends a frame. A page shows a frame once it has all of it, and may animate the changes of the later ones.
var whole = httpserve.Event("whole", "{}")

// follow sends the feed to a viewer until it disconnects or ctx ends.
func (f *feed) follow(ctx context.Context, s *httpserve.Stream) error {
	beat := time.NewTicker(httpserve.HeartbeatEvery)
	defer beat.Stop()
	var last uint64
	for {
		fr := f.now.Load()
		if fr.seq > last {
			if err := s.Send(fr.since(last)); err != nil {
				return err
			}
			last = fr.seq
		}

		select {
		case <-fr.next:
		case <-ctx.Done():
			return nil
		case <-beat.C:
			if err := s.Heartbeat(); err != nil {
				return err
			}
		}
	}
}
