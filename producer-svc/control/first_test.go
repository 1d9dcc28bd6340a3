package control

import (
	"fmt"
	"testing"
	"time"

	"kafka-workshop/internal/testing/kafkatest"
	"kafka-workshop/internal/testing/wait"
	"kafka-workshop/internal/workshop"
)

// At the very first start, when the topics have just been created, every record that is due arrives.
func TestNothingIsDroppedAtTheFirstStart(t *testing.T) {
	for _, rate := range []float64{10, 1000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			c := kafkatest.New(t)
			initial := workshop.ScaleUp.DefaultLoad()
			initial.Rate = rate
			d, _ := run(t, Config{Kafka: c.Config, Room: workshop.Room{Namespace: c.Namespace, Lesson: workshop.ScaleUp}, Initial: initial, Holder: "one"})
			wait.Until(t, "two seconds of records", func() bool { return d.View(time.Now()).Produced >= int64(2*rate) })
			if v := d.View(time.Now()); v.Dropped != 0 || v.Errors != 0 {
				t.Errorf("%d dropped, %d errors: %s", v.Dropped, v.Errors, v.Error)
			}
		})
	}
}
