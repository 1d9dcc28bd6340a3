package report

import (
	"io"

	"golang.org/x/sys/windows"
)

// enableColours makes a console understand colours. Older ones print the codes otherwise.
func enableColours(stdout io.Writer) bool {
	f, ok := stdout.(interface{ Fd() uintptr })
	if !ok {
		return false
	}

	console := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
