// Package control runs the load of producer-svc on the cluster. It creates the lesson's topic, stores
// the load that the instructor has set in workshop.control, and holds the lease that lets only one
// instance produce. Its Controller connects these with package load, and is what the panel displays
// and changes.
package control
