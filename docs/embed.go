// Package docs carries the guides that the services show as pages.
package docs

import _ "embed"

// Participant is the participant's guide in Markdown. A section that begins with a line such as
// <!-- lesson: scale-up --> under its heading is shown in that lesson alone.
//
//go:embed participant.md
var Participant string
