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

// An Error is an error of a handler with its HTTP status.
type Error struct {
	Code int
	Text string
}

func (e Error) Error() string { return e.Text }

// Status returns an Error.
func Status(code int, format string, args ...any) error {
	return Error{Code: code, Text: fmt.Sprintf(format, args...)}
}

// Bad returns a 400.
func Bad(format string, args ...any) error { return Status(http.StatusBadRequest, format, args...) }

// Unauthorized returns the 401 for callers that are not the instructor.
func Unauthorized() error {
	return Status(http.StatusUnauthorized, "this needs the instructor's token: send it as a bearer token, or log in")
}

// Handle adapts a handler that returns an error, and answers the error with Abort.
func Handle(h func(c *gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			Abort(c, err)
		}
	}
}

// Abort responds with the error: JSON {"error"} for programs, and a page for browsers that requested one. Errors other
// than Error are logged, and the response is a 500 without the text.
func Abort(c *gin.Context, err error) {
	var e Error
	if !errors.As(err, &e) {
		slog.ErrorContext(c.Request.Context(), "request failed", "path", c.FullPath(), "error", err)
		e = Error{Code: http.StatusInternalServerError, Text: "internal error: see the service's log"}
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
		slog.DebugContext(c.Request.Context(), "cannot write an error page", "error", err)
	}
}

//go:embed error.html
var errorHTML string

var errorPage = template.Must(template.New("error").Funcs(template.FuncMap{"sentence": sentence, "asset": ownAssets.Address}).Parse(errorHTML))

// errorView is the data of the error page.
type errorView struct {
	Code        int
	Title, Text string
}

// errorTitle returns the heading of a status's error page.
func errorTitle(code int) string {
	switch code {
	case http.StatusUnauthorized:
		return "Log in first"
	case http.StatusForbidden:
		return "Not allowed from here"
	case http.StatusNotFound:
		return "Page not found"
	case http.StatusMethodNotAllowed:
		return "Method not allowed"
	case http.StatusTooManyRequests:
		return "Too many tries"
	case http.StatusServiceUnavailable:
		return "Not available now"
	}
	return http.StatusText(code)
}

// sentence turns an error's text into a sentence.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// wantsPage reports whether a browser requests a page to show.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// MaxBody is the maximum size of a request body, in bytes.
const MaxBody = 64 << 10

// JSON decodes the body into v. The body must be exactly one JSON object of at most MaxBody bytes, without
// unknown fields and without fields that are null. The error is a 400 that says what is wrong.
func JSON(c *gin.Context, v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, MaxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return Bad("the body is larger than %d bytes", MaxBody)
	}
	if err != nil {
		return Bad("the body is incomplete")
	}

	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return Bad("%s", jsonFault(err, body))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Bad("the body holds more than one JSON document")
	}
	return checkNulls(body)
}

// checkNulls returns an error for the first field that is null. Decoding would treat it like a missing one.
func checkNulls(body []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return Bad("the body is not one JSON object")
	}

	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if string(fields[name]) == "null" {
			return Bad("%s: must not be null", name)
		}
	}

	return nil
}

// atField matches text that ends where the value of a field begins, or within it.
var atField = regexp.MustCompile(`"(\w+)"\s*:\s*[-+.\w]*$`)

// jsonFault describes a decoder's error, with the field's name if it is known.
func jsonFault(err error, body []byte) string {
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field == "":
		return "the body is not one JSON object"
	case errors.As(err, &wrongType):
		return fmt.Sprintf("%s: must not be a %s", wrongType.Field, wrongType.Value)
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
