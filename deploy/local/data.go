package main

import (
	"fmt"

	"kafka-workshop/internal/datadir"
)

// data is the folder that is kept between runs. One run holds it at a time.
type data struct{ *datadir.Dir }

func openData(dir string) (*data, error) {
	d, err := datadir.Open(dir, "")
	if err != nil {
		return nil, err
	}
	return &data{d}, nil
}

// empty removes what runs left, and keeps what only costs time to make again.
func (d *data) empty() error {
	if err := d.Remove("broker", "postgres"); err != nil {
		return fmt.Errorf("--fresh: %w", err)
	}
	return nil
}
