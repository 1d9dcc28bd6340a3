package score

// At the start, what was counted already is read again, to find the users and which of them were judged. A new action must
// not be judged before an old one about the same customer in another partition, or it would count as the first. So until all
// old actions have been read, an actions topic is read only up to the offset that was counted.

// due reports whether a source may be read now.
func (n *session) due(src *source) bool {
	return !src.postponed && (n.settled || src.kind != actionsTopic || src.next < src.upto)
}

// held reports whether a batch or record that ends at this offset is new and has to wait.
func (n *session) held(src *source, last int64) bool {
	return !n.settled && src.kind == actionsTopic && last >= src.upto
}

// settle checks whether everything that was counted already has been read again. Stats do not matter:
// compaction may have deleted their last records.
func (n *session) settle() {
	for _, src := range n.sources {
		if src.kind != statsTopic && !src.postponed && src.next < src.upto {
			return
		}
	}
	n.settled = true
}
