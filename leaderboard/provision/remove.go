package provision

import (
	"context"

	"kafka-workshop/internal/workshop"
)

// remove deletes what exists of the plan.
func (w *work) remove(ctx context.Context, p plan) error {
	if err := w.setACLs(ctx, p.users, nil); err != nil {
		return err
	}

	w.setQuotas(ctx, p.teams, nil)
	known, err := w.existingUsers(ctx, p.users)
	if err != nil {
		return err
	}

	var users, topics []string
	for _, user := range p.users {
		if known[user] {
			users = append(users, user)
			w.logChange("delete", "user "+user)
		}
	}

	missing, _, err := w.missingTopics(ctx, p.topics)
	if err != nil {
		return err
	}

	for _, t := range without(p.topics, missing) {
		topics = append(topics, t.Name)
		w.logChange("delete", "topic "+t.Name)
	}

	if w.changes == 0 {
		w.printf("nothing to remove")
	}
	if w.dry {
		return nil
	}
	if err := w.deleteUsers(ctx, users); err != nil {
		return err
	}
	return w.deleteTopics(ctx, topics)
}

// without returns the topics that are not among others.
func without(topics, others []workshop.Topic) []workshop.Topic {
	left := make(map[string]bool, len(others))
	for _, t := range others {
		left[t.Name] = true
	}

	var out []workshop.Topic
	for _, t := range topics {
		if !left[t.Name] {
			out = append(out, t)
		}
	}
	return out
}
