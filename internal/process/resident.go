package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Resident returns the resident memory of a process in MB of 1,048,576 bytes. It works on Linux only.
func Resident(pid int) (mb float64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}

	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kb, err := strconv.ParseFloat(strings.Fields(after + " ? ")[0], 64)
	if err != nil {
		return 0, fmt.Errorf("memory of process %d: %w", pid, err)
	}
	return kb / 1024, nil
}
