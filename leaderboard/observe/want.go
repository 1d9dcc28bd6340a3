package observe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/kgo"
)

// ErrNoProducer is returned when a change of the load was sent but no producer has applied it yet.
var ErrNoProducer = errors.New("no producer-svc has answered: the load changes when one holds it again")

// wantWithin limits how long SetLoad waits for the producer.
const wantWithin = 3 * time.Second

// SetLoad asks the producer that holds the load to change it, and waits for its answer.
func (o *Observer) SetLoad(ctx context.Context, w workshop.Wanted) error {
	value, err := json.Marshal(w)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, wantWithin)
	defer cancel()

	rec := &kgo.Record{
		Topic: o.cfg.ControlTopic(), Key: []byte(workshop.ControlKeyWanted), Value: value,
		Headers: []kgo.RecordHeader{{Key: workshop.HeaderLesson, Value: []byte(o.cfg.Lesson.Name)}},
	}
	if err := o.client.ProduceSync(ctx, rec).FirstErr(); err != nil {
		return fmt.Errorf("ask the producer for another load: %w", err)
	}

	refused, err := o.load.answer(ctx, rec.Offset)
	if err != nil {
		return ErrNoProducer
	}
	if refused != "" {
		return fmt.Errorf("the producer refused the load: %s", refused)
	}
	return nil
}

// answer waits until a status answers the wanted record at an offset. It returns why the record was refused, or "" if it was
// applied. An answer to a later record counts for this one too.
func (l *load) answer(ctx context.Context, offset int64) (refused string, err error) {
	for {
		l.mu.Lock()
		status := l.status
		changed := l.changed
		l.mu.Unlock()
		if status.Wanted != nil && *status.Wanted >= offset {
			return workshop.CleanText(status.WantedError, workshop.MaxText), nil
		}

		select {
		case <-changed:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
