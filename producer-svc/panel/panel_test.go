package panel

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/producer-svc/control"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "a-token-of-the-tests"

// room is a panel over a Controller that produces to a broker.
type room struct {
	cluster    *kafkatest.Cluster
	controller *control.Controller
	url        string
	server     *httptest.Server
	handler    http.Handler
}

func open(t testing.TB) *room {
	t.Helper()
	c := kafkatest.New(t)
	log := slog.New(slog.DiscardHandler)
	controller, err := control.New(control.Config{Kafka: c.Config, Room: workshop.Room{Namespace: c.Namespace, Lesson: workshop.ScaleUp},
		Initial: workshop.ScaleUp.DefaultLoad(), Holder: "tests", Log: log})
	if err != nil {
		t.Fatal(err)
	}
	p := New(Config{Controller: controller, Auth: httpserve.NewAuth(token), Log: log})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{}, 2)
	go func() { controller.Run(ctx); ended <- struct{}{} }()
	go func() { p.Run(ctx); ended <- struct{}{} }()
	t.Cleanup(func() { cancel(); <-ended; <-ended })
	r := &room{cluster: c, controller: controller, handler: p.Handler()}
	r.server = httptest.NewServer(r.handler)
	r.url = r.server.URL
	t.Cleanup(func() { r.server.CloseClientConnections(); r.server.Close(); http.DefaultClient.CloseIdleConnections() })
	wait.Until(t, "holding the load", func() bool { return controller.Ready() == nil })
	return r
}

func (r *room) do(t testing.TB, method, path, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestEverythingButHealthNeedsTheToken(t *testing.T) {
	r := open(t)
	for _, tt := range []struct {
		method, path string
		open         bool
	}{
		{"GET", "/healthz", true}, {"GET", "/readyz", true}, {"GET", "/login", true},
		{"GET", "/", false}, {"GET", "/events", false}, {"GET", "/metrics", false}, {"GET", "/api/load", false},
		{"PUT", "/api/load", false}, {"POST", "/api/ramp", false}, {"POST", "/api/burst", false}, {"POST", "/api/partitions", false},
	} {
		w := httptest.NewRecorder()
		r.handler.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, strings.NewReader("{}")))
		if want := map[bool]int{true: 200, false: 401}[tt.open]; w.Code != want {
			t.Errorf("%s %s without the token: %d, want %d", tt.method, tt.path, w.Code, want)
		}
	}
	if code, _ := r.do(t, "PUT", "/api/load", `{"rate":1}`, "Origin", "http://evil.test"); code != 403 {
		t.Errorf("from another site: %d", code)
	}
}

// contract is the JSON of GET /api/load as other programs read it.
type contract struct {
	Rate       *float64 `json:"rate"`
	Paused     *bool    `json:"paused"`
	Keys       *string  `json:"keys"`
	FixedKeys  *int     `json:"fixed_keys"`
	HotShare   *float64 `json:"hot_share"`
	Lesson     *string  `json:"lesson"`
	Achieved   *float64 `json:"achieved"`
	Produced   *int64   `json:"produced"`
	Errors     *int64   `json:"errors"`
	Dropped    *int64   `json:"dropped"`
	AckP50     *float64 `json:"ack_p50_ms"`
	AckP99     *float64 `json:"ack_p99_ms"`
	LimitedBy  *string  `json:"limited_by"`
	Partitions []struct {
		Partition *int     `json:"partition"`
		Produced  *int64   `json:"produced"`
		Rate      *float64 `json:"rate"`
	} `json:"partitions"`
	Ramp *struct {
		To     *float64   `json:"to"`
		EndsAt *time.Time `json:"ends_at"`
	} `json:"ramp"`
}

func (r *room) load(t testing.TB) contract {
	t.Helper()
	code, text := r.do(t, "GET", "/api/load", "")
	var out contract
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&out); err != nil || code != 200 {
		t.Fatalf("%d %v: %s", code, err, text)
	}
	return out
}

func TestTheAPIKeepsItsContract(t *testing.T) {
	r := open(t)
	if code, text := r.do(t, "PUT", "/api/load", `{"rate":250.5,"keys":"fixed","fixed_keys":3,"hot_share":0.5,"paused":false}`); code != 200 {
		t.Fatal(code, text)
	}
	if code, text := r.do(t, "PUT", "/api/load", `{"fixed_keys":7}`); code != 200 {
		t.Fatal(code, text)
	}
	l := r.load(t)
	if *l.Rate != 250.5 || *l.Keys != "fixed" || *l.FixedKeys != 7 || *l.HotShare != 0.5 || *l.Lesson != "scale-up" || len(l.Partitions) != 5 || l.Ramp != nil {
		t.Errorf("%+v", l)
	}
	if code, _ := r.do(t, "POST", "/api/ramp", `{"to":500,"seconds":30}`); code != 200 {
		t.Error(code)
	}
	if l = r.load(t); l.Ramp == nil || *l.Ramp.To != 500 || l.Ramp.EndsAt.Before(time.Now()) {
		t.Errorf("ramp %+v", l.Ramp)
	}
	if code, _ := r.do(t, "PUT", "/api/load", `{"rate":10,"paused":true}`); code != 200 {
		t.Error(code)
	}
	before := *r.load(t).Produced
	if code, _ := r.do(t, "POST", "/api/burst", `{"records":1000}`); code != 200 {
		t.Error(code)
	}
	wait.Until(t, "the burst, while paused", func() bool { return *r.load(t).Produced >= before+1000 })
	if code, _ := r.do(t, "POST", "/api/partitions", `{"count":6}`); code != 200 {
		t.Error(code)
	}
	if code, text := r.do(t, "POST", "/api/partitions", `{"count":5}`); code != 409 || !strings.Contains(text, "6 partitions") {
		t.Errorf("fewer: %d %s", code, text)
	}
	_, text := r.do(t, "GET", "/metrics", "")
	for _, name := range []string{"producer_records_total", "producer_bytes_total", "producer_errors_total 0", "producer_dropped_total",
		"producer_target_rate 0", "producer_achieved_rate", "producer_ack_seconds_bucket", `producer_partition_records_total{partition="5"}`} {
		if !strings.Contains(text, "\n"+name) {
			t.Errorf("/metrics has no %s", name)
		}
	}
}

func TestWrongFieldsAreNamedAndChangeNothing(t *testing.T) {
	r := open(t)
	before := r.load(t)
	for _, tt := range []struct{ path, body, says string }{
		{"/api/load", `{"rate":-1}`, "rate"}, {"/api/load", `{"rate":NaN}`, "rate"}, {"/api/load", `{"rate":1e7}`, "rate"},
		{"/api/load", `{"rate":1e999}`, "rate"}, {"/api/load", `{"rate":"ten"}`, "rate"}, {"/api/load", `{"paused":1}`, "paused"},
		{"/api/load", `{"keys":"odd"}`, "keys"}, {"/api/load", `{"fixed_keys":0}`, "fixed_keys"}, {"/api/load", `{"fixed_keys":1.5}`, "fixed_keys"},
		{"/api/load", `{"hot_share":2}`, "hot_share"}, {"/api/load", `{"rate":5,"speed":1}`, "speed"}, {"/api/load", `{"rate":5}{}`, "more than one"},
		{"/api/load", `{"keys":"` + strings.Repeat("x", 70_000) + `"}`, "larger than"}, {"/api/load", ``, "empty"},
		{"/api/load", `{"rate":5,"hot_share":-1}`, "hot_share"},
		{"/api/ramp", `{"seconds":3}`, "to"}, {"/api/ramp", `{"to":3}`, "seconds"}, {"/api/ramp", `{"to":3,"seconds":1e300}`, "seconds"},
		{"/api/ramp", `{"to":-3,"seconds":1}`, "to"}, {"/api/ramp", `{"to":3,"seconds":-1}`, "seconds"},
		{"/api/burst", `{"records":0}`, "records"}, {"/api/burst", `{"records":1e12}`, "records"}, {"/api/burst", `{}`, "records"},
		{"/api/partitions", `{"count":0}`, "count"}, {"/api/partitions", `{"count":1000000}`, "count"}, {"/api/partitions", `{}`, "count"},
	} {
		method := map[bool]string{true: "PUT", false: "POST"}[tt.path == "/api/load"]
		code, text := r.do(t, method, tt.path, tt.body)
		var out struct{ Error string }
		if err := json.Unmarshal([]byte(text), &out); err != nil || code != 400 || !strings.Contains(out.Error, tt.says) {
			t.Errorf("%s %.60s: %d %s", tt.path, tt.body, code, text)
		}
	}
	after := r.load(t)
	if *after.Rate != *before.Rate || *after.Keys != *before.Keys || *after.HotShare != *before.HotShare || after.Ramp != nil || len(after.Partitions) != 5 {
		t.Errorf("changed from %+v to %+v", before, after)
	}
}

func TestPageShowsStrangeTextAsText(t *testing.T) {
	var b strings.Builder
	v := pageView{state: state{View: control.View{Topic: "<script>alert(1)</script>", Note: `"><img src=x>`}}, BoardURL: "javascript:alert(1)", Presets: presets}
	v.Keys = "null"
	if err := pageTemplate.Execute(&b, v); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script>alert", "<img", "javascript:alert"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	for _, inline := range []string{" style=", " onclick=", "<style"} {
		if strings.Contains(b.String(), inline) {
			t.Errorf("the policy refuses%s", inline)
		}
	}
}

func TestFigures(t *testing.T) {
	for in, want := range map[float64]string{0: "0", 0.5: "0.50", 10: "10", 9.98: "9.98", 12.34: "12.3", 999.6: "1,000", 1e6: "1,000,000"} {
		if got := rate(in); got != want {
			t.Errorf("rate(%v) = %s, want %s", in, got, want)
		}
	}
}
