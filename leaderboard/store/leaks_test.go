package store

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"kafka-workshop/internal/database/leaks"
	"kafka-workshop/internal/testing/postgrestest"
	"kafka-workshop/internal/workshop"
)

// What /readyz and the log report about a wrong address contains no part of it.
func TestNoPartOfAWrongAddressIsTold(t *testing.T) {
	u, err := url.Parse(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range leaks.Addresses(u.Host, "127.0.0.1:1") {
		said := ""
		s, err := New(Config{URL: address, Room: workshop.Room{Lesson: workshop.ScaleUp}})
		if err == nil {
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			_, err = s.Lead(ctx)
			_, exporting := s.Export(ctx, 1)
			said = fmt.Sprint(exporting)
			s.Close(ctx)
			cancel()
		}
		said = fmt.Sprintf("%v %+v %s", err, err, said)
		if leak := leaks.In(said); err == nil || leak != "" || strings.Contains(said, "\n") {
			t.Errorf("%s: tells %q in %s", address, leak, said)
		}
	}
}
