// Package admission serves what participants need to join: a team's settings in exchange for its code, the handouts, the
// client's binaries, and the scripts that download and start them. Package provision creates the users and ACLs on the
// cluster, and package board shows the pages.
package admission

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"kafka-workshop/internal/httpserve"
	"kafka-workshop/internal/kafka"
	"kafka-workshop/internal/workshop"

	"github.com/gin-gonic/gin"
)

// Config configures a Service.
type Config struct {
	workshop.Room
	Secret    workshop.Secret       // codes and passwords derive from it; if empty, codes are random and valid until the process ends
	Kafka     kafka.Config          // how this service reaches the cluster; participants use the same TLS and SASL settings
	Brokers   []string              // the brokers' addresses for participants; Kafka.Brokers if empty
	PublicURL string                // the address that participants type; the request's host if empty
	PanelURL  string                // the control panel's address, for a link on the handouts; empty for none
	Downloads string                // folder of binaries; empty for none
	Auth      *httpserve.Auth       // protects the handouts; nil serves none
	Name      func(team int) string // a team's name on the board; nil for team-N
	Now       func() time.Time      // time.Now if nil
}

// A Service serves settings, handouts and downloads. Its methods are safe for concurrent use.
type Service struct {
	cfg   Config
	ca    string
	codes []string
	teams map[[sha256.Size]byte]int // by the code's hash, so that the time of a lookup reveals nothing about codes
	guard *httpserve.Guard
	files *downloads
}

// New derives the codes and reads the CA certificate.
func New(cfg Config) (*Service, error) {
	if cfg.Secret == "" {
		cfg.Secret = workshop.Secret(rand.Text())
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Name == nil {
		cfg.Name = workshop.TeamID
	}
	if len(cfg.Brokers) == 0 {
		cfg.Brokers = cfg.Kafka.Brokers
	}

	s := &Service{
		cfg:   cfg,
		codes: cfg.Secret.Codes(cfg.Namespace, cfg.Teams),
		guard: httpserve.NewGuard(guessesAnHour(cfg.Teams), cfg.Now()),
		files: newDownloads(cfg.Downloads),
	}
	s.teams = make(map[[sha256.Size]byte]int, len(s.codes))
	for i, code := range s.codes {
		s.teams[sha256.Sum256([]byte(code))] = i + 1
	}

	if cfg.Kafka.CA != "" {
		pem, err := os.ReadFile(cfg.Kafka.CA)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		s.ca = string(pem)
	}

	return s, nil
}

// Register adds the API, the downloads and the instructor's handouts to the engine.
func (s *Service) Register(e *gin.Engine) {
	e.POST("/api/join", httpserve.Handle(s.join))
	e.GET("/join.sh", httpserve.Handle(s.script("text/x-shellscript; charset=utf-8", shellScript)))
	e.GET("/join.ps1", httpserve.Handle(s.script("text/plain; charset=utf-8", powerShellScript)))
	e.GET("/downloads/:name", httpserve.Handle(s.download))
	if s.cfg.Auth != nil {
		e.GET("/instructor/handouts", s.cfg.Auth.Require(), httpserve.Handle(s.handoutsPage))
		e.GET("/instructor/handouts.csv", s.cfg.Auth.Require(), httpserve.Handle(s.handoutsCSV))
	}
}

// join answers POST /api/join.
func (s *Service) join(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	var in struct {
		Code string `json:"code"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}

	j, err := s.Open(c, in.Code)
	if err != nil {
		return err
	}

	c.JSON(http.StatusOK, j)
	return nil
}

// Open returns the settings of the team with the typed code. Errors about wrong codes are delayed.
func (s *Service) Open(c *gin.Context, typed string) (workshop.Joining, error) {
	c.Header("Cache-Control", "no-store")
	base, err := s.Base(c)
	if err != nil {
		return workshop.Joining{}, err
	}

	team := 0
	ok, err := s.guard.Try(c, s.cfg.Now(), func() bool {
		code := workshop.PlainCode(typed)
		team = s.teams[sha256.Sum256([]byte(code))]
		return team > 0
	})
	if err != nil {
		return workshop.Joining{}, err
	}
	if !ok {
		return workshop.Joining{}, httpserve.Status(http.StatusNotFound, "no team has this code: it is on your team's handout, nine letters and digits")
	}
	return s.settings(team, base), nil
}

// settings returns one team's settings. The password derives from the secret in the same way as in provision.
func (s *Service) settings(team int, base string) workshop.Joining {
	j := workshop.Joining{
		Team: team, Name: s.cfg.Name(team), Lesson: s.cfg.Lesson.Name, Namespace: string(s.cfg.Namespace), Teams: s.cfg.Teams,
		Group: s.cfg.Group(team), Topics: []string{s.cfg.Topic()}, Brokers: s.cfg.Brokers,
		TLS: s.cfg.Kafka.TLS || s.ca != "", CA: s.ca, Leaderboard: base,
	}
	for _, t := range s.cfg.TeamTopics(team) {
		j.Topics = append(j.Topics, t.Name)
	}

	if s.cfg.Kafka.LogsIn() {
		j.Username = s.cfg.User(team)
		j.SASL = "SCRAM-SHA-256"
		j.Password = string(s.cfg.Secret.Password(j.Username))
	}

	return j
}

// Public returns a team's settings without its password, or the room's if there is no such team.
func (s *Service) Public(team int, base string) workshop.Joining {
	if team < 1 || team > s.cfg.Teams {
		j := s.settings(1, base)
		return workshop.Joining{
			Lesson: j.Lesson, Namespace: j.Namespace, Brokers: j.Brokers, SASL: j.SASL, TLS: j.TLS, CA: j.CA, Leaderboard: j.Leaderboard,
		}
	}

	j := s.settings(team, base)
	j.Password = ""
	return j
}

// Code returns a team's code. Only the instructor may see it.
func (s *Service) Code(team int) string {
	if team < 1 || team > len(s.codes) {
		return ""
	}
	return s.codes[team-1]
}

// guessProbability bounds the probability that anybody guesses any team's code within an hour.
const guessProbability = 1e-6

// guessesAnHour returns how many guesses an hour stay within guessProbability.
func guessesAnHour(teams int) float64 {
	return guessProbability * math.Pow(float64(len(workshop.CodeSymbols)), workshop.CodeLength) / float64(max(teams, 1))
}

var hostForm = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]{1,255}$`)

// Base returns the address that participants type, without a trailing slash.
func (s *Service) Base(c *gin.Context) (string, error) {
	if s.cfg.PublicURL != "" {
		return strings.TrimRight(s.cfg.PublicURL, "/"), nil
	}
	if !hostForm.MatchString(c.Request.Host) { // it goes into scripts
		return "", httpserve.Bad("the Host header is not a name or an address")
	}
	return "http://" + c.Request.Host, nil
}
