package httpapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
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
	for name, all := range values {
		switch {
		case !slices.Contains(known, name):
			wrong = append(wrong, ProblemError{Detail: "unknown parameter " + strconv.Quote(shorten(name)) + "; known are " + strings.Join(known, ", ")})
		case len(all) > 1:
			wrong = append(wrong, ProblemError{Detail: name + " is given twice"})
		}
	}
	if len(wrong) > 0 {
		slices.SortFunc(wrong, func(a, b ProblemError) int { return strings.Compare(a.Detail, b.Detail) })
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
	default:
		return nil
	}
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
	return id, firstOf(text(paramRealm, id.Realm, maxKey, true), text(paramKey, id.Key, maxKey, true))
}

// decode reads a small JSON body strictly.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	return decodeUpTo(w, r, into, maxBodyBytes)
}

// decodeUpTo reads a JSON body of at most so many bytes strictly.
func decodeUpTo(w http.ResponseWriter, r *http.Request, into any, most int64) error {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, most))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return bodyProblem(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return NewProblem(KindInvalid, err, "the body holds more than one JSON value")
	}
	return nil
}

// bodyProblem says what is wrong with a JSON body without quoting values.
func bodyProblem(err error) error {
	var tooLarge *http.MaxBytesError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &tooLarge):
		return err
	case errors.Is(err, io.EOF):
		return NewProblem(KindInvalid, err, "the body is empty: want a JSON object")
	case errors.As(err, &mismatch):
		return NewProblem(KindInvalid, err, "%s: found a JSON %s", mismatch.Field, mismatch.Value)
	}
	if name, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return NewProblem(KindInvalid, err, "unknown name %s", shorten(name))
	}
	return NewProblem(KindInvalid, err, "the body is no JSON of the form in GET /v1/openapi.yaml")
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
