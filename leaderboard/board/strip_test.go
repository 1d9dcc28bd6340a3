package board

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/internal/workshop"
	"kafka-workshop/leaderboard/game"
)

// crowded returns the longest history that a team may have: lanes that change all the time.
func crowded() game.TeamRecord {
	p := &past{team: 1, partitions: 5, at: sampleNow.Add(-2 * time.Hour)}
	for n := range 500 {
		p.phase(300*time.Millisecond, 1+n%3, game.LaneMoving).phase(14*time.Second, 1+n%6, game.LaneOwned)
	}
	return game.TeamRecord{Team: 1, History: p.lasting(2, game.LaneOwned)}
}

func TestAStripStaysSmall(t *testing.T) {
	r := newRoom(t, newSample(1))
	team := crowded()
	record := game.Record{Round: 1, Partitions: 5, Until: workshop.At(sampleNow)}
	html, err := r.render("strip", wholeStrip(team, record, r.view.Load().Public.Badges))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(team.History.All()); !team.History.Full() || len(html) > 200_000 {
		t.Errorf("%d bytes for %d spans", len(html), n)
	}

	// as many again in a tenth of the time: too close for the drawing to separate
	for i := range team.History.Ended {
		s := &team.History.Ended[i]
		from, to := workshop.At(sampleNow.Add(s.From.Sub(sampleNow)/200)), workshop.At(sampleNow.Add(s.To.Sub(sampleNow)/200))
		s.From, s.To = from, &to
	}
	first := workshop.At(sampleNow.Add(-2 * time.Hour))
	team.History.Ended = append([]game.Span{{From: first, To: &first, State: game.LaneFree}}, team.History.Ended...)
	dense, err := r.render("strip", wholeStrip(team, record, nil))
	if err != nil {
		t.Fatal(err)
	}
	if len(dense) > 20_000 {
		t.Errorf("%d bytes for what is closer than the drawing tells apart", len(dense))
	}
}

func TestMarksStandApart(t *testing.T) {
	s := newStrip("s", nil, 5, sampleNow.Add(-time.Hour), sampleNow, time.Hour)
	var awards []game.Award
	removed := sampleNow
	all := game.Badges(workshop.ScaleUp)
	for i, b := range all {
		awards = append(awards, game.Award{Badge: b.ID, At: sampleNow.Add(time.Duration(i-len(all)) * time.Second)})
	}
	awards[3].Removed = &removed
	s.drawMarks(awards, all)
	if len(s.Marks) != len(all)-1 {
		t.Fatalf("%d marks", len(s.Marks))
	}
	for i, m := range s.Marks {
		if m.Icon < 0 || m.Icon > 96 || (i > 0 && m.Icon-s.Marks[i-1].Icon < 4) {
			t.Errorf("mark %d at %v, the one before at %v", i, m.Icon, s.Marks[max(i-1, 0)].Icon)
		}
	}
}

func TestTheAxisHasAFewTicks(t *testing.T) {
	for _, d := range []time.Duration{time.Minute, 7 * time.Minute, 20 * time.Minute, 2 * time.Hour, 9 * time.Hour, 3 * 24 * time.Hour} {
		s := newStrip("s", crowded().History.Lasting, 5, sampleNow.Add(-d), sampleNow, d)
		s.drawTicks()
		if n := len(s.Ticks); n < 2 || n > mostTicks {
			t.Errorf("%v has %d ticks", d, n)
		}
	}
}

// The part's key is the same from sweep to sweep, and changes when a lane does.
func TestAStripIsDrawnWhenALaneChanges(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	key := func() string { return r.stripPart(s.Public, s.Public.Teams[0]).key }
	was := key()
	s.change(1, func(t *game.Team) { lag := int64(7); t.Lag = &lag })
	if got := key(); got != was {
		t.Errorf("%q, was %q: the lag is not in the drawing", got, was)
	}
	for name, change := range map[string]func(*game.Team){
		"a lane that ended":     func(t *game.Team) { t.History.Lasting = t.History.Lasting[1:] },
		"a lane that is silent": func(t *game.Team) { t.History.Lasting[0].State = game.LaneSilent },
		"a badge":               func(t *game.Team) { t.Badges = append(t.Badges, game.Earned{Badge: game.Spare}) },
		"more that is over":     func(t *game.Team) { t.History.Ended = t.History.Ended[:1] },
	} {
		s := newSample(3)
		s.change(1, change)
		if got := r.stripPart(s.Public, s.Public.Teams[0]).key; got == was {
			t.Errorf("%s leaves the key as it was", name)
		}
	}
}

func TestTheEndOfAStripMovesAndNothingElse(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/teams/1", 1280, 800)
	const width = `Number(document.querySelector('.strip-past').getAttribute('viewBox').split(' ')[2])`
	const below = `document.querySelector('#badges').getBoundingClientRect().top`
	want(t, tab, `document.body.dataset.live && `+width+` > 10000`)
	was := tab.Text(t, below)
	evaluate(t, tab, `document.querySelector('.strip-layer').dataset.kept = 'yes'`)

	// the script extends what lasts to the end: 100 % of what was drawn, plus the time that has passed since
	want(t, tab, `[...document.querySelectorAll('.strip .lasts')].every(l => Math.abs(parseFloat(l.getAttribute('x')) + parseFloat(l.getAttribute('width')) - `+width+` / 100) < .2)`)

	for n := range 3 { // a crash, a badge, a member
		s.change(1, func(t *game.Team) {
			t.History.Lasting = append([]game.Span(nil), t.History.Lasting...)
			t.History.Lasting[n].State = game.LaneSilent
			t.Badges = append(t.Badges, game.Earned{Badge: game.Spare})
			t.Awards = append(t.Awards, game.Award{Badge: game.Spare, At: sampleNow})
		})
		r.show(s)
		want(t, tab, fmt.Sprintf(`document.querySelectorAll('.strip .silence').length >= %d`, n+1))
		if got := tab.Text(t, below); got != was {
			t.Errorf("what is below moved from %s to %s", was, got)
		}
	}
	quiet(t, tab)
}

// What another page draws besides its own content: the last minutes, which slide.
func TestACompactStrip(t *testing.T) {
	s := newSample(3)
	r := newRoom(t, s)
	team := s.Public.Teams[0]
	html, err := r.render("strip", compactStrip("spot", team, 5, s.Public.AsOf.Time))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`class="strip compact rows5"`, `data-slides="1"`, `data-window="180000"`, `id="spot-hatch"`, `class="lasts c0"`} {
		if !strings.Contains(html, part) {
			t.Errorf("%q is missing", part)
		}
	}
	if strings.Contains(html, "axis") || strings.Contains(html, "<use") || strings.Contains(html, "style=") {
		t.Error("a compact strip has no axis and no badges")
	}
	if long := compactStrip("spot", team, 5, sampleNow.Add(time.Hour)); long.Shapes != nil || len(long.Lasting) != 5 {
		t.Errorf("it shows what is over: %v", long.Shapes)
	}
}

// At each time, the replay shows the lanes of the spans, and the score of that time.
func TestTheReplayShowsTheTimeThatItIsSetTo(t *testing.T) {
	s := newSample(6)
	r := newRoom(t, s)
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/replay", 1280, 800)
	want(t, tab, `document.body.dataset.replay === 'ready'`)
	record := game.RecordOf(s.Public)
	for _, share := range []float64{0, .01, .1, .2, .27, .3, .35, .38, .41, .5, .77, 1} {
		at := record.Began.Add(time.Duration(float64(record.Until.Sub(record.Began.Time)) * share)).Truncate(time.Millisecond)
		evaluate(t, tab, fmt.Sprintf(`workshop.replay.show(%d)`, at.Sub(record.Began.Time).Milliseconds()))
		for _, team := range record.Teams {
			got := tab.Text(t, fmt.Sprintf(`[...document.querySelectorAll('#r%d .cell')].map(c => c.dataset.state + ' ' + c.dataset.owner).join()`, team.Team))
			if want := lanesAt(team, record.Partitions, at); got != want {
				t.Errorf("team %d at %v: the page shows %s, the spans say %s", team.Team, at, got, want)
			}
		}
	}
	for _, team := range record.Teams { // at the end, the score is the board's
		want(t, tab, fmt.Sprintf(`document.querySelector('#r%d .points').textContent === '%d' && document.querySelector('#r%d .rank').textContent === '%d'`, team.Team, team.Points, team.Team, team.Rank))
	}
	quiet(t, tab)
}

// lanesAt returns the states of a team's lanes at a time.
func lanesAt(t game.TeamRecord, partitions int, at time.Time) string {
	out := make([]string, partitions)
	for p := range out {
		out[p] = " "
		for _, s := range t.History.All() {
			if int(s.Partition) != p || at.Before(s.From.Time) || (s.To != nil && !at.Before(s.To.Time)) {
				continue
			}
			owner := ""
			if s.Owner != nil {
				owner = *s.Owner
			}
			out[p] = s.State + " " + owner
		}
	}
	return strings.Join(out, ",")
}

func TestTheReplayIsPlayedByKeyboard(t *testing.T) {
	r := newRoom(t, newSample(3))
	tab := browsertest.New(t)
	tab.Open(t, r.url+"/replay", 1280, 800)
	want(t, tab, `document.body.dataset.replay === 'ready'`)
	began, _ := strconv.ParseInt(tab.Text(t, `workshop.replay.began`), 10, 64)
	press := func(key string) {
		t.Helper()
		evaluate(t, tab, fmt.Sprintf(`document.body.dispatchEvent(new KeyboardEvent('keydown', { key: %q, bubbles: true, cancelable: true }))`, key))
	}

	press(".") // the first member of team 1
	want(t, tab, fmt.Sprintf(`Date.parse(document.body.dataset.at) === %d && document.querySelector('#r1 .cell').dataset.owner === 'kgo-1-0'`, began+7000))
	press(",")
	want(t, tab, fmt.Sprintf(`Date.parse(document.body.dataset.at) === %d && document.querySelector('#r1 .lanes').getAttribute('aria-label') === 'no member'`, began))

	evaluate(t, tab, `document.querySelector('[data-speed="60"]').click()`)
	press(" ")
	want(t, tab, `document.querySelector('#play').textContent === 'Pause' && document.querySelector('#at').value > 0`)
	press(" ")
	want(t, tab, `document.querySelector('#play').textContent === 'Play'`)
	want(t, tab, `/^\d\d:\d\d:\d\d, .*into the round$/.test(document.querySelector('#at').getAttribute('aria-valuetext'))`)

	evaluate(t, tab, `{ const at = document.querySelector('#at'); at.value = at.max; at.dispatchEvent(new Event('input')); }`)
	want(t, tab, `document.querySelector('#said').textContent.includes('member')`)
	quiet(t, tab)
}

// A replay contains a bounded part of a round, and states that; it is compressed for clients that accept it.
func TestTheReplayIsBounded(t *testing.T) {
	record := game.Record{Round: 1, Partitions: 5, Until: workshop.At(sampleNow), Began: workshop.At(sampleNow.Add(-2 * time.Hour))}
	for range 20 {
		record.Teams = append(record.Teams, crowded())
	}
	out := replayOf(record)
	spans := 0
	for _, team := range out.Teams {
		spans += len(team.Spans)
	}
	if !out.Cut || spans > maxReplaySpans || spans < maxReplaySpans/2 || !out.To.Before(record.Until.Time) {
		t.Errorf("%d spans up to %v, cut: %v", spans, out.To, out.Cut)
	}
	doc, err := newDocument(out)
	if err != nil || len(doc.plain) > 3<<20 || len(doc.packed) > len(doc.plain)/3 {
		t.Errorf("%d bytes, %d compressed, %v", len(doc.plain), len(doc.packed), err)
	}

	r := newRoom(t, newSample(3))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/api/replay", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("%v", res.Header)
	}
}
