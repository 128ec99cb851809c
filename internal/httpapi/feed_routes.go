package httpapi

import (
	"net/http"
	"net/url"
)

func (a *API) feeds(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	feeds, err := a.journeys.Feeds(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, list(feeds))
}

// receive answers once the event is durable. It reads the body before anything
// is known of the sender, so the limit is small.
func (a *API) receive(w http.ResponseWriter, r *http.Request) error {
	leave, err := a.events.enter()
	if err != nil {
		return err
	}
	defer leave()
	body, err := readSoon(w, r, MaxEventBytes)
	if err != nil {
		return err
	}
	id, err := a.journeys.Receive(r.Context(), r.PathValue(paramFeed), r.Header, body)
	if err != nil {
		return err
	}
	w.Header().Set("Location", id.Path())
	return answer(w, http.StatusAccepted, id)
}

func (a *API) imports(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	imports, err := a.journeys.Imports(r.Context(), r.PathValue(paramFeed))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, list(imports))
}

func (a *API) importFile(w http.ResponseWriter, r *http.Request) error {
	values, err := query(r, paramAsOf, paramFileName, paramDryRun, paramActor)
	if err != nil {
		return err
	}
	dryRun, err := flag(values, paramDryRun)
	name, wrong := actor(r, values.Get(paramActor))
	err = firstOf(
		err, wrong,
		text(paramFileName, values.Get(paramFileName), maxName, false),
		text(paramAsOf, values.Get(paramAsOf), maxName, false),
	)
	if err != nil {
		return err
	}
	leave, err := a.imported.enter()
	if err != nil {
		return err
	}
	defer leave()
	done, err := a.journeys.Import(r.Context(), ImportRequest{
		Feed: r.PathValue(paramFeed), FileName: values.Get(paramFileName), AsOf: values.Get(paramAsOf), DryRun: dryRun,
		Actor: name, Content: http.MaxBytesReader(w, r.Body, MaxImportBytes),
	})
	if err != nil {
		return err
	}
	if dryRun {
		return answer(w, http.StatusOK, done)
	}
	return answerImport(w, done)
}

func answerImport(w http.ResponseWriter, done Import) error {
	w.Header().Set("Location", "/v1/feeds/"+url.PathEscape(done.Feed)+"/imports/"+url.PathEscape(done.ID))
	return answer(w, http.StatusAccepted, done)
}

func (a *API) importStatus(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	found, err := a.journeys.ImportStatus(r.Context(), r.PathValue(paramFeed), r.PathValue(paramID))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, found)
}

func (a *API) rejects(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	rejects, err := a.journeys.Rejects(r.Context(), r.PathValue(paramFeed), r.PathValue(paramID))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, list(rejects))
}

func (a *API) releaseImport(w http.ResponseWriter, r *http.Request) error {
	decision, err := decisionOf(w, r)
	if err != nil {
		return err
	}
	released, err := a.journeys.ReleaseImport(r.Context(), r.PathValue(paramFeed), r.PathValue(paramID), decision)
	if err != nil {
		return err
	}
	return answerImport(w, released)
}
