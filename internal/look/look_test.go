package look

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// luminance and contrast are as WCAG 2 defines them.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil || len(hex) != 7 {
		t.Fatalf("%q is no colour", hex)
	}
	var sum float64
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
		c := float64(n>>(8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestInkOnOwnersColours(t *testing.T) {
	signs := map[string]bool{}
	for _, o := range Owners {
		if got := contrast(t, o.Ink, o.Hex); got < 4.5 {
			t.Errorf("%s: contrast %.2f", o.Sign, got)
		}
		signs[o.Sign] = true
	}
	if len(signs) != len(Owners) {
		t.Error("two owners share a sign")
	}
	if OwnerOf(9) != Owners[1] || OwnerOf(-1) != Owners[7] {
		t.Error("colours beyond 7 do not repeat")
	}
}

var variable = regexp.MustCompile(`--([a-z0-9]+): (#[0-9a-f]{6})`)

// themes returns the stylesheet's colours. The first block is the dark theme and the last the light one if it is
// chosen, which must equal the light one of the system's preference.
func themes(t *testing.T) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	dark := map[string]string{}
	blocks := strings.Split(CSS, ":root")
	if len(blocks) != 4 {
		t.Fatalf("%d blocks of colours", len(blocks)-1)
	}
	for _, m := range variable.FindAllStringSubmatch(blocks[1], -1) {
		dark[m[1]] = m[2]
	}
	out["dark"] = dark
	for name, block := range map[string]string{"preferred light": blocks[2], "chosen light": blocks[3]} {
		light := map[string]string{}
		for k, v := range dark {
			light[k] = v
		}
		for _, m := range variable.FindAllStringSubmatch(block, -1) {
			light[m[1]] = m[2]
		}
		out[name] = light
	}
	return out
}

func TestTextOnEveryGround(t *testing.T) {
	for name, c := range themes(t) {
		for _, ground := range []string{"ground", "raised"} {
			for _, text := range []string{"text", "soft", "good", "warn", "bad", "gold", "link"} {
				if got := contrast(t, c[text], c[ground]); got < 4.5 {
					t.Errorf("%s: %s on %s: contrast %.2f", name, text, ground, got)
				}
			}
			if got := contrast(t, c["faint"], c[ground]); got < 3 {
				t.Errorf("%s: outlines on %s: contrast %.2f", name, ground, got)
			}
		}
		for i := range Owners {
			n := strconv.Itoa(i)
			if got := contrast(t, c["i"+n], c["c"+n]); got < 4.5 {
				t.Errorf("%s: ink of %s: contrast %.2f", name, Owners[i].Sign, got)
			}
		}
	}
}

func TestStylesheetAndOwnersAgree(t *testing.T) {
	dark := themes(t)["dark"]
	for i, o := range Owners {
		n := strconv.Itoa(i)
		if dark["c"+n] != o.Hex || dark["i"+n] != o.Ink {
			t.Errorf("%s is %s on %s in the stylesheet", o.Sign, dark["i"+n], dark["c"+n])
		}
	}
}

func TestBadgesAreDrawn(t *testing.T) {
	for _, id := range []string{"connected", "first_load", "scaled", "stats_published", "fault_tolerant", "full_house", "spare", "lag_buster", "sharpshooter"} {
		if BadgeSVG(id) == "" || BadgeUse(id) == "" || !strings.Contains(string(BadgeSprite()), `id="b-`+id+`"`) {
			t.Errorf("%s has no drawing", id)
		}
	}
	if BadgeSVG("none") != "" || BadgeUse("none") != "" {
		t.Error("an unknown badge has a drawing")
	}
}
