// Package admission lets laptops in: it knows each team's code, gives the settings of a team to whoever
// has its code, and hands out the client's binaries with the line that fetches and starts the right
// one. Users and rights on the cluster are provision's; the pages' frame is the board's.
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

// Config is what a Service needs to know.
type Config struct {
	workshop.Room
	Secret    workshop.Secret       // codes and passwords derive from it; codes of this run alone when empty
	Kafka     kafka.Config          // how this service reaches the cluster: participants do it the same way
	Brokers   []string              // where participants find the cluster, when it is not Kafka.Brokers
	PublicURL string                // what participants type; empty takes the host that they asked for
	PanelURL  string                // of the control panel, for a link on the handouts; empty for none
	Downloads string                // folder of binaries; empty for none
	Auth      *httpserve.Auth       // lets the instructor see the handouts
	Name      func(team int) string // what the board calls a team; nil for team-N
	Now       func() time.Time      // time.Now when nil
}

// A Service answers who wants to join. Its methods are safe for concurrent use.
type Service struct {
	cfg   Config
	ca    string
	codes []string
	teams map[[sha256.Size]byte]int // by the code's hash: a look-up's time tells nothing about codes
	guard *httpserve.Guard
	files *downloads
}

// New derives the codes and reads the authority's certificate.
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
	d := &Service{cfg: cfg, codes: cfg.Secret.Codes(cfg.Namespace, cfg.Teams), guard: httpserve.NewGuard(guessesAnHour(cfg.Teams), cfg.Now()), files: newDownloads(cfg.Downloads)}
	d.teams = make(map[[sha256.Size]byte]int, len(d.codes))
	for i, code := range d.codes {
		d.teams[sha256.Sum256([]byte(code))] = i + 1
	}
	if cfg.Kafka.CA != "" {
		pem, err := os.ReadFile(cfg.Kafka.CA)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		d.ca = string(pem)
	}
	return d, nil
}

// Register adds the API, the downloads and the instructor's handouts to the engine.
func (d *Service) Register(e *gin.Engine) {
	e.POST("/api/join", httpserve.Handle(d.join))
	e.GET("/join.sh", httpserve.Handle(d.script("text/x-shellscript; charset=utf-8", shellScript)))
	e.GET("/join.ps1", httpserve.Handle(d.script("text/plain; charset=utf-8", powerShellScript)))
	e.GET("/downloads/:name", httpserve.Handle(d.download))
	if d.cfg.Auth != nil {
		e.GET("/instructor/handouts", d.cfg.Auth.Require(), httpserve.Handle(d.handoutsPage))
		e.GET("/instructor/handouts.csv", d.cfg.Auth.Require(), httpserve.Handle(d.handoutsCSV))
	}
}

// join answers POST /api/join.
func (d *Service) join(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	var in struct {
		Code string `json:"code"`
	}
	if err := httpserve.JSON(c, &in); err != nil {
		return err
	}
	j, err := d.Open(c, in.Code)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, j)
	return nil
}

// Open gives the settings of the team that the code opens. A wrong code's error comes late.
func (d *Service) Open(c *gin.Context, typed string) (workshop.Joining, error) {
	c.Header("Cache-Control", "no-store")
	base, err := d.Base(c)
	if err != nil {
		return workshop.Joining{}, err
	}
	team := 0
	ok, err := d.guard.Try(c, d.cfg.Now(), func() bool {
		code := workshop.PlainCode(typed)
		team = d.teams[sha256.Sum256([]byte(code))]
		return team > 0
	})
	if err != nil {
		return workshop.Joining{}, err
	}
	if !ok {
		return workshop.Joining{}, httpserve.Status(http.StatusNotFound, "no team has this code: it is on your team's handout, nine letters and digits")
	}
	return d.settings(team, base), nil
}

// settings of one team. Passwords are derived, as provision derived them.
func (d *Service) settings(team int, base string) workshop.Joining {
	j := workshop.Joining{
		Team: team, Name: d.cfg.Name(team), Lesson: d.cfg.Lesson.Name, Namespace: string(d.cfg.Namespace), Teams: d.cfg.Teams,
		Group: d.cfg.Group(team), Topics: []string{d.cfg.Topic()}, Brokers: d.cfg.Brokers,
		TLS: d.cfg.Kafka.TLS || d.ca != "", CA: d.ca, Leaderboard: base,
	}
	for _, t := range d.cfg.TeamTopics(team) {
		j.Topics = append(j.Topics, t.Name)
	}
	if d.cfg.Kafka.Username != "" {
		j.Username, j.SASL = d.cfg.User(team), "SCRAM-SHA-256"
		j.Password = string(d.cfg.Secret.Password(j.Username))
	}
	return j
}

// Public are the settings of a team that everybody may see; of no team, those of the room.
func (d *Service) Public(team int, base string) workshop.Joining {
	if team < 1 || team > d.cfg.Teams {
		return workshop.Joining{Lesson: d.cfg.Lesson.Name, Namespace: string(d.cfg.Namespace), Brokers: d.cfg.Brokers, Leaderboard: base}
	}
	j := d.settings(team, base)
	j.Password = ""
	return j
}

// Code is a team's code, for the instructor's eyes.
func (d *Service) Code(team int) string {
	if team < 1 || team > len(d.codes) {
		return ""
	}
	return d.codes[team-1]
}

// chance that any team's code is guessed within an hour, at most, by all guessers together.
const chance = 1e-6

// guessesAnHour is how many guesses make the chance that one of them opens one of the teams.
func guessesAnHour(teams int) float64 {
	return chance * math.Pow(float64(len(workshop.CodeSymbols)), workshop.CodeLength) / float64(max(teams, 1))
}

var hostForm = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]{1,255}$`)

// Base is the address that participants type, without a slash at its end.
func (d *Service) Base(c *gin.Context) (string, error) {
	if d.cfg.PublicURL != "" {
		return strings.TrimRight(d.cfg.PublicURL, "/"), nil
	}
	if !hostForm.MatchString(c.Request.Host) { // it goes into scripts
		return "", httpserve.Bad("Host is not a name or an address")
	}
	return "http://" + c.Request.Host, nil
}
