package panel

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// ackBounds are the buckets of the latency histogram.
var ackBounds = []time.Duration{
	500 * time.Microsecond, time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond,
	20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 5 * time.Second,
}

// describe declares a metric.
func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("producer_"+name, help, labels, nil)
}

var (
	descRecords   = describe("records_total", "Records that the broker has acknowledged.")
	descPartition = describe("partition_records_total", "Records that the broker has acknowledged, by partition.", "partition")
	descBytes     = describe("bytes_total", "Bytes of the keys and values of acknowledged records.")
	descErrors    = describe("errors_total", "Records that the cluster rejected.")
	descDropped   = describe("dropped_total", "Records that were not sent in time, or whose outcome is unknown.")
	descTarget    = describe("target_rate", "Records per second that are requested; 0 while paused or standing by.")
	descAchieved  = describe("achieved_rate", "Records per second that the broker acknowledges.")
	descHolding   = describe("holding", "1 while this instance holds the load, 0 while it stands by.")
	descAck       = describe("ack_seconds", "Time from passing a record to the Kafka client to its acknowledgement.")
)

// A collector reads the controller on each scrape.
type collector struct{ controller Controller }

func (collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descRecords, descPartition, descBytes, descErrors, descDropped, descTarget,
		descAchieved, descHolding, descAck} {
		ch <- d
	}
}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	v := c.controller.View(time.Now())
	send := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}

	target := v.Rate
	if v.Paused || !v.Holding {
		target = 0
	}
	holding := 0.0
	if v.Holding {
		holding = 1
	}

	send(descRecords, prometheus.CounterValue, float64(v.Produced))
	send(descBytes, prometheus.CounterValue, float64(v.Bytes))
	send(descErrors, prometheus.CounterValue, float64(v.Errors))
	send(descDropped, prometheus.CounterValue, float64(v.Dropped))
	send(descTarget, prometheus.GaugeValue, target)
	send(descAchieved, prometheus.GaugeValue, v.Achieved)
	send(descHolding, prometheus.GaugeValue, holding)
	for _, p := range v.Partitions {
		send(descPartition, prometheus.CounterValue, float64(p.Produced), strconv.Itoa(p.Partition))
	}

	within, count, sum := c.controller.Latency(ackBounds)
	histogram := make(map[float64]uint64, len(ackBounds))
	for i, b := range ackBounds {
		histogram[b.Seconds()] = uint64(within[i])
	}
	ch <- prometheus.MustNewConstHistogram(descAck, uint64(count), sum.Seconds(), histogram)
}

// metrics serves the metrics of the load and of the process.
func metrics(c Controller) http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collector{c}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
}
