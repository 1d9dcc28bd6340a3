package main

import (
	"net/http"

	"kafka-workshop/leaderboard/game"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kprom"
)

// metrics are the leaderboard's own metrics on /metrics. The Go runtime's and the Kafka client's come on top.
type metrics struct {
	registry *prometheus.Registry
	kafka    *kprom.Metrics
	sweep    prometheus.Gauge
	behind   prometheus.Gauge
	members  prometheus.Gauge
	badges   prometheus.Gauge
	ok       *prometheus.GaugeVec
}

func newMetrics() *metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "leaderboard", Name: name, Help: help})
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		sweep:    gauge("sweep_seconds", "How long the last sweep of the admin API took."),
		behind:   gauge("scoring_behind_records", "Records that scoring has yet to read."),
		members:  gauge("members", "Members of all teams' groups."),
		badges:   gauge("badges", "Badges earned in this round."),
		ok: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "leaderboard", Name: "source_ok", Help: "1 while a service that the board depends on answers.",
		}, []string{"source"}),
	}
	m.kafka = kprom.NewMetrics("leaderboard_kafka", kprom.Registerer(m.registry), kprom.Gatherer(m.registry))
	m.registry.MustRegister(m.sweep, m.behind, m.members, m.badges, m.ok,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) kafkaOpts() []kgo.Opt { return []kgo.Opt{kgo.WithHooks(m.kafka)} }

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// update sets the gauges from a View. It uses only public figures, because /metrics needs no login.
func (m *metrics) update(v game.View) {
	members, badges := 0, 0
	for _, t := range v.Public.Teams {
		members += len(t.Members) + t.MoreMembers
		badges += len(t.Badges)
	}

	m.members.Set(float64(members))
	m.badges.Set(float64(badges))
	m.sweep.Set(v.Instructor.SweepMS / 1000)
	m.behind.Set(float64(v.Instructor.Behind))
	for name, s := range map[string]game.Source{"kafka": v.Instructor.Kafka, "postgres": v.Instructor.Postgres, "scoring": v.Instructor.Scoring} {
		up := 0.0
		if s.OK {
			up = 1
		}
		m.ok.WithLabelValues(name).Set(up)
	}
}
