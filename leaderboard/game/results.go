package game

import "slices"

// Results are the teams of a round as its stored facts rank them, the best first.
func Results(names map[int]string, teams int, awards []Award, works []Work) []TeamExport {
	byTeam := map[int]*TeamExport{}
	standings := []Standing{}
	of := func(n int) *TeamExport {
		if byTeam[n] == nil {
			byTeam[n] = &TeamExport{Team: n, Name: nameOf(names, n), Badges: []Award{}}
		}
		return byTeam[n]
	}
	for n := 1; n <= teams; n++ {
		of(n)
	}
	for _, a := range awards {
		t := of(a.Team)
		t.Badges = append(t.Badges, a)
	}
	for _, w := range works {
		t := of(w.Team)
		t.Actions, t.Precision, t.Recall = w.counts(), w.precision(), w.recall()
	}
	for _, t := range byTeam {
		s := Standing{Team: t.Team}
		for _, a := range t.Badges {
			s.add(a)
		}
		t.Points = s.Points
		standings = append(standings, s)
	}
	ranks := Ranks(standings)
	out := make([]TeamExport, 0, len(byTeam))
	for _, t := range byTeam {
		t.Rank = ranks[t.Team]
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b TeamExport) int { return a.Rank - b.Rank })
	return out
}
