// Package httpserve holds what the services share about HTTP: listening, serving and shutting down, limits by
// address, health checks, the instructor's login, security headers, strict JSON, errors, event streams, and assets.
// Routes and pages belong to the services.
package httpserve
