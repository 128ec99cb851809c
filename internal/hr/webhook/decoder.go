package webhook

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"tenure/internal/hr"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// EventType is the one type of message that feeds send.
const EventType = "person.record"

//go:embed event.schema.json
var schema string

// Schema is the JSON Schema of the body.
func Schema() string { return schema }

// InvalidError lists everything that is wrong with a body. It holds nothing
// about the person except codes, dates, numbers and names of fields.
type InvalidError struct{ Problems []string }

// Error joins the problems.
func (e *InvalidError) Error() string {
	return "decode webhook: " + strings.Join(e.Problems, "; ")
}

// Decoder reads the bodies of one feed. It is immutable and safe for
// concurrent use.
type Decoder struct {
	normaliser *hr.Normaliser
	person     *shape
	employment *shape
	assignment *shape
}

// NewDecoder makes the decoder of a feed. Dates are always YYYY-MM-DD, and an
// empty value is null: both belong to the wire form.
func NewDecoder(feed lifecycle.Feed) (*Decoder, error) {
	feed.Dates, feed.Nulls = "", nil
	normaliser, err := hr.NewNormaliser(feed)
	if err != nil {
		return nil, err
	}
	return &Decoder{
		normaliser: normaliser,
		person:     shapeOf(person.PersonLayer),
		employment: shapeOf(person.EmploymentLayer),
		assignment: shapeOf(person.AssignmentLayer),
	}, nil
}

// futureSlack lets zones ahead of the clock state their date.
const futureSlack = 24 * time.Hour

// Decode turns a verified body into a statement. The ID is that of the message;
// a date of truth after now is refused, for it would hide all that is stated
// until then; the zero now skips that check. The error is an *InvalidError.
func (d *Decoder) Decode(id string, body []byte, now time.Time) (hr.Statement, error) {
	root, err := parse(body)
	if err != nil {
		return hr.Statement{}, &InvalidError{Problems: []string{err.Error()}}
	}
	r := &reading{decoder: d}
	r.message(root)
	if !now.IsZero() && r.asOf.After(now.Add(futureSlack)) {
		r.fail("data.asOf", "%s lies in the future", r.asOf.Format(time.RFC3339))
	}
	record, problems := d.normaliser.Record(r.raw, r.completeness)
	r.problems = append(r.problems, problems...)
	if len(r.problems) > 0 {
		return hr.Statement{}, &InvalidError{Problems: r.problems}
	}
	event := d.normaliser.Event(id, r.asOf, r.completeness, record)
	event.Sequence = r.sequence
	return hr.Statement{Key: norm.NFC.String(r.key), Event: event}, nil
}

// reading is the state of one decoding.
type reading struct {
	decoder      *Decoder
	problems     []string
	key          string
	asOf         time.Time
	sequence     int64
	completeness person.Completeness
	raw          hr.RawRecord
}

func (r *reading) fail(path, format string, arguments ...any) {
	const most = 100 // enough to mend a body, and a bound on the answer
	if len(r.problems) < most {
		r.problems = append(r.problems, path+": "+fmt.Sprintf(format, arguments...))
	}
}

// field is a name of an object, and what to do with its value.
type field struct {
	name     string
	required bool
	read     func(value node, path string)
}

// fields reads an object with a fixed set of names.
func (r *reading) fields(value node, path string, fields ...field) {
	if !r.want(value, path, object) {
		return
	}
	known := make([]string, 0, len(fields))
	for _, f := range fields {
		known = append(known, f.name)
		if i := slices.Index(value.names, f.name); i >= 0 {
			f.read(value.nodes[i], join(path, f.name))
		} else if f.required {
			r.fail(join(path, f.name), "is missing")
		}
	}
	for _, name := range value.names {
		if !slices.Contains(known, name) {
			r.unknown(path, name, known)
		}
	}
}

func (r *reading) unknown(path, name string, known []string) {
	if near := person.Nearest(name, known); near != "" {
		r.fail(join(path, shown(name)), "unknown name; did you mean %q?", near)
		return
	}
	r.fail(join(path, shown(name)), "unknown name")
}

func (r *reading) want(value node, path string, want kind) bool {
	if value.kind != want {
		r.fail(path, "want %s, found %s", want, value.kind)
		return false
	}
	return true
}

func (r *reading) message(root node) {
	r.fields(root, "",
		field{"type", true, func(value node, path string) {
			if r.want(value, path, text) && value.text != EventType {
				r.fail(path, "unknown type %q; allowed is %s", shorten(value.text), EventType)
			}
		}},
		field{"timestamp", true, func(value node, path string) { r.instant(value, path) }},
		field{"data", true, func(value node, path string) {
			r.fields(value, path,
				field{"key", true, r.readKey},
				field{"asOf", true, func(value node, path string) { r.asOf = r.instant(value, path) }},
				field{"sequence", false, r.readSequence},
				field{"completeness", true, r.readCompleteness},
				field{"record", true, r.record},
			)
		}},
	)
}

func (r *reading) readKey(value node, path string) {
	if !r.want(value, path, text) {
		return
	}
	if problem := person.KeyProblem(value.text); problem != "" {
		r.fail(path, "%s", problem)
		return
	}
	r.key = value.text
}

func (r *reading) readSequence(value node, path string) {
	const most = 1 << 53 // what every JSON library keeps exactly
	if !r.want(value, path, number) {
		return
	}
	sequence, err := strconv.ParseInt(value.text, 10, 64)
	if err != nil || sequence < 1 || sequence > most {
		r.fail(path, "want a whole number from 1 to 2^53")
		return
	}
	r.sequence = sequence
}

func (r *reading) readCompleteness(value node, path string) {
	if !r.want(value, path, text) {
		return
	}
	switch completeness := person.Completeness(value.text); completeness {
	case person.Full, person.Partial:
		r.completeness = completeness
	default:
		r.fail(path, "unknown word %q; allowed are %s, %s", shorten(value.text), person.Full, person.Partial)
	}
}

func (r *reading) instant(value node, path string) time.Time {
	if !r.want(value, path, text) {
		return time.Time{}
	}
	t, err := person.ParseInstant(value.text)
	if err != nil {
		r.fail(path, "%s", err)
		return time.Time{}
	}
	return t
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
