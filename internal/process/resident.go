package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
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

// CPUTime returns the processor time that a process has used, which Linux counts in steps of 10 ms.
func CPUTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(stat), ") ") // its name may have spaces
	fields := strings.Fields(after)                // the first is field 3 of proc(5)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields)+2)
	}

	var used time.Duration
	for _, field := range fields[11:13] { // utime and stime
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
		}
		used += time.Duration(ticks) * 10 * time.Millisecond
	}
	return used, nil
}
