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

// UntilPipeCloses returns a command for a program such as postgres that does not watch its parent. The program gets the
// signal with that name when its standard input closes, and then has as much time as it needs. As root, the command
// runs as another user, because such programs refuse to run as root.
func UntilPipeCloses(signal, name string, args ...string) *exec.Cmd {
	cmd := process.UntilPipeCloses(signal, 0, name, args...)
	setUser(cmd)
	return cmd
}

// command returns a command for a program that ends by itself. A shell starts it, because the shell has the capability of
// reachFiles when it looks up the program, which may be below a folder that only root can read.
func command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command("sh", append([]string{"-c", `exec "$@"`, "sh", name}, args...)...)
	setUser(cmd)
	return cmd
}

// runUser returns the user as which PostgreSQL runs if we are root, and nil otherwise.
func runUser() *syscall.Credential {
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

// setUser makes the command run as runUser.
func setUser(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}

	cmd.Dir = "/" // the other user may have no access to ours
	cmd.SysProcAttr.Credential = runUser()
	if cmd.SysProcAttr.Credential != nil {
		reachFiles(cmd.SysProcAttr)
	}
}

// Chown makes the user as which UntilPipeCloses runs programs the owner of the folder and everything in it.
func Chown(dir string) error {
	owner := runUser()
	if owner == nil {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(owner.Uid), int(owner.Gid))
	})
}
