package admission

import (
	_ "embed"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// The scripts fetch the client for the machine that they run on, compare its checksum and start it.
// They hold no secret; BASE is put in when they are served.
var (
	//go:embed join.sh
	shellScript string
	//go:embed join.ps1
	powerShellScript string
)

// A Line is what to paste on one kind of laptop.
type Line struct{ For, Text string }

// Lines are what to paste to fetch and start the client. The code goes by the environment, so that
// no list of processes shows it; without one the client asks for it.
func Lines(base, code string) []Line {
	shell := "curl -fsS " + base + "/join.sh | sh"
	power := "irm " + base + "/join.ps1 | iex"
	if code != "" {
		shell = "curl -fsS " + base + "/join.sh | WORKSHOP_CODE=" + code + " sh"
		power = "$env:WORKSHOP_CODE='" + code + "'; " + power
	}
	return []Line{{"Linux, macOS", shell}, {"Windows (PowerShell)", power}}
}

func (d *Service) script(kind, text string) func(c *gin.Context) error {
	return func(c *gin.Context) error {
		base, err := d.Base(c)
		if err != nil {
			return err
		}
		c.Header("Cache-Control", "no-store")
		c.Data(http.StatusOK, kind, []byte(strings.ReplaceAll(text, "@BASE@", base)))
		return nil
	}
}
