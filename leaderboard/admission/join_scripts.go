package admission

import (
	_ "embed"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// The scripts download the client for the machine they run on, verify its checksum and start it. They hold no secret. @BASE@
// is replaced when they are served.
var (
	//go:embed join.sh
	shellScript string
	//go:embed join.ps1
	powerShellScript string
)

// A Line is the command to paste into a terminal on one kind of laptop.
type Line struct{ For, Text string }

// Lines returns the commands that download and start the client. They pass the code in the environment,
// because process lists show command lines. With an empty code, the client asks for it.
func Lines(base, code string) []Line {
	shell := "curl -fsS " + base + "/join.sh | sh"
	power := "irm " + base + "/join.ps1 | iex"
	if code != "" {
		shell = "curl -fsS " + base + "/join.sh | WORKSHOP_CODE=" + code + " sh"
		power = "$env:WORKSHOP_CODE='" + code + "'; " + power
	}
	return []Line{{"Linux, macOS", shell}, {"Windows (PowerShell)", power}}
}

func (s *Service) script(kind, text string) func(c *gin.Context) error {
	return func(c *gin.Context) error {
		base, err := s.Base(c)
		if err != nil {
			return err
		}
		c.Header("Cache-Control", "no-store")
		c.Data(http.StatusOK, kind, []byte(strings.ReplaceAll(text, "@BASE@", base)))
		return nil
	}
}
