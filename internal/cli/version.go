package cli

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker flags of a release.
var version string

// Version returns the release, the commit and the version of Go that the program was built from.
func Version() string {
	commit, modified := commit()
	return fmt.Sprintf("%s (commit %s%s, %s, %s/%s)", cmp.Or(version, "devel"), cmp.Or(commit, "unknown"), modified,
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// commit returns the commit that the build recorded, and whether there were changes on top of it.
func commit() (commit, modified string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", ""
	}

	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			commit = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = " and changes"
		}
	}
	return commit, modified
}
