package load

import (
	"strconv"
	"time"

	"kafka-workshop/internal/workshop"
)

var (
	eventUsers = []string{"user_001", "user_002", "user_003", "user_004", "user_005"}
	pages      = []string{"/", "/products", "/products/42", "/cart", "/checkout", "/about", "/blog", "/help"}
	elements   = []string{"add_to_cart", "buy_now", "menu", "search", "newsletter", "logo", "next_page"}
	products   = []string{"Laptop", "Phone", "Headphones", "Keyboard", "Monitor", "Camera", "Backpack"}
)

// events are what five users do in a shop: half of it looking, a third clicking, the rest buying.
type events struct {
	start string
	rng   *dice
	count uint64
	user  string
	key   []byte
}

func (e *events) User() []byte {
	e.key = append(e.key[:0], e.user...)
	return e.key
}

func (e *events) Append(b []byte, now time.Time) []byte {
	e.count++
	who := e.rng.IntN(len(eventUsers))
	e.user = eventUsers[who]
	kind := e.rng.IntN(6)
	b = append(b, `{"event_id":"`...)
	b = append(b, e.start...)
	b = append(b, '-')
	b = strconv.AppendUint(b, e.count, 10)
	b = append(b, `","event_type":"`...)
	b = append(b, eventType(kind)...)
	b = append(b, `","user_id":"`...)
	b = append(b, e.user...)
	b = append(b, `","timestamp":"`...)
	b = now.UTC().AppendFormat(b, workshop.TimeFormat)
	b = append(b, `","session_id":"session_`...)
	b = strconv.AppendInt(b, int64(1000+who*100+e.rng.IntN(3)), 10)
	switch eventType(kind) {
	case "page_view":
		b = append(b, `","page":"`...)
		b = append(b, one(e.rng, pages)...)
		b = append(b, `","duration_seconds":`...)
		b = strconv.AppendInt(b, int64(1+e.rng.IntN(300)), 10)
	case "click":
		b = append(b, `","element":"`...)
		b = append(b, one(e.rng, elements)...)
		b = append(b, `","page":"`...)
		b = append(b, one(e.rng, pages)...)
		b = append(b, '"')
	default:
		b = append(b, `","product":"`...)
		b = append(b, one(e.rng, products)...)
		b = append(b, `","price":`...)
		b = strconv.AppendInt(b, int64(5+e.rng.IntN(1500)), 10)
		b = append(b, `.99,"quantity":`...)
		b = strconv.AppendInt(b, int64(1+e.rng.IntN(4)), 10)
	}
	return append(b, '}')
}

func eventType(kind int) string {
	switch {
	case kind < 3:
		return "page_view"
	case kind < 5:
		return "click"
	default:
		return "purchase"
	}
}
