package look

import (
	"html/template"
	"maps"
	"slices"
	"strings"
)

const (
	pen  = ` viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"`
	mute = ` width="24" height="24" aria-hidden="true" focusable="false"`
)

// strokes are the badges' drawings, 24 by 24.
var strokes = map[string]string{
	"connected":       `<path d="M9 2v5M15 2v5M6 7h12v4a6 6 0 0 1-12 0zM12 17v5"/>`,
	"first_load":      `<path d="M12 16V4M7 9l5-5 5 5M4 15v5h16v-5"/>`,
	"scaled":          `<path d="M12 3v18M7 21h10M4 7h16M4 7l-2.5 6a3 3 0 0 0 5 0zM20 7l-2.5 6a3 3 0 0 0 5 0z"/>`,
	"stats_published": `<path d="M4 21V11h4v10zM10 21V3h4v18zM16 21v-7h4v7z"/>`,
	"fault_tolerant":  `<circle cx="12" cy="12" r="9"/><circle cx="12" cy="12" r="4"/><path d="M5.6 5.6l3.6 3.6M18.4 5.6l-3.6 3.6M5.6 18.4l3.6-3.6M18.4 18.4l-3.6-3.6"/>`,
	"full_house":      `<path d="M5 22V3h14l-3 5 3 5H5M9.5 3v10M14 3v10M5 8h11"/>`,
	"spare":           `<path d="M7 3v10h10M7 13v8M17 13v8M7 17h10"/>`,
	"lag_buster":      `<path d="M13 3l-2 9M7 12h9l2 9H4zM9 21l1-4M14 21l-.5-4"/>`,
	"sharpshooter":    `<circle cx="12" cy="12" r="9"/><circle cx="12" cy="12" r="5"/><circle cx="12" cy="12" r="1"/>`,
	"foresight":       `<circle cx="12" cy="10" r="7"/><path d="M8 17l-2 4h12l-2-4"/><path d="M9 7.5a4 4 0 0 1 3-2"/>`,
	"crew":            `<path d="M12 2l5 3v6l-5 3-5-3V5zM7 11l5 3v6l-5 3-5-3v-6zM17 11l5 3v6l-5 3-5-3"/>`,
	"redelivered":     `<path d="M3 9h12a6 6 0 0 1 0 12H8M3 9l5-6M3 9l5 6"/>`,
	"poison":          `<path d="M12 2c4.7 0 8 3.2 8 7.5 0 2.700-1.3 4.600-3 5.700V19H7v-3.800c-1.700-1.100-3-3-3-5.700C4 5.200 7.300 2 12 2z"/><circle cx="9" cy="10" r="1.5"/><circle cx="15" cy="10" r="1.5"/><path d="M10 22v-3M14 22v-3"/>`,
	"remembers":       `<ellipse cx="12" cy="5" rx="8" ry="3"/><path d="M4 5v14c0 1.7 3.6 3 8 3s8-1.3 8-3V5"/><path d="M8.5 14.5l2.5 2.5 5-5.5"/>`,
}

// BadgeSVG returns the drawing of the badge with an id: 24x24, in currentColor, for machines without an emoji font. It
// is empty for an unknown id.
func BadgeSVG(id string) template.HTML {
	if strokes[id] == "" {
		return ""
	}
	return template.HTML("<svg" + pen + mute + ">" + strokes[id] + "</svg>")
}

// BadgeSprite returns every badge's drawing once, for a page that uses them often with BadgeUse.
func BadgeSprite() template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="sprite" width="0" height="0" aria-hidden="true">`)
	for _, id := range slices.Sorted(maps.Keys(strokes)) {
		b.WriteString(`<symbol id="b-` + id + `"` + pen + `>` + strokes[id] + `</symbol>`)
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// BadgeUse returns a reference to a badge of the page's BadgeSprite. It is empty for an unknown id.
func BadgeUse(id string) template.HTML {
	if strokes[id] == "" {
		return ""
	}
	return template.HTML("<svg" + mute + `><use href="#b-` + id + `"/></svg>`)
}
