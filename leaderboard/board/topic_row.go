package board

import (
	"fmt"
	"math"
	"strconv"

	"kafka-workshop/leaderboard/game"
)

// A topicRow is the lesson's topic above the teams, with a cell for each partition.
type topicRow struct {
	Name   string
	Cells  []topicCell
	Queue  bool
	Copies []bool // one row above each column of teams; true for those after the first
	Scale  int64  // the lag that a full edge represents
	Calm   bool   // without points
}

// A topicCell is one partition of the topic.
type topicCell struct {
	Partition int32
	Known     bool // there is an answer about it
	Rate      string
	End       string
	Share     float64
	Height    float64 // of its bar, 0 to 100
	Hot       bool
}

func (b *Board) topicPart(s *snapshot, v game.Board) spec {
	key := fmt.Sprint(v.Topic, v.Partitions, v.TopicPartitions, v.StaleSince != nil, layout(v), s.scale)
	return ticking(b.part("topicrow", key, "topicrow", func() any {
		return topicRow{Name: v.Topic, Cells: topicCells(v), Copies: append([]bool{false}, trues(columns(layout(v))-1)...), Scale: s.scale, Calm: b.cfg.Calm, Queue: isQueue(v)}
	}))
}

func trues(n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// topicCells returns a cell for each partition. The full height of a bar is the largest share, or twice the fair share.
func topicCells(b game.Board) []topicCell {
	out := make([]topicCell, b.Partitions)
	highest := 2 / float64(max(len(b.TopicPartitions), 1))
	for _, p := range b.TopicPartitions {
		highest = max(highest, p.Share)
	}

	for i := range out {
		out[i].Partition = int32(i)
		if i >= len(b.TopicPartitions) {
			continue
		}
		p := b.TopicPartitions[i]
		out[i] = topicCell{
			Partition: p.Partition, Known: true, Rate: short(p.Rate), End: short(float64(p.End)), Share: p.Share,
			Height: math.Round(p.Share/highest*1000) / 10, Hot: hot(p.Share, len(b.TopicPartitions), b.RecordsPerSecond*10),
		}
	}
	return out
}

// hotFactor is the least multiple of its fair share that a hot partition gets.
const hotFactor = 1.8

// hot reports whether a partition gets more records than chance explains. records is the number of records that the share is
// of.
func hot(share float64, partitions int, records float64) bool {
	if partitions < 2 || records < 1 {
		return false
	}
	fair := 1 / float64(partitions)
	deviation := math.Sqrt(fair * (1 - fair) / records)
	return share >= hotFactor*fair && share > fair+3*deviation
}

// short formats a number in at most four characters: 9.9, 142, 1.2k, 46k, 3.4M.
func short(v float64) string {
	switch {
	case v >= 999_500:
		return trim(v/1e6) + "M"
	case v >= 999.5:
		return trim(v/1e3) + "k"
	}
	return trim(v)
}

func trim(v float64) string {
	if v >= 9.95 {
		return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}
