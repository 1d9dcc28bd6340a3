package board

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"kafka-workshop/internal/testing/browsertest"
	"kafka-workshop/leaderboard/game"
)

// zalgo is a name whose marks pile up above and below its line.
var zalgo = strings.ReplaceAll("Zalgo", "o", "o"+strings.Repeat("\u0351\u036b\u0343\u036a\u0302\u0317\u0329", 20))

// hostile are texts that affect their surroundings unless something stops them.
var hostile = []string{
	"\u202elive era eW", "x\r\revent: order\rdata: few t2\r\r", "\x1b[2J\x1b[31mBOO\n\tz", "\u2066left \u202bemb", "Al\u2028pha\u2029",
	"\ufeffBOM\u200f\u061c", "\u0085next\u009b31m", zalgo, "فريق النسور", strings.Repeat("W", 249), strings.Repeat("龘", 60), "",
	"\u200b\u200b", "👨‍👩‍👧‍👦 family",
}

// acting returns every shown text of a page in which a character affects its surroundings, except the page's own pairs of
// isolates.
const acting = `(() => {
	const bad = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u200e\u200f\u061c\ufeff]/;
	const own = s => s.replace(/\u2068([^\u2066-\u2069]*)\u2069/g, '$1');
	const out = [];
	const see = (where, s) => { if (bad.test(own(s)) || /[\u2066-\u2069]/.test(own(s)) || /\p{M}{4,}/u.test(s)) out.push(where + ' ' + JSON.stringify(s).slice(0, 80)); };
	see('title', document.title);
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) see(walk.currentNode.parentElement.className || walk.currentNode.parentElement.localName, walk.currentNode.data);
	for (const e of document.body.querySelectorAll('*')) {
		for (const a of ['title', 'aria-label', 'placeholder', 'data-confirm', 'alt']) {
			if (e.hasAttribute(a)) see(e.localName + '[' + a + ']', e.getAttribute(a));
		}
	}
	return out.join('\n');
})()`

// spilling returns every name that is drawn outside its own line's box.
const spilling = `[...document.querySelectorAll('.name, bdi, .who')].filter(e => e.checkVisibility() && e.textContent)
	.filter(e => { for (let p = e; p && p.localName !== 'main' && p.localName !== 'section'; p = p.parentElement) if (getComputedStyle(p).overflowY !== 'visible') return false; return true; })
	.map(e => e.outerHTML.slice(0, 80)).join('\n')`

// hostileRoom returns a room in which everything that others write is one of the hostile texts.
func hostileRoom() *sample {
	s := newSample(len(hostile))
	for i, text := range hostile {
		s.change(i+1, func(t *game.Team) {
			setMembers(t, 5, 6)
			t.Name, t.Group = text, text
			for j := range t.Members {
				t.Members[j].ClientID, t.Members[j].Host = hostile[(i+j)%len(hostile)], text
				t.Members[j].MemberID = text + fmt.Sprint("-", j)
			}
			t.Rejected = []game.Rejection{{Customer: text, Type: text, Given: text, Reason: text}}
			t.Events = []game.Event{{Text: text, Kind: "join"}}
		})
		s.ticker(text, "")
	}
	for _, b := range []*game.Board{&s.Public, &s.Truth} {
		b.Message, b.Stale = hostile[0], []string{hostile[1], hostile[2]}
	}
	for i, text := range hostile {
		s.Instructor.Help = append(s.Instructor.Help, game.Help{Team: i + 1, Kind: "no_member", Text: text, Advice: text})
		s.Instructor.Strangers = append(s.Instructor.Strangers, game.Stranger{Group: text, State: text})
	}
	s.Instructor.Log = s.Public.Ticker
	s.Instructor.Kafka, s.Instructor.Holder = game.Source{Error: hostile[3]}, hostile[2]
	return s
}

func TestForeignTextActsOnNothingBesideIt(t *testing.T) {
	s := hostileRoom()
	r := newRoom(t, s)
	tab := browsertest.New(t)
	r.login(t, tab)

	check := func(what string) {
		t.Helper()
		if got := tab.Text(t, acting); got != "" {
			t.Errorf("%s: text acts on its neighbours:\n%s", what, got)
		}
		if got := tab.Text(t, spilling); got != "" {
			t.Errorf("%s: text is drawn over its neighbours:\n%s", what, got)
		}
	}
	paths := []string{"/", "/instructor", "/teams/2", "/teams/8", "/teams/13"}
	for i, path := range paths {
		tab.Open(t, r.url+path, 1920, 1080)
		want(t, tab, `document.body.dataset.live`)
		check(path)
		if path == "/" {
			tab.Screenshot(t, "hostile-board")
		}
		if path == "/teams/8" {
			tab.Screenshot(t, "hostile-team")
			tab.Open(t, r.url+path, 390, 844)
			want(t, tab, `document.body.dataset.live && document.documentElement.scrollWidth <= innerWidth`)
			tab.Screenshot(t, "hostile-team-phone")
		}

		// And as an update.
		for team := range hostile {
			s.change(team+1, func(t *game.Team) { t.Points += 7 })
		}
		s.Public.Round += i + 1
		s.Truth.Round = s.Public.Round
		s.ticker(hostile[1], "")
		r.show(s)
		want(t, tab, fmt.Sprintf(`document.body.textContent.includes('Round %d') || document.querySelector('#team b')`, s.Public.Round))
		check(path + " after an update")
		if path == "/" {
			want(t, tab, fmt.Sprintf(`document.querySelectorAll('#rows .row').length === %d`, len(hostile)))
		}
	}
	tab.Open(t, r.url+"/", 390, 844)
	want(t, tab, `document.body.dataset.live && document.documentElement.scrollWidth <= innerWidth`)
	tab.Screenshot(t, "hostile-board-phone")
	quiet(t, tab)
}

func TestTheExportIsTextToASpreadsheet(t *testing.T) {
	s := newSample(6)
	names := []string{`=HYPERLINK("http://x.example/","a")`, "+1", "-1", "@SUM(A1)", " \t=1+1", "＝1+1"}
	for i, name := range append(names[:0:0], names...) {
		s.change(i+1, func(t *game.Team) { t.Name = name })
	}

	var out bytes.Buffer
	if err := writeCSV(&out, s.Truth); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		if name := row[4]; !strings.HasPrefix(name, "'") || strings.ContainsAny(name, "\t\r\n\x1b") {
			t.Errorf("a spreadsheet takes %q for a formula", name)
		}
	}
}

func TestMembersThatAreNotListedAreCounted(t *testing.T) {
	s := newSample(2)
	s.change(1, func(t *game.Team) { t.MoreMembers = 12 })
	r := newRoom(t, s)
	for path, want := range map[string]bool{"/teams/1": true, "/teams/2": false} {
		if got := strings.Contains(r.get(t, path, false, 200), "and 12 more"); got != want {
			t.Errorf("%s counts more members: %v", path, got)
		}
	}
	if api := r.get(t, "/api/teams/1", false, 200); !strings.Contains(api, `"more_members":12`) {
		t.Errorf("the API says %s", api)
	}
}
