package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of what a request says beside its body.
const (
	maxActor  = 200
	maxReason = 1000
	maxName   = 255
	maxText   = 1000
	maxKey    = 512
	// shownProblems is how much that is wrong one answer names.
	shownProblems = 20
)

// The names of what paths and queries say.
const (
	paramActor     = "actor"
	paramReason    = "reason"
	paramName      = "name"
	paramKey       = "key"
	paramRealm     = "realm"
	paramFeed      = "feed"
	paramID        = "id"
	paramSearch    = "search"
	paramPhase     = "phase"
	paramAttention = "attention"
	paramHeld      = "held"
	paramLimit     = "limit"
	paramCursor    = "cursor"
	paramAsOf      = "asOf"
	paramFileName  = "fileName"
	paramDryRun    = "dryRun"
	paramNumber    = "number"
	paramExpect    = "expect"
	paramTarget    = "target"
	paramAll       = "all"
	paramOpen      = "open"
)

// query reads the query of a request. An unknown or repeated name is refused: a
// mistyped dryRun must not import.
func query(r *http.Request, known ...string) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, NewProblem(KindInvalid, err, "the query cannot be read")
	}
	var wrong []ProblemError
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all := values[name]
		if len(wrong) == shownProblems {
			break
		}
		switch {
		case !slices.Contains(known, name):
			wrong = append(wrong, ProblemError{Detail: "unknown parameter " + strconv.Quote(shorten(name)) + "; known are " + strings.Join(known, ", ")})
		case len(all) > 1:
			wrong = append(wrong, ProblemError{Detail: name + " is given twice"})
		}
	}
	if len(wrong) > 0 {
		return nil, NewProblem(KindInvalid, nil, "the query is wrong").With(wrong...)
	}
	return values, nil
}

func shorten(text string) string {
	const most = 64
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// flag reads a boolean of the query, false where it is absent.
func flag(values url.Values, name string) (bool, error) {
	switch text := values.Get(name); text {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, NewProblem(KindInvalid, nil, "%s is %q: want true or false", name, shorten(text))
	}
}

// pageLimit reads how long a page shall be, 0 where the query does not say.
func pageLimit(values url.Values, most int) (int, error) {
	stated := values.Get(paramLimit)
	if stated == "" {
		return 0, nil
	}
	limit, err := strconv.Atoi(stated)
	if err != nil || limit < 1 || limit > most {
		return 0, NewProblem(KindInvalid, err, "%s is %q: want 1 to %d", paramLimit, shorten(stated), most)
	}
	return limit, nil
}

// text checks a text that is kept and shown: its length, and that it is one
// line of printable characters.
func text(name, value string, most int, mandatory bool) error {
	switch {
	case mandatory && strings.TrimSpace(value) == "":
		return NewProblem(KindInvalid, nil, "%s is missing", name)
	case len(value) > most:
		return NewProblem(KindInvalid, nil, "%s has %d bytes: at most %d are allowed", name, len(value), most)
	case !utf8.ValidString(value):
		return NewProblem(KindInvalid, nil, "%s is not UTF-8", name)
	case strings.ContainsFunc(value, unicode.IsControl):
		return NewProblem(KindInvalid, nil, "%s holds control characters", name)
	case strings.ContainsFunc(value, isHidden):
		return NewProblem(KindInvalid, nil, "%s holds characters that show nothing or turn the direction of reading", name)
	default:
		return nil
	}
}

// isHidden finds what lets a text look like another one: it breaks lines, shows
// nothing, or turns what follows around.
func isHidden(r rune) bool {
	return r == 0xad || r == 0x200b || r == 0x2060 || r == 0xfeff || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// by checks a decision and makes its actor the caller.
func (d Decision) by(r *http.Request) (Decision, error) {
	if err := text(paramReason, d.Reason, maxReason, true); err != nil {
		return Decision{}, err
	}
	name, err := actor(r, d.Actor)
	return Decision{Actor: name, Reason: d.Reason}, err
}

// decisionOf reads a request whose body is a decision and nothing else.
func decisionOf(w http.ResponseWriter, r *http.Request) (Decision, error) {
	if _, err := query(r); err != nil {
		return Decision{}, err
	}
	var decision Decision
	if err := decode(w, r, &decision); err != nil {
		return Decision{}, err
	}
	return decision.by(r)
}

// firstOf returns the first problem.
func firstOf(errs ...error) error {
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if i < 0 {
		return nil
	}
	return errs[i]
}

// personID reads the person a path names.
func personID(r *http.Request) (PersonID, error) {
	id := PersonID{Realm: r.PathValue(paramRealm), Key: r.PathValue(paramKey)}
	return id, id.check()
}

// check refuses what names nobody.
func (id PersonID) check() error {
	return firstOf(text(paramRealm, id.Realm, maxKey, true), text(paramKey, id.Key, maxKey, true))
}

// decode reads a small JSON body strictly.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	return decodeUpTo(w, r, into, maxBodyBytes)
}

// decodeUpTo reads a JSON body of at most so many bytes strictly.
func decodeUpTo(w http.ResponseWriter, r *http.Request, into any, most int64) error {
	body, err := readBody(w, r, most)
	if err != nil {
		return err
	}
	if err := plainJSON(body); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return bodyProblem(err)
	}
	return nil
}

// Bounds of a body that is JSON, beside its bytes.
const (
	// deepestJSON is more than any body nests.
	deepestJSON = 16
	// mostJSON is more values than the largest body holds.
	mostJSON = 200_000
)

// plainJSON refuses what encoding/json takes and two readers could understand in
// two ways: names that are repeated, in whatever letters, texts that are not
// UTF-8, and something behind the object. The body must be an object.
func plainJSON(body []byte) error {
	if !utf8.Valid(body) {
		return NewProblem(KindInvalid, nil, "the body is not UTF-8")
	}
	p := plainReader{Decoder: json.NewDecoder(bytes.NewReader(body))}
	p.UseNumber()
	switch token, err := p.Token(); {
	case errors.Is(err, io.EOF):
		return NewProblem(KindInvalid, err, "the body is empty: want a JSON object")
	case err != nil:
		return p.problem(err)
	case token != json.Delim('{'):
		return NewProblem(KindInvalid, nil, "the body is no JSON object")
	}
	if err := p.object(1); err != nil {
		return err
	}
	if _, err := p.Token(); !errors.Is(err, io.EOF) {
		return NewProblem(KindInvalid, err, "the body goes on after its JSON object, at byte %d", p.InputOffset())
	}
	return nil
}

// plainReader counts the values that it has read.
type plainReader struct {
	*json.Decoder
	values int
}

// object reads an object behind its opening brace.
func (p *plainReader) object(depth int) error {
	seen := map[string]bool{}
	for p.More() {
		token, err := p.Token()
		if err != nil {
			return p.problem(err)
		}
		name, _ := token.(string)
		folded := strings.ToLower(name)
		if seen[folded] {
			return NewProblem(KindInvalid, nil, "the name %q stands twice in one object, at byte %d", shorten(name), p.InputOffset())
		}
		seen[folded] = true
		if err := p.value(depth); err != nil {
			return err
		}
	}
	return p.closed()
}

func (p *plainReader) value(depth int) error {
	token, err := p.Token()
	if err != nil {
		return p.problem(err)
	}
	p.values++
	delim, nested := token.(json.Delim)
	switch {
	case p.values > mostJSON:
		return NewProblem(KindInvalid, nil, "the body holds more than %d values", mostJSON)
	case !nested:
		return nil
	case depth == deepestJSON:
		return NewProblem(KindInvalid, nil, "the body is nested deeper than %d levels", deepestJSON)
	case delim == '{':
		return p.object(depth + 1)
	}
	for p.More() {
		if err := p.value(depth + 1); err != nil {
			return err
		}
	}
	return p.closed()
}

func (p *plainReader) closed() error {
	if _, err := p.Token(); err != nil {
		return p.problem(err)
	}
	return nil
}

// problem says where a body stops being JSON, without quoting it.
func (p *plainReader) problem(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return NewProblem(KindInvalid, err, "the body ends too early: want a whole JSON object")
	}
	return NewProblem(KindInvalid, err, "the body is no JSON at byte %d", p.InputOffset())
}

// bodyProblem says what is wrong with a JSON body without quoting values. The
// cause goes into the log, and must not quote them either.
func bodyProblem(err error) error {
	unquoted := fmt.Errorf("decode body: %T", err)
	if mismatch, is := errors.AsType[*json.UnmarshalTypeError](err); is {
		kind, _, _ := strings.Cut(mismatch.Value, " ") // of a number the value follows
		return NewProblem(KindInvalid, unquoted, "%s: found a JSON %s", mismatch.Field, kind)
	}
	if name, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return NewProblem(KindInvalid, err, "unknown name %s", shorten(name))
	}
	return NewProblem(KindInvalid, unquoted, "the body is no JSON of the form in GET /v1/openapi.yaml")
}

// readSoon reads a body that must come without delay.
func readSoon(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	// A recorder in a test has no deadlines, and needs none.
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(bodyWithin))
	body, err := readBody(w, r, most)
	_ = connection.SetReadDeadline(time.Time{})
	return body, err
}

// readBody reads a whole body of at most so many bytes.
func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, err
		}
		return nil, NewProblem(KindInvalid, err, "the body ended early")
	}
	return body, nil
}
