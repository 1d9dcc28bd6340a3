package cli

import "runtime/debug"

// version is set by the linker flags of a release.
var version string

// Version returns the release, or else the commit that the build recorded.
func Version() string {
	if version != "" {
		return version
	}

	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}

	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel " + s.Value[:12]
		}
	}

	return "devel"
}
