package main

import (
	"fmt"
	"path/filepath"

	"kafka-workshop/internal/datadir"
)

// data is the folder that is kept between runs. One run holds it at a time.
type data struct{ *datadir.Dir }

// openData takes the folder that --data named, else one in the user's cache folder. A class has one of its own there, so
// that what was tried out on the laptop before doesn't show up in it.
func openData(dir string, class bool) (*data, error) {
	usual := ""
	if class {
		usual = "class"
	}
	d, err := datadir.Open(dir, usual)
	if err != nil {
		return nil, err
	}
	return &data{d}, nil
}

// empty removes what runs left, and keeps what only costs time to make again.
func (d *data) empty() error {
	kafka := func(name string) string { return filepath.Join("kafka", name) } // its authority and passwords stay
	if err := d.Remove("broker", "postgres", kafka("cluster.json"), kafka("node-1"), kafka("node-2"), kafka("node-3")); err != nil {
		return fmt.Errorf("--fresh: %w", err)
	}
	return nil
}
