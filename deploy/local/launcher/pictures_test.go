package main

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kafka-workshop/internal/testing/browsertest"

	"github.com/chromedp/chromedp"
)

var pictures = flag.String("pictures", "", "play the demo with 15 teams and write the pictures of the docs to this folder")

// An album takes the pictures of the docs while the demo plays. Without the flag it takes none.
type album struct {
	*deployment
	stack *stack
	tab   *browsertest.Tab // nil without the flag
}

func newAlbum(t *testing.T, d *deployment, s *stack) *album {
	t.Helper()
	a := &album{deployment: d, stack: s}
	if *pictures != "" {
		a.tab = browsertest.Started(t, 10*time.Minute, nil)
		a.tab.Open(t, "http://"+d.board+"/login?next=/instructor#"+s.token, 1440, 900)
		sees(t, a.tab, "the instructor's page", `location.pathname === "/instructor"`)
	}
	return a
}

// asked takes the pictures of the room's vote.
func (a *album) asked(t *testing.T, step string) {
	t.Helper()
	if a.tab == nil || step != "A second member" {
		return
	}
	a.open(t, "/predict", 390, 844, `document.querySelector(".option")`)
	a.tab.Text(t, `document.querySelectorAll(".option")[1].click()`)
	a.photograph(t, "predict", `document.querySelector(".option.mine small")`)
	a.open(t, "/", 1920, 1080, `document.querySelector("#asked .votes")`)
	a.photograph(t, "vote", `Number(document.querySelector("#asked .votes")?.firstChild.textContent) > 5`)
}

// shown takes the pictures of a step once the test has seen what the step shows.
func (a *album) shown(t *testing.T, step string) {
	t.Helper()
	if a.tab == nil {
		return
	}
	const noQuestion = `document.body.dataset.live && !document.querySelector("#asked:not([hidden])")`
	switch step {
	case "A second member":
		a.open(t, "/", 1920, 1080, `document.body.dataset.live`)
		a.photograph(t, "prediction", `document.querySelector("#asked[data-phase=answered]")`)
	case "Who stops":
		a.spotlight(t, "1")
		a.open(t, "/", 1920, 1080, noQuestion)
		a.photograph(t, "spotlight", `document.querySelector("#spot .cell")`)
	case "Healthy is not zero":
		a.spotlight(t, "none")
		a.open(t, "/", 1920, 1080, noQuestion)
		a.photograph(t, "board", `document.querySelector("#spot").hidden`)
		a.tab.Text(t, `document.getElementById("theme").click()`)
		a.photograph(t, "board-light", `document.querySelector("#spot").hidden`)
		a.open(t, "/join", 390, 844, `document.querySelector("main")`)
		a.photograph(t, "join", `document.querySelector("main")`)
	case "Crash":
		a.open(t, "/instructor", 1440, 900, `document.body.dataset.live`)
		a.photograph(t, "instructor", `document.querySelector("#prediction .because")`)
		a.open(t, "/teams/1", 390, 844, `document.body.dataset.live`)
		a.photograph(t, "team", `document.querySelector(".cell.owned")`)
	case "A hot key":
		a.panelPage(t)
	case "Reveal":
		a.open(t, "/", 1920, 1080, `document.body.dataset.live`)
		a.photograph(t, "podium", `document.querySelector("#podium .place1")?.checkVisibility()`)
	}
}

func (a *album) spotlight(t *testing.T, team string) {
	t.Helper()
	if err := a.stack.command(t.Context(), "/spotlight", map[string]any{"team": team}); err != nil {
		t.Fatal(err)
	}
}

func (a *album) panelPage(t *testing.T) {
	t.Helper()
	a.tab.Open(t, "http://"+a.panel+"/", 1440, 900)
	sees(t, a.tab, "the control panel", `document.querySelector("#link.live")`)
	a.write(t, "panel")
}

// open opens a page of the board and waits for a condition. The board for the projector is dark, pages on people's own
// devices are light.
func (a *album) open(t *testing.T, path string, width, height int, condition string) {
	t.Helper()
	theme := "light"
	if path == "/" {
		theme = "dark"
	}
	if a.tab.Text(t, "location.host") != a.board { // each address stores its own theme
		a.tab.Open(t, "http://"+a.board+path, width, height)
	}
	a.tab.Text(t, fmt.Sprintf(`localStorage.setItem("theme", %q)`, theme))
	a.tab.Open(t, "http://"+a.board+path, width, height)
	sees(t, a.tab, condition, condition)
}

// photograph waits for a condition and writes a picture of the page.
func (a *album) photograph(t *testing.T, name, condition string) {
	t.Helper()
	sees(t, a.tab, condition, condition)
	a.write(t, name)
}

// write writes a picture of the page with at most 256 colours, which our pages hardly exceed.
func (a *album) write(t *testing.T, name string) {
	t.Helper()
	shot, err := chromedp.Run(a.tab, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	full, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}

	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, paletted(full)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*pictures, name+".png"), out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s.png: %d KB of %d KB", name, out.Len()>>10, len(shot)>>10)
}

// paletted maps each pixel to the nearest of the picture's 256 commonest colours.
func paletted(full image.Image) *image.Paletted {
	bounds := full.Bounds()
	count := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(full.At(x, y)).(color.RGBA) }
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	commonest := make([]color.RGBA, 0, len(count))
	for c := range count {
		commonest = append(commonest, c)
	}
	slices.SortFunc(commonest, func(a, b color.RGBA) int { return count[b] - count[a] })

	palette := color.Palette{}
	for _, c := range commonest[:min(len(commonest), 256)] {
		palette = append(palette, c)
	}
	nearest := make(map[color.RGBA]uint8, len(count))
	for _, c := range commonest {
		nearest[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			out.SetColorIndex(x, y, nearest[at(x, y)])
		}
	}
	return out
}
