package httpapi

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tenure/internal/access"
	"tenure/workflows/contract"
)

// maxPage is the largest page of a list.
const maxPage = 1000

// headerIdempotencyKey makes a repeated override count once.
const headerIdempotencyKey = "Idempotency-Key"

func (a *API) people(w http.ResponseWriter, r *http.Request) error {
	values, err := query(r, paramRealm, paramSearch, paramPhase, paramAttention, paramHeld, paramLimit, paramCursor)
	if err != nil {
		return err
	}
	filter, err := peopleFilter(values)
	if err != nil {
		return err
	}
	people, next, err := a.journeys.People(r.Context(), filter)
	if err != nil {
		return err
	}
	if next != "" {
		values.Set(paramCursor, next)
		w.Header().Set("Link", "<"+r.URL.Path+"?"+values.Encode()+`>; rel="next"`)
	}
	return answer(w, http.StatusOK, list(people))
}

func peopleFilter(values url.Values) (PeopleFilter, error) {
	f := PeopleFilter{
		Realm: values.Get(paramRealm), Search: values.Get(paramSearch), Phase: values.Get(paramPhase), Cursor: values.Get(paramCursor),
	}
	var wrong [3]error
	f.Attention, wrong[0] = flag(values, paramAttention)
	f.Held, wrong[1] = flag(values, paramHeld)
	f.Limit, wrong[2] = pageLimit(values, maxPage)
	if !slices.Contains([]string{"", "pre-hire", "active", "leave", "left", "deleted", "rescinded", "unknown"}, f.Phase) {
		return f, NewProblem(KindInvalid, nil,
			"phase is %q: want pre-hire, active, leave, left, deleted, rescinded or unknown", shorten(f.Phase))
	}
	return f, firstOf(
		wrong[0], wrong[1], wrong[2],
		text(paramRealm, f.Realm, maxKey, false), text(paramSearch, f.Search, maxActor, false), text(paramCursor, f.Cursor, maxText, false),
	)
}

func (a *API) person(w http.ResponseWriter, r *http.Request) error {
	id, err := personID(r)
	if _, wrong := query(r); err != nil || wrong != nil {
		return firstOf(err, wrong)
	}
	person, err := a.journeys.Person(r.Context(), id)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, person)
}

func (a *API) timeline(w http.ResponseWriter, r *http.Request) error {
	id, err := personID(r)
	if _, wrong := query(r); err != nil || wrong != nil {
		return firstOf(err, wrong)
	}
	timeline, err := a.journeys.Timeline(r.Context(), id)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, timeline)
}

func (a *API) evidence(w http.ResponseWriter, r *http.Request) error {
	id, err := personID(r)
	if _, wrong := query(r); err != nil || wrong != nil {
		return firstOf(err, wrong)
	}
	evidence, err := a.journeys.Evidence(r.Context(), id)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, evidence)
}

func (a *API) explain(w http.ResponseWriter, r *http.Request) error {
	id, err := personID(r)
	values, wrong := query(r, paramKey)
	if err != nil || wrong != nil {
		return firstOf(err, wrong)
	}
	if err := text(paramKey, values.Get(paramKey), maxKey, false); err != nil {
		return err
	}
	explanation, err := a.journeys.Explain(r.Context(), id, values.Get(paramKey))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, explanation)
}

func (a *API) override(w http.ResponseWriter, r *http.Request) error {
	id, err := personID(r)
	if _, wrong := query(r); err != nil || wrong != nil {
		return firstOf(err, wrong)
	}
	kind := contract.Kind(r.PathValue(paramName))
	if !slices.Contains(contract.Kinds(), kind) {
		return NewProblem(KindNotFound, nil, "there is no override %q; GET /v1/openapi.yaml lists them", shorten(string(kind)))
	}
	if err := permit(r.Context(), overrideRole(kind)); err != nil {
		return err
	}
	var override contract.Override
	if err := decode(w, r, &override); err != nil {
		return err
	}
	if override.ID, err = overrideID(r, override.ID); err != nil {
		return err
	}
	stated := override.Actor
	if caller := access.From(r.Context()); caller.Verified && stated == "" {
		override.Actor = caller.Name
	}
	if err := override.Validate(kind); err != nil {
		return NewProblem(KindUnprocessable, err, "the override %s cannot be sent", kind).With(eachOf(err)...)
	}
	if err := plainOverride(override); err != nil {
		return err
	}
	if err := permit(r.Context(), OverrideRole(kind, override)); err != nil {
		return err
	}
	if override.Actor, err = actor(r, stated); err != nil {
		return err
	}
	given, err := a.journeys.Override(r.Context(), id, kind, override)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, given)
}

// plainOverride checks the texts that an override hands on.
func plainOverride(o contract.Override) error {
	return firstOf(
		text(paramReason, o.Reason, maxReason, true), text(paramID, o.ID, maxKey, false), text(paramKey, o.Key, maxKey, false),
		text("workflow", o.Workflow, maxKey, false), text(paramTarget, o.Target, maxKey, false), text("objectId", o.ObjectID, maxKey, false),
	)
}

// overrideID is the idempotency key: the header's, else the body's, else a new one.
func overrideID(r *http.Request, inBody string) (string, error) {
	inHeader := r.Header.Get(headerIdempotencyKey)
	if err := text(headerIdempotencyKey, inHeader, maxActor, false); err != nil {
		return "", err
	}
	switch {
	case inHeader != "" && inBody != "" && inHeader != inBody:
		return "", NewProblem(KindInvalid, nil, "%s and id of the body differ", headerIdempotencyKey)
	case inHeader != "":
		return inHeader, nil
	case inBody != "":
		return inBody, nil
	default:
		return "api-" + rand.Text(), nil
	}
}

// eachOf takes joined errors apart.
func eachOf(err error) []ProblemError {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return []ProblemError{{Detail: err.Error()}}
	}
	var out []ProblemError
	for _, one := range joined.Unwrap() {
		out = append(out, ProblemError{Detail: one.Error()})
	}
	return out
}

// NextPage is where the next page of a list is, "" on the last one: what a
// client reads of an answer's header.
func NextPage(header http.Header) string {
	for _, link := range header.Values("Link") {
		target, rest, found := strings.Cut(strings.TrimPrefix(link, "<"), ">")
		if found && strings.Contains(rest, `rel="next"`) {
			return target
		}
	}
	return ""
}
