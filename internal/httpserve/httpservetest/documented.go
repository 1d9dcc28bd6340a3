package httpservetest

import (
	"os"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// CheckDocumented checks that docs/api.md, at the given path, names each route of the engine, as in GET /api/board.
// Assets are exempt, because their addresses change with their contents.
func CheckDocumented(t *testing.T, engine *gin.Engine, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	for _, route := range engine.Routes() {
		if strings.HasPrefix(route.Path, "/assets/") {
			continue
		}
		name := route.Method + " " + route.Path
		if !strings.Contains(string(text), name+"\n") && !strings.Contains(string(text), name+"`") {
			t.Errorf("%s does not name %s", file, name)
		}
	}
}
