//go:build !windows

package postgres

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"kafka-workshop/internal/process"
)

// UntilPipeCloses runs a program of PostgreSQL's kind so that it ends, by the signal of that name, when its
// standard input closes, in the time that it takes: such programs do not watch their parent. Those that
// refuse to run as root run as another user.
func UntilPipeCloses(signal, name string, args ...string) *exec.Cmd {
	cmd := process.UntilPipeCloses(signal, 0, name, args...)
	asOther(cmd)
	return cmd
}

// command runs a program to its end. The shell between gains the capability of reachFiles before it
// looks the program up, which may lie below a folder that is root's alone.
func command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command("sh", append([]string{"-c", `exec "$@"`, "sh", name}, args...)...)
	asOther(cmd)
	return cmd
}

// other is whom PostgreSQL runs as: it refuses to run as root. Nil means as ourselves.
func other() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: true}
		}
	}
	return nil
}

// asOther makes the command run as other.
func asOther(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.Dir = "/" // our own folder may be closed to the other user
	if cmd.SysProcAttr.Credential = other(); cmd.SysProcAttr.Credential != nil {
		reachFiles(cmd.SysProcAttr)
	}
}

// HandOver gives the folder and what is in it to the user that UntilPipeCloses runs programs as.
func HandOver(dir string) error {
	who := other()
	if who == nil {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(who.Uid), int(who.Gid))
	})
}
