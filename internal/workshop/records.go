package workshop

import "fmt"

// A User is the value of a record on new_users. All fields are always present. The email identifies the
// customer and is unique, even across restarts of the producer.
type User struct {
	Email            string `json:"email"`
	CreditCardNumber string `json:"credit_card_number"`
	CompanyName      string `json:"company_name"`
	CompanySlogan    string `json:"company_slogan"`
	Industry         string `json:"industry"`
	UserName         string `json:"user_name"`
	Avatar           string `json:"avatar"`
	Name             string `json:"name"`
	Profession       string `json:"profession"`
	Field            string `json:"field"`
	Premium          bool   `json:"premium"`
	Credit           int    `json:"credit"`
	TimeZone         string `json:"time_zone"`
	UserAgent        string `json:"user_agent"`
	Pack             string `json:"pack"`
}

// A WebEvent is the value of a record of the web-events lesson. The key is its UserID. Page and
// DurationSeconds are set for page_view, Element and Page for click, the last three for purchase.
type WebEvent struct {
	EventID         string  `json:"event_id"`
	EventType       string  `json:"event_type"`
	UserID          string  `json:"user_id"`
	Timestamp       string  `json:"timestamp"`
	SessionID       string  `json:"session_id"`
	Page            string  `json:"page,omitempty"`
	DurationSeconds int     `json:"duration_seconds,omitempty"`
	Element         string  `json:"element,omitempty"`
	Product         string  `json:"product,omitempty"`
	Price           float64 `json:"price,omitempty"`
	Quantity        int     `json:"quantity,omitempty"`
}

// An Action is what a team decided about a user: the value of a record on team-N.actions.
type Action struct {
	Customer string `json:"customer"` // the user's email
	Type     string `json:"type"`
	Reason   string `json:"reason"`
	Team     string `json:"team"` // as TeamID returns it
}

// Stats are a client's own counts: the value of a record on team-N.stats. They are of one client, or, with Partition
// and NextOffset, of one partition under all its owners: then the records below NextOffset are counted, and the next
// owner continues from there.
type Stats struct {
	Team       string `json:"team"`
	Processed  int64  `json:"processed"`
	Flagged    int64  `json:"flagged"`
	Partition  *int32 `json:"partition,omitempty"`
	NextOffset *int64 `json:"next_offset,omitempty"`
}

// A Job is the value of a record on jobs, in the queues lesson: work that takes time.
type Job struct {
	ID     string `json:"id"` // unique, even across restarts of the producer
	Kind   string `json:"kind"`
	WorkMS int    `json:"work_ms"`
	Poison bool   `json:"poison"` // cannot be done
}

// WorkerStats are a worker's own counts: the value of a record on team-N.stats in the queues lesson. Only the worker
// knows them: the broker does not report which member of a share group accepted a record.
type WorkerStats struct {
	Team        string `json:"team"`
	Processed   int64  `json:"processed"`   // accepted by the worker
	Redelivered int64  `json:"redelivered"` // of them, those that had been delivered before
	Rejected    int64  `json:"rejected"`
}

// PartitionKey returns the key of the Stats of a partition.
func PartitionKey(partition int32) string { return fmt.Sprintf("partition-%d", partition) }

// Headers that our own client puts on its stats records.
const (
	HeaderInstance = "instance"  // the client's instance ID, also the record's key
	HeaderMemberID = "member_id" // its member ID in the group
	HeaderPause    = "pause_ms"  // the pause of a rebalance, on the first record after it
	HeaderLeaving  = "leaving"   // on a clean exit
	HeaderTopicID  = "topic_id"  // with the counts of a partition: the ID of its topic, in hexadecimal
)
