package panel

import (
	"net/http"
	"strconv"
	"time"

	"kafka-workshop/internal/workshop"

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

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("producer_"+name, help, labels, nil)
}

var (
	descRecords   = describe("records_total", "Records that the broker has acknowledged.")
	descPartition = describe("partition_records_total", "Records that the broker has acknowledged, by partition.", "partition")
	descBytes     = describe("bytes_total", "Bytes of the keys and values of acknowledged records.")
	descErrors    = describe("errors_total", "Records that the cluster refused.")
	descDropped   = describe("dropped_total", "Records that were due and not sent in time, or not known to have arrived.")
	descTarget    = describe("target_rate", "Records per second that are asked for; 0 while paused or standing by.")
	descAchieved  = describe("achieved_rate", "Records per second that the broker acknowledges.")
	descHolding   = describe("holding", "1 while this instance holds the load, 0 while it stands by.")
	descAck       = describe("ack_seconds", "Time from handing a record over to its acknowledgement.")
)

// collector reads the load when it is asked.
type collector struct{ load Load }

func (collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descRecords, descPartition, descBytes, descErrors, descDropped, descTarget,
		descAchieved, descHolding, descAck} {
		ch <- d
	}
}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	v := c.load.View(time.Now())
	one := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	target, holding := v.Rate, 0.0
	if v.Paused || !v.Holding {
		target = 0
	}
	if v.Holding {
		holding = 1
	}
	one(descRecords, prometheus.CounterValue, float64(v.Produced))
	one(descBytes, prometheus.CounterValue, float64(v.Bytes))
	one(descErrors, prometheus.CounterValue, float64(v.Errors))
	one(descDropped, prometheus.CounterValue, float64(v.Dropped))
	one(descTarget, prometheus.GaugeValue, target)
	one(descAchieved, prometheus.GaugeValue, v.Achieved)
	one(descHolding, prometheus.GaugeValue, holding)
	for _, p := range v.Partitions {
		one(descPartition, prometheus.CounterValue, float64(p.Produced), strconv.Itoa(p.Partition))
	}
	within, count, sum := c.load.Latency(ackBounds)
	histogram := make(map[float64]uint64, len(ackBounds))
	for i, b := range ackBounds {
		histogram[b.Seconds()] = uint64(within[i])
	}
	ch <- prometheus.MustNewConstHistogram(descAck, uint64(count), sum.Seconds(), histogram)
}

// metrics serves the load's figures and the process's.
func metrics(l Load) http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collector{l}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
}

// Curve points and states carry times as the contract writes them.
func stamp(t time.Time) *workshop.Time {
	if t.IsZero() {
		return nil
	}
	at := workshop.At(t)
	return &at
}
