package look

// AssignColours gives each present member a colour that it keeps for as long as it is present. The board's colours come
// first. A member that the board does not know yet gets one by the board's own rule: the lowest that is free, or the
// one that the fewest members have. So present must be in the board's order, by member ID. AssignColours updates
// colours, a map by member, and deletes members that are gone.
func AssignColours(colours map[string]int, present []string, board map[string]int) {
	here := map[string]bool{}
	for _, id := range present {
		here[id] = true
	}
	for id := range colours {
		if !here[id] {
			delete(colours, id)
		}
	}

	var used [len(Owners)]int
	for _, id := range present {
		if c, known := board[id]; known {
			colours[id] = c
		}
		if c, known := colours[id]; known {
			used[((c%8)+8)%8]++
		}
	}

	for _, id := range present {
		if _, known := colours[id]; known {
			continue
		}
		colours[id] = freeColour(used)
		used[colours[id]]++
	}
}

func freeColour(used [len(Owners)]int) int {
	best := 0
	for c, n := range used {
		if n < used[best] {
			best = c
		}
	}
	return best
}
