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

// events makes the events of five users in a shop: half are page views, a third clicks, the rest
// purchases.
type events struct {
	start string // makes event ids unique across restarts
	rng   *rng
	count uint64
	user  string // of the latest event
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
	kind := eventType(e.rng.IntN(6))

	b = append(b, `{"event_id":"`...)
	b = append(b, e.start...)
	b = append(b, '-')
	b = strconv.AppendUint(b, e.count, 10)
	b = append(b, `","event_type":"`...)
	b = append(b, kind...)
	b = append(b, `","user_id":"`...)
	b = append(b, e.user...)
	b = append(b, `","timestamp":"`...)
	b = now.UTC().AppendFormat(b, workshop.TimeFormat)
	b = append(b, `","session_id":"session_`...)
	b = strconv.AppendInt(b, int64(1000+who*100+e.rng.IntN(3)), 10)

	switch kind {
	case "page_view":
		b = append(b, `","page":"`...)
		b = append(b, e.rng.pick(pages)...)
		b = append(b, `","duration_seconds":`...)
		b = strconv.AppendInt(b, int64(1+e.rng.IntN(300)), 10)
	case "click":
		b = append(b, `","element":"`...)
		b = append(b, e.rng.pick(elements)...)
		b = append(b, `","page":"`...)
		b = append(b, e.rng.pick(pages)...)
		b = append(b, '"')
	default:
		b = append(b, `","product":"`...)
		b = append(b, e.rng.pick(products)...)
		b = append(b, `","price":`...)
		b = strconv.AppendInt(b, int64(5+e.rng.IntN(1500)), 10)
		b = append(b, `.99,"quantity":`...)
		b = strconv.AppendInt(b, int64(1+e.rng.IntN(4)), 10)
	}
	return append(b, '}')
}

// eventType returns the type for n in [0, 6).
func eventType(n int) string {
	switch {
	case n < 3:
		return "page_view"
	case n < 5:
		return "click"
	default:
		return "purchase"
	}
}
