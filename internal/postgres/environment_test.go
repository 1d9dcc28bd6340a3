package postgres_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/postgres"
	"kafka-workshop/internal/testing/lacks"
	"kafka-workshop/internal/testing/postgrestest"
)

// Settings for another database do not affect our own server: neither libpq's variables nor the files of a home folder,
// in this process or in its children.
func TestWhatIsMeantForAnotherDatabaseDoesNotReachOurs(t *testing.T) {
	_, cfg := postgrestest.Own(t, t.TempDir())
	home := t.TempDir()
	t.Setenv("HOME", home)
	if err := os.Mkdir(filepath.Join(home, ".postgresql"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"root.crt", "postgresql.crt", "postgresql.key"} {
		if err := os.WriteFile(filepath.Join(home, ".postgresql", name), []byte("of another\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, other := range []string{
		"PGSSLMODE=verify-full", "PGSERVICE=other", "PGSERVICEFILE=/nowhere", "PGSSLROOTCERT=/nowhere", "PGSSLCERT=/nowhere",
		"PGSSLKEY=/nowhere", "PGSSLCERTMODE=odd", "PGOPTIONS=-c search_path=other", "PGTARGETSESSIONATTRS=standby", "PGCONNECT_TIMEOUT=odd",
		"PGHOST=nowhere.invalid", "PGPORT=1", "PGUSER=other", "PGPASSWORD=other", "PGDATABASE=other", "PGPASSFILE=/nowhere",
		"PGMINPROTOCOLVERSION=odd", "PGMAXPROTOCOLVERSION=odd", "PGCHANNELBINDING=require", "PGREQUIREAUTH=none", "PGDATA=/nowhere",
		"PGDATESTYLE=odd", "PGTZ=odd", "PGAPPNAME=other", "PGSSLNEGOTIATION=direct",
	} {
		name, value, _ := strings.Cut(other, "=")
		t.Setenv(name, value)
	}

	s, err := postgres.Start(t.Context(), postgres.Config{Bin: cfg.Bin, Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Stop() }()
	execute(t, s.URL("postgres"), "SELECT 1")
	child, err := exec.Command("env").Output()
	if err != nil || strings.Contains("\n"+string(child), "\nPG") {
		t.Errorf("a child gets %s, %v", child, err)
	}
}

// The error of a start that gives up includes why the server did not answer.
func TestAStartThatGivesUpSaysWhy(t *testing.T) {
	first, cfg := postgrestest.Own(t, t.TempDir())
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cfg.Data, "password"), []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := postgres.Start(ctx, cfg)
	if err == nil || !strings.Contains(err.Error(), "the password is wrong") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("it says %v", err)
	}
}

// A start on a full disk fails with a one-line error, whichever step notices it.
func TestAStartOnAFullDiskSaysSo(t *testing.T) {
	_, own := postgrestest.Own(t, t.TempDir())
	for _, left := range []int64{0, 4 << 10, 8 << 20} {
		disk := t.TempDir()
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=160m,mode=0755", "workshop-test", disk).CombinedOutput(); err != nil {
			lacks.Part(t, "mount a small disk: %v: %s", err, out)
		}
		t.Cleanup(func() {
			if out, err := exec.Command("umount", "--lazy", disk).CombinedOutput(); err != nil {
				t.Errorf("unmount: %v: %s", err, out)
			}
		})
		cfg := postgres.Config{Bin: own.Bin, Data: filepath.Join(disk, "class")}
		full := fill(t, disk, left)
		tells(t, cfg, left)

		if err := os.Remove(full); err != nil {
			t.Fatal(err)
		}
		s, err := postgres.Start(t.Context(), cfg)
		if err != nil {
			t.Fatalf("with room again: %v", err)
		}
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	}
}

func tells(t *testing.T, cfg postgres.Config, left int64) {
	t.Helper()
	s, err := postgres.Start(t.Context(), cfg)
	if err == nil {
		_ = s.Stop() // it should not have started
		t.Errorf("with %d bytes left it starts", left)
	} else if !strings.Contains(err.Error(), "is full: free some space") || strings.Contains(err.Error(), "\n") {
		t.Errorf("with %d bytes left it says %v", left, err)
	}
}

// fill leaves this many bytes of a disk free.
func fill(t *testing.T, disk string, left int64) (ballast string) {
	t.Helper()
	f, err := os.CreateTemp(disk, "ballast-")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size := int64(0)
	for {
		n, err := f.Write(make([]byte, 4096))
		size += int64(n)
		if err != nil {
			break // it is full
		}
	}
	if err := f.Truncate(max(0, size-left)); err != nil && !errors.Is(err, fs.ErrInvalid) {
		t.Fatal(err)
	}
	return f.Name()
}
