package admission

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"
)

// QR returns text as a QR code in SVG. It is dark on light in every theme, because scanners expect that, and has the quiet
// zone of four modules that ISO/IEC 18004 requires. The label is for screen readers.
func QR(text, label string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("QR code: %w", err)
	}

	var d strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&d, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}

	n := code.Size + 8
	return template.HTML(fmt.Sprintf(`<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="%s" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
		n, n, template.HTMLEscapeString(label), n, n, d.String())), nil
}
