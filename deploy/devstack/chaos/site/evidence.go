package site

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tenure/deploy/devstack/chaos/audit"
	"tenure/internal/sim/graph"
	"tenure/internal/sim/mail"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// snapshots keeps the tenant's state for a moment: many wait for it at once, and
// it is large.
type snapshots struct {
	mu    sync.Mutex
	at    time.Time
	state graph.State
	mails []mail.Message
}

const snapshotAge = 200 * time.Millisecond

// Evidence gathers what can be seen of a person.
func (s *Site) Evidence(ctx context.Context, e Employee) (audit.Evidence, error) {
	var got audit.Evidence
	state, mails := s.tenant()
	owns := func(u graph.UserState) bool { return u.Props["employeeId"] == e.Key }
	for _, u := range state.Users {
		if owns(u) {
			got.Live = append(got.Live, u)
		}
	}
	for _, u := range state.Deleted {
		if owns(u) {
			got.Deleted = append(got.Deleted, u)
		}
	}
	for _, m := range mails {
		if concerns(m, e) {
			got.Mails = append(got.Mails, m)
		}
	}
	if err := s.calls(e, &got); err != nil {
		return got, err
	}
	journey := contract.JourneyID(Realm, e.Key)
	var err error
	if got.Ledger, err = s.store.Ledger(ctx, journey, 1, 0); err != nil {
		return got, fmt.Errorf("gather evidence: %w", err)
	}
	got.Chain = s.store.Verify(ctx, journey)
	if got.Deliveries, err = s.deliveries(ctx, journey); err != nil {
		return got, fmt.Errorf("gather evidence: %w", err)
	}
	got.Person, err = s.Person(ctx, e.Key)
	return got, err
}

func (s *Site) tenant() (graph.State, []mail.Message) {
	s.snapshots.mu.Lock()
	defer s.snapshots.mu.Unlock()
	if time.Since(s.snapshots.at) > snapshotAge {
		s.snapshots.state, s.snapshots.mails = s.Graph().State(), s.Mail().Messages()
		s.snapshots.at = time.Now()
	}
	return s.snapshots.state, s.snapshots.mails
}

// concerns reports whether a mail is about or to somebody: family names of the
// chaos program are unique.
func concerns(m mail.Message, e Employee) bool {
	if strings.Contains(m.Subject+m.Text, e.Family) {
		return true
	}
	return slices.ContainsFunc(m.Recipients, func(address string) bool {
		local, _, _ := strings.Cut(address, "@")
		return strings.HasSuffix(local, strings.ToLower(e.Family)) || local == "candidate"+e.Key
	})
}

func (s *Site) calls(e Employee, got *audit.Evidence) error {
	for _, call := range s.Badges().Calls() {
		var body struct {
			Data struct {
				Subject struct {
					Realm string `json:"realm"`
					Key   string `json:"key"`
				} `json:"subject"`
			} `json:"data"`
		}
		if err := json.Unmarshal(call.Body, &body); err != nil {
			return fmt.Errorf("read call: %w", err)
		}
		if body.Data.Subject.Key == e.Key && body.Data.Subject.Realm == Realm {
			got.Calls = append(got.Calls, call)
		}
	}
	return nil
}

// deliveries reads what Tenure knows of the mails of a journey from its tables:
// the product looks at one at a time.
func (s *Site) deliveries(ctx context.Context, journey string) ([]store.Delivery, error) {
	rows, err := s.tables.QueryContext(ctx,
		`SELECT delivery_key, message_id, template, state FROM deliveries WHERE delivery_key LIKE $1 ORDER BY delivery_key`, journey+"/%")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []store.Delivery
	for rows.Next() {
		var d store.Delivery
		if err := rows.Scan(&d.Key, &d.MessageID, &d.Template, &d.State); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// openTables opens the store's database beside the product.
func openTables(url string) (*sql.DB, error) {
	if path, is := strings.CutPrefix(url, "sqlite:"); is {
		return sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(15000)&_pragma=query_only(1)")
	}
	return sql.Open("pgx", url)
}

// SignIns tries the passes that were mailed to the manager of somebody, the
// newest first, within their validity: the clock of the account is moved there
// for good.
func (s *Site) SignIns(e Employee, mails []mail.Message) ([]bool, error) {
	var secrets []string
	for _, m := range mails {
		if _, rest, found := strings.Cut(m.Text, "Temporary access pass: "); found {
			secrets = append(secrets, strings.Fields(rest)[0])
		}
	}
	slices.Reverse(secrets)
	if len(secrets) == 0 {
		return nil, nil
	}
	state, _ := s.tenant()
	for _, u := range state.Users {
		if u.Props["employeeId"] != e.Key || len(u.Passes) == 0 {
			continue
		}
		if err := s.follow(e.Key, u.Passes[0].Start.Add(time.Minute)); err != nil {
			return nil, err
		}
		name, _ := u.Props["userPrincipalName"].(string)
		out := make([]bool, len(secrets))
		for i, secret := range secrets {
			out[i] = s.Graph().SignIn(name, secret) == nil
		}
		return out, nil
	}
	return make([]bool, len(secrets)), nil
}
