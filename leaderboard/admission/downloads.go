package admission

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/workshop"

	"github.com/gin-gonic/gin"
)

// downloads serves the regular files at the top of one folder, with their SHA-256. Files may be added
// while the service runs.
type downloads struct {
	dir string

	mu   sync.Mutex
	sums map[string]sum
}

type sum struct {
	size int64
	mod  time.Time
	hex  string
}

func newDownloads(dir string) *downloads { return &downloads{dir: dir, sums: map[string]sum{}} }

// sumsName is the file that lists all checksums, as sha256sum -c reads it.
const sumsName = "SHA256SUMS"

// downloadTimeout is generous because the whole room downloads over one wifi at the same time.
const downloadTimeout = 10 * time.Minute

func (s *Service) download(c *gin.Context) error {
	name := c.Param("name")
	missing := httpserve.Status(http.StatusNotFound, "no such download: it is not in the folder of --downloads")
	switch {
	case name == "ca.pem" && s.ca != "":
		c.Data(http.StatusOK, "application/x-pem-file", []byte(s.ca))
		return nil
	case s.files.dir == "" || strings.HasPrefix(name, "."):
		return missing
	case name == sumsName:
		list, err := s.files.list()
		if err != nil {
			return err
		}
		c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(list))
		return nil
	}

	root, err := os.OpenRoot(s.files.dir)
	if err != nil {
		return missing
	}

	defer func() { _ = root.Close() }() // only read from
	f, err := root.Open(name)
	if err != nil && slices.Contains(s.BeingBuilt(), name) {
		c.Header("Retry-After", "60")
		return httpserve.Status(http.StatusServiceUnavailable, "%s is still being built: try again in a minute", name)
	}

	if err != nil {
		return missing
	}

	defer func() { _ = f.Close() }() // only read from
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return missing
	}

	hash, err := s.files.sum(root, name, info)
	if err != nil {
		return err
	}

	c.Header("ETag", `"`+hash+`"`)
	c.Header("Cache-Control", "no-cache")
	c.Header("Content-Type", "application/octet-stream")
	// If the deadline cannot be set, the server's own one applies.
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(downloadTimeout))
	http.ServeContent(c.Writer, c.Request, name, info.ModTime(), f)
	return nil
}

// BeingBuilt returns the file names of the clients that the launcher is still building, the next one first.
func (s *Service) BeingBuilt() []string {
	if s.files.dir == "" {
		return nil
	}

	text, err := os.ReadFile(filepath.Join(s.files.dir, workshop.BeingBuilt))
	if err != nil {
		return nil // the file exists only while something is being built
	}

	return slices.DeleteFunc(strings.Fields(string(text)), func(name string) bool {
		_, err := os.Stat(filepath.Join(s.files.dir, filepath.Base(name)))
		return err == nil // built by an earlier run
	})
}

// list returns a line per file: checksum and name.
func (f *downloads) list() (string, error) {
	root, err := os.OpenRoot(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("open --downloads: %w", err)
	}

	defer func() { _ = root.Close() }() // only read from
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return "", fmt.Errorf("read --downloads: %w", err)
	}

	var lines []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || strings.HasPrefix(e.Name(), ".") || e.Name() == sumsName {
			continue
		}

		hash, err := f.sum(root, e.Name(), info)
		if err != nil {
			return "", err
		}

		lines = append(lines, hash+"  "+e.Name()+"\n")
	}

	sort.Strings(lines)
	return strings.Join(lines, ""), nil
}

// sum returns a file's SHA-256, cached until the file changes.
func (f *downloads) sum(root *os.Root, name string, info fs.FileInfo) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s, ok := f.sums[name]; ok && s.size == info.Size() && s.mod.Equal(info.ModTime()) {
		return s.hex, nil
	}

	file, err := root.Open(name)
	if err != nil {
		return "", fmt.Errorf("open the download %s: %w", name, err)
	}

	defer func() { _ = file.Close() }() // only read from
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("read the download %s: %w", name, err)
	}

	s := sum{info.Size(), info.ModTime(), hex.EncodeToString(hash.Sum(nil))}
	f.sums[name] = s
	return s.hex, nil
}
