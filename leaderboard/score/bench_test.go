package score

import (
	"runtime"
	"strconv"
	"testing"
)

func BenchmarkAction(b *testing.B) {
	l := newLedger(15, defaultUsers)
	var values [][]byte
	for n := range 100_000 {
		u := person(n, n%2 == 0, false)
		l.user(encode(u), epoch)
		values = append(values, encode(deed(1, u.Email)))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.action(1, values[i%len(values)], epoch, epoch, false)
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "actions/s")
}

func BenchmarkUser(b *testing.B) {
	l := newLedger(15, defaultUsers)
	u := person(0, true, true)
	u.Industry, u.UserAgent, u.CompanySlogan = "Internet Software & Services", "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "we make the things that make things"
	value := encode(u)
	b.ReportAllocs()
	for b.Loop() {
		l.user(value, epoch)
	}
}

// BenchmarkIndex fills an index with as many users as it holds by default.
func BenchmarkIndex(b *testing.B) {
	b.ReportAllocs()
	var x *index
	for b.Loop() {
		x = newIndex(defaultUsers)
		var email [24]byte
		for n := range defaultUsers {
			x.add(string(strconv.AppendInt(email[:0], int64(n), 10)), 0, epoch.UnixMilli())
		}
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MiB-live")
	runtime.KeepAlive(x)
}
