// Package docs carries the guides that the services show as pages, the programs in them, and the JSON Schemas of the records.
package docs

import "embed"

// Schemas are the JSON Schemas (draft 2020-12) of the records' values, such as schemas/user.json, and of the lines that the
// participant client prints as JSON, such as schemas/describe.json.
//
//go:embed schemas/*.json
var Schemas embed.FS

// Participant is the participant's guide in Markdown. A section that has a line such as
// <!-- lesson: scale-up --> under its heading is shown in that lesson only. The line may name several lessons,
// separated by spaces.
//
//go:embed participant.md
var Participant string
