package score

// What was counted before is read again at a start, to know the users and which of them were judged.
// A new action must not be judged before an old one about the same customer that lies in another
// partition, or it would count as the first. So until all old ones were read, an actions topic is
// read up to where counting stood, and no further.

// due reports that a source may be read now.
func (n *session) due(src *source) bool {
	return !src.away && (n.settled || src.kind != actionsTopic || src.next < src.upto)
}

// held reports that what ends at an offset is new and has to wait.
func (n *session) held(src *source, last int64) bool {
	return !n.settled && src.kind == actionsTopic && last >= src.upto
}

// settle finds out whether everything that was counted before has been read again. Stats are left
// out: compaction may have taken their last records.
func (n *session) settle() {
	for _, src := range n.sources {
		if src.kind != statsTopic && !src.away && src.next < src.upto {
			return
		}
	}
	n.settled = true
}
