package embedded

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// longestFrame is Kafka's socket.request.max.bytes by default.
const longestFrame = 100 << 20

// A wire stands between clients and the library. It ends connections that would end the process, and makes
// requests and answers into what Kafka's would be, where the library's are not. It changes no record.
type wire struct {
	client  *kgo.Client // of our own, to the same broker
	groups  sync.Mutex  // held while a group is made a classic one
	topics  topicNames
	regexes expressions
}

// listen is what the library listens with.
func (w *wire) listen(addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	w.client, err = kgo.NewClient(kgo.SeedBrokers(ln.Addr().String()), kgo.ClientID("embedded"))
	if err != nil {
		return nil, err
	}
	return &listener{Listener: ln, wire: w}, nil
}

func (w *wire) close() {
	if w.client != nil {
		w.client.Close()
	}
}

type listener struct {
	net.Listener
	wire *wire
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, wire: l.wire, in: bufio.NewReaderSize(c, 16<<10), asked: map[int32]kmsg.Request{}}, nil
}

// A conn is one client's connection. The library reads and writes in a goroutine each, and writes an answer
// whole.
type conn struct {
	net.Conn
	wire *wire

	// Of the reading goroutine.
	in   *bufio.Reader
	head []byte // of the frame that is being read, or all of it
	rest int    // bytes of it that are not in head and not read yet

	mu    sync.Mutex
	asked map[int32]kmsg.Request // whose answers are looked into, by correlation id
}

// Read passes frames on, each after a look at it.
func (c *conn) Read(into []byte) (int, error) {
	if len(c.head) == 0 && c.rest == 0 {
		if err := c.nextFrame(); err != nil {
			return 0, err
		}
	}
	if len(c.head) > 0 {
		n := copy(into, c.head)
		c.head = c.head[n:]
		return n, nil
	}

	n, err := c.in.Read(into[:min(len(into), c.rest)])
	c.rest -= n
	return n, err
}

// nextFrame reads the beginning of a frame, and all of it where that is needed. An error ends the connection,
// as Kafka ends it.
func (c *conn) nextFrame() error {
	const fixed = 12 // length, key, version, correlation id
	head := make([]byte, fixed)
	if _, err := io.ReadFull(c.in, head); err != nil {
		return err
	}
	length := int32(binary.BigEndian.Uint32(head))
	key, version := int16(binary.BigEndian.Uint16(head[4:])), int16(binary.BigEndian.Uint16(head[6:]))
	switch {
	case length < fixed-4 || length > longestFrame:
		return fmt.Errorf("a frame of %d bytes", length)
	case version < 0 || key == withheld || kmsg.RequestForKey(key) == nil:
		return fmt.Errorf("request key %d, version %d, is not known", key, version)
	}
	c.head, c.rest = head, int(length)-(fixed-4)
	if !lookedInto(key) {
		return nil
	}

	whole := make([]byte, fixed+c.rest)
	copy(whole, head)
	if _, err := io.ReadFull(c.in, whole[fixed:]); err != nil {
		return err
	}
	c.head, c.rest = whole, 0
	if request, client := parseRequest(whole[4:]); request != nil {
		correlation := int32(binary.BigEndian.Uint32(head[8:]))
		if c.handle(request, correlation) {
			c.head = kmsg.NewRequestFormatter(kmsg.FormatterClientID(client)).AppendRequest(nil, request, correlation)
		}
	}
	return nil
}

// parseRequest is nil for what cannot be parsed: the library ends the connection then.
func parseRequest(frame []byte) (request kmsg.Request, clientID string) {
	r := kbin.Reader{Src: frame}
	request = kmsg.RequestForKey(r.Int16())
	request.SetVersion(r.Int16())
	r.Int32()
	client := r.NullableString()
	if request.IsFlexible() {
		kmsg.SkipTags(&r)
	}
	if r.Complete() != nil || request.ReadFrom(r.Src) != nil {
		return nil, ""
	}
	if client == nil {
		return request, "" // what Kafka takes null for
	}
	return request, *client
}

// handle does what a request needs before the library has it, and reports whether it changed the request.
func (c *conn) handle(request kmsg.Request, correlation int32) (changed bool) {
	switch r := request.(type) {
	case *kmsg.JoinGroupRequest:
		c.wire.makeClassic(r.Group)
		return false
	case *kmsg.ConsumerGroupHeartbeatRequest:
		c.wire.regexes.note(r)
		return false
	case *kmsg.ListGroupsRequest:
		for i, name := range r.TypesFilter { // Kafka takes any case, and Java's client sends capitals
			r.TypesFilter[i] = strings.ToLower(name)
		}
		return len(r.TypesFilter) > 0
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[correlation] = request
	return false
}

// Write passes an answer on, and mends it where that is needed.
func (c *conn) Write(frame []byte) (int, error) {
	if len(frame) < 8 {
		return c.Conn.Write(frame)
	}
	correlation := int32(binary.BigEndian.Uint32(frame[4:]))
	c.mu.Lock()
	request := c.asked[correlation]
	delete(c.asked, correlation)
	c.mu.Unlock()
	if request == nil {
		return c.Conn.Write(frame)
	}

	if _, err := c.Conn.Write(c.wire.mended(request, frame)); err != nil {
		return 0, err
	}
	return len(frame), nil
}

// mended is an answer as Kafka would give it.
func (w *wire) mended(request kmsg.Request, frame []byte) []byte {
	answer := request.ResponseKind()
	head := 8 // length and correlation id
	if answer.IsFlexible() && answer.Key() != int16(kmsg.ApiVersions) {
		head++ // no tags
	}
	if len(frame) < head || answer.ReadFrom(frame[head:]) != nil {
		return frame // of another version, to a client that is newer than the library
	}

	w.mend(request, answer)
	out := answer.AppendTo(append([]byte(nil), frame[:head]...))
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	return out
}
