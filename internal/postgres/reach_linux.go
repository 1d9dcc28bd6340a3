package postgres

import "syscall"

// reachFiles lets the other user pass folders that are root's alone, as /root is: the binaries and
// the data may lie below one.
func reachFiles(attr *syscall.SysProcAttr) {
	const capDACOverride = 1 // CAP_DAC_OVERRIDE of capabilities(7)
	attr.AmbientCaps = []uintptr{capDACOverride}
}
