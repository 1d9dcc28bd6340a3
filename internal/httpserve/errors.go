package httpserve

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// An Error carries the status that a handler's error is answered with.
type Error struct {
	Code int
	Text string
}

func (e Error) Error() string { return e.Text }

// Status makes an Error.
func Status(code int, format string, args ...any) error {
	return Error{Code: code, Text: fmt.Sprintf(format, args...)}
}

// Bad is a 400 that names what is wrong.
func Bad(format string, args ...any) error { return Status(http.StatusBadRequest, format, args...) }

// Unauthorized is the 401 for whoever is not the instructor.
func Unauthorized() error {
	return Status(http.StatusUnauthorized, "this needs the instructor's token: send it as a bearer, or log in")
}

// Handle adapts a handler that returns an error: the error becomes a status and what Abort answers.
func Handle(h func(c *gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			Abort(c, err)
		}
	}
}

// Abort answers with the error: programs get {"error"}, a browser that asked for a page gets one. An error that is no
// Error is a 500, logged, and not told to the caller.
func Abort(c *gin.Context, err error) {
	var e Error
	if !errors.As(err, &e) {
		slog.ErrorContext(c.Request.Context(), "request failed", "path", c.FullPath(), "error", err)
		e = Error{Code: http.StatusInternalServerError, Text: "something failed here: the service's log says what"}
	}

	c.Header("Cache-Control", "no-store")
	c.Header("Vary", "Accept")
	if !wantsPage(c.Request) {
		c.AbortWithStatusJSON(e.Code, gin.H{"error": e.Text})
		return
	}

	c.Abort()
	c.Status(e.Code)
	c.Header("Content-Type", "text/html; charset=utf-8")
	view := errorView{Code: e.Code, Title: errorTitle(e.Code), Text: e.Text}
	if err := errorPage.Execute(c.Writer, view); err != nil {
		slog.DebugContext(c.Request.Context(), "an error page did not arrive", "error", err)
	}
}

//go:embed error.html
var errorHTML string

var errorPage = template.Must(template.New("error").Funcs(template.FuncMap{"sentence": sentence, "asset": ownAssets.Address}).Parse(errorHTML))

// errorView is what the page of an error shows.
type errorView struct {
	Code        int
	Title, Text string
}

// errorTitle is a status in words for people.
func errorTitle(code int) string {
	switch code {
	case http.StatusUnauthorized:
		return "Log in first"
	case http.StatusForbidden:
		return "Not from here"
	case http.StatusNotFound:
		return "Nothing here"
	case http.StatusMethodNotAllowed:
		return "Not this way"
	case http.StatusTooManyRequests:
		return "Too many tries"
	case http.StatusServiceUnavailable:
		return "Not now"
	}
	return http.StatusText(code)
}

// sentence makes a sentence of an error's text.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// wantsPage reports a browser that shows what it gets.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// MaxBody is the largest request body that is read, in bytes.
const MaxBody = 64 << 10

// JSON reads exactly one JSON object into v; unknown fields, fields that are null, a second document
// and a body over MaxBody are errors that say so.
func JSON(c *gin.Context, v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, MaxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return Bad("the body is larger than %d bytes", MaxBody)
	}
	if err != nil {
		return Bad("the body did not arrive whole")
	}
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return Bad("%s", jsonFault(err, body))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Bad("the body holds more than one JSON document")
	}
	return nulls(body)
}

// nulls names the first field that is null: it is neither a value nor left out.
func nulls(body []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return Bad("the body is not one JSON object")
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if string(fields[name]) == "null" {
			return Bad("%s: null is not what it takes", name)
		}
	}
	return nil
}

// atField is the name of a field whose value would begin at the end of the text.
var atField = regexp.MustCompile(`"(\w+)"\s*:\s*[-+.\w]*$`)

// jsonFault says in words what the decoder found, with the field's name where there is one.
func jsonFault(err error, body []byte) string {
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field == "":
		return "the body is not one JSON object"
	case errors.As(err, &wrongType):
		return fmt.Sprintf("%s: a %s is not what it takes", wrongType.Field, wrongType.Value)
	case errors.As(err, &syntax):
		if m := atField.FindSubmatch(body[:min(max(int(syntax.Offset)-1, 0), len(body))]); m != nil {
			return fmt.Sprintf("%s: %v", m[1], syntax)
		}
		return fmt.Sprintf("not JSON: %v at byte %d", syntax, syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the body is empty or cut off: send one JSON object"
	default:
		return strings.TrimPrefix(err.Error(), "json: ")
	}
}
