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

// maxFrame is Kafka's default of socket.request.max.bytes.
const maxFrame = 100 << 20

// A wire is between clients and the library. It closes connections that would crash the process, and changes requests
// and responses in which the library differs from Kafka. It changes no records.
type wire struct {
	client  *kgo.Client // our own, to the same broker
	groups  sync.Mutex  // held by makeClassic
	topics  topicNames
	regexes regexes
}

// listen returns the library's listener.
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

// A conn is one client's connection. The library reads and writes in a goroutine each, and writes a response with one
// call.
type conn struct {
	net.Conn
	wire *wire

	// Used by the reading goroutine only.
	in   *bufio.Reader
	head []byte // the start of the current frame, or all of it
	rest int    // how many bytes of the frame after head are not read yet

	mu    sync.Mutex
	asked map[int32]kmsg.Request // requests whose responses are parsed, by correlation ID
}

// Read returns frames, each after nextFrame has inspected it.
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

// nextFrame reads the start of a frame, or all of it if the request is parsed. An error closes the connection, as in
// Kafka.
func (c *conn) nextFrame() error {
	const fixed = 12 // length, key, version, correlation id
	head := make([]byte, fixed)
	if _, err := io.ReadFull(c.in, head); err != nil {
		return err
	}

	length := int32(binary.BigEndian.Uint32(head))
	key := int16(binary.BigEndian.Uint16(head[4:]))
	version := int16(binary.BigEndian.Uint16(head[6:]))
	switch {
	case length < fixed-4 || length > maxFrame:
		return fmt.Errorf("invalid frame size: %d bytes", length)
	case version < 0 || key == unsupported || kmsg.RequestForKey(key) == nil:
		return fmt.Errorf("unknown request key %d, version %d", key, version)
	}

	c.head = head
	c.rest = int(length) - (fixed - 4)
	if !isParsed(key) {
		return nil
	}

	whole := make([]byte, fixed+c.rest)
	copy(whole, head)
	if _, err := io.ReadFull(c.in, whole[fixed:]); err != nil {
		return err
	}

	c.head = whole
	c.rest = 0
	if request, client := parseRequest(whole[4:]); request != nil {
		correlation := int32(binary.BigEndian.Uint32(head[8:]))
		if c.handle(request, correlation) {
			c.head = kmsg.NewRequestFormatter(kmsg.FormatterClientID(client)).AppendRequest(nil, request, correlation)
		}
	}

	return nil
}

// parseRequest returns nil for an invalid request. The library then closes the connection.
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
		return request, "" // as Kafka treats null
	}
	return request, *client
}

// handle prepares for a request before the library gets it, and reports whether it changed the request.
func (c *conn) handle(request kmsg.Request, correlation int32) (changed bool) {
	switch r := request.(type) {
	case *kmsg.JoinGroupRequest:
		c.wire.makeClassic(r.Group)
		return false
	case *kmsg.ConsumerGroupHeartbeatRequest:
		c.wire.regexes.record(r)
		return false
	case *kmsg.ListGroupsRequest:
		for i, name := range r.TypesFilter { // Kafka ignores case, and Java's client sends upper case
			r.TypesFilter[i] = strings.ToLower(name)
		}
		return len(r.TypesFilter) > 0
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[correlation] = request
	return false
}

// Write writes a response, fixed if needed.
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

	if _, err := c.Conn.Write(c.wire.fixed(request, frame)); err != nil {
		return 0, err
	}
	return len(frame), nil
}

// fixed returns a response as Kafka would send it.
func (w *wire) fixed(request kmsg.Request, frame []byte) []byte {
	response := request.ResponseKind()
	head := 8 // length and correlation id
	if response.IsFlexible() && response.Key() != int16(kmsg.ApiVersions) {
		head++ // no tags
	}
	if len(frame) < head || response.ReadFrom(frame[head:]) != nil {
		return frame // a response of another version, to a client that is newer than the library
	}

	w.fix(request, response)
	out := response.AppendTo(append([]byte(nil), frame[:head]...))
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	return out
}
