package main

import (
	"fmt"
	"path/filepath"

	"kafka-workshop/internal/datadir"
)

// data is the folder whose contents are kept between runs. Only one run uses it at a time.
type data struct{ *datadir.Dir }

// openData opens the folder of --data, or one in the user's cache folder. A class has a separate one there, so
// that earlier trials on the laptop do not show up in it.
func openData(dir string, class bool) (*data, error) {
	defaultName := ""
	if class {
		defaultName = "class"
	}

	d, err := datadir.Open(dir, defaultName)
	if err != nil {
		return nil, err
	}
	return &data{d}, nil
}

// empty deletes the data of earlier runs. Downloads, passwords and certificates are kept.
func (d *data) empty() error {
	kafka := func(name string) string { return filepath.Join("kafka", name) } // its CA and passwords are kept
	if err := d.Remove("broker", "postgres", kafka("cluster.json"), kafka("node-1"), kafka("node-2"), kafka("node-3")); err != nil {
		return fmt.Errorf("--fresh: %w", err)
	}
	return nil
}
