package postgres

import "syscall"

// reachFiles gives the command access to folders that only root can read, such as /root: the binaries and the data may be
// below one.
func reachFiles(attr *syscall.SysProcAttr) {
	const capDACOverride = 1 // CAP_DAC_OVERRIDE of capabilities(7)
	attr.AmbientCaps = []uintptr{capDACOverride}
}
