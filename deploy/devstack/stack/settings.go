package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tenure/deploy/devstack/sample"
	"tenure/deploy/devstack/sample/existing"
	"tenure/deploy/policy"
	"tenure/internal/config"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/store"
)

func (s *Stack) startLog(context.Context) error {
	log, closeLog, err := openLog(filepath.Join(s.opts.Dir, "tenure.log"))
	if err != nil {
		return err
	}
	s.onClose("the log", closeLog)
	s.log = log
	if s.opts.Log != nil {
		s.log = slog.New(slog.NewMultiHandler(log.Handler(), s.opts.Log))
	}
	return nil
}

// startSettings writes what a worker or starter outside needs to join: a
// configuration file, and the environment its references name.
func (s *Stack) startSettings(context.Context) error {
	dir, err := filepath.Abs(s.opts.Dir)
	if err != nil {
		return err
	}
	s.values = map[string]string{
		"TENURE_TENANT": s.graph.TenantID(), "TENURE_CLIENT": graphClient, "TENURE_CLIENT_SECRET": graphSecret,
		"TENURE_BADGE_SECRET": badgeSecret, "TENURE_HRIS_SECRET": hrisSecret, "TEMPORAL_ADDRESS": s.addrs.Temporal,
		"TENURE_BADGE_URL": "http://" + s.badges.Addr() + "/tenure",
		// For a policy that sends by SendGrid: the mail simulator speaks that too.
		"TENURE_SENDGRID_URL": "http://" + s.mail.HTTPAddr(), "TENURE_SENDGRID_KEY": sendGridKey,
		"TENURE_STORE": orElse(s.opts.Store, "sqlite:"+filepath.Join(dir, "tenure.db")),
	}
	s.settings = config.Defaults()
	s.settings.Codec = orElse(s.opts.Codec, config.CodecNone)
	s.settings.API.Decode = s.settings.Codec != config.CodecNone
	s.settings.Store = "env:TENURE_STORE"
	s.settings.Listen = orElse(s.opts.APIAddr, s.settings.Listen)
	s.settings.Mail.Server = s.mail.SMTPAddr()
	if s.addrs.UI != "" {
		s.settings.TemporalUI = "http://" + s.addrs.UI
	}
	s.settings.API.Tokens = s.opts.Tokens
	s.settings.API.Drain, s.settings.Metrics = s.opts.Drain, s.opts.Metrics
	// A policy may tell the HR system of accounts: the simulated badge office takes
	// these calls as well.
	told := "http://" + s.badges.Addr() + HRPath
	s.settings.WriteBack = map[string]config.Receiver{"hris": {URL: told, Secret: "env:TENURE_BADGE_SECRET"}} //nolint:gosec // the name of a variable
	// Whoever learns may steer from the Temporal Web UI.
	s.settings.API.Signals.Steer = len(s.opts.Tokens) == 0
	s.settings.Targets = map[string]config.Connection{"entra": {
		BaseURL: s.graph.URL() + "/v1.0", Authority: s.graph.URL() + "/", CAFile: filepath.Join(dir, "graph", "graph-ca.pem"),
	}}
	s.settleDomain(dir)
	maps.Copy(s.settings.Targets, s.opts.Targets)
	maps.Copy(s.values, s.opts.Values)
	return errors.Join(s.writeConfig(), s.writeEnvironment())
}

// HRPath is where the feed named hris is told of accounts, should a policy do so.
const HRPath = "/hris"

// hrisSecret signs the webhooks of a feed named hris, should a policy have one.
const hrisSecret = "whsec_c2ltdWxhdGVkLWhyLXN5c3RlbS1zZWNyZXQtMDE=" //nolint:gosec // a simulator's, known to everybody

func (s *Stack) writeConfig() error {
	var text strings.Builder
	text.WriteString("# Written by tenure-devstack at each start: tenure worker --config and tenure starter --config join with it.\n")
	if err := s.settings.Print(&text); err != nil {
		return err
	}
	return os.WriteFile(s.configFile(), []byte(text.String()), 0o600)
}

func (s *Stack) configFile() string { return filepath.Join(s.opts.Dir, "tenure.yaml") }

func (s *Stack) writeEnvironment() error {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.values)) {
		fmt.Fprintf(&text, "export %s='%s'\n", name, s.values[name])
	}
	return os.WriteFile(filepath.Join(s.opts.Dir, "tenure.env"), []byte(text.String()), 0o600)
}

// References resolve the names of the policy in this process; what is not the
// stack's own is looked up in the environment.
func (s *Stack) references() config.References {
	values := maps.Clone(s.values)
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if _, own := values[name]; !own {
			values[name] = value
		}
	}
	return config.Fixed(values)
}

// startPolicy activates the policy: the given file, or the day's copy of the
// shipped one, which is made once.
func (s *Stack) startPolicy(ctx context.Context) error {
	if s.opts.Lost {
		return nil
	}
	source, err := s.policySource()
	if err != nil {
		return err
	}
	if err := checkPolicy(source); err != nil {
		return err
	}
	db, err := store.Open(ctx, s.values["TENURE_STORE"])
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	active, err := db.ActivePolicy(ctx)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return s.activate(ctx, db, source)
	case err != nil:
		return err
	case s.opts.Policy != "" && active.Hash != lifecycle.Hash(source):
		s.changed = &source
	}
	return nil // whatever was applied since stays active
}

// startChange applies another policy than the active one as an operator would:
// through the API, which gives new lifecycle workflows a baseline of their own.
func (s *Stack) startChange(ctx context.Context) error {
	if s.changed == nil {
		return nil
	}
	if !s.opts.Starter {
		return errors.New("another policy is active and no starter runs here: apply the file with tenure policy apply")
	}
	body, err := json.Marshal(httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Name: s.changed.Name, Source: string(s.changed.Content)}})
	if err != nil {
		return err
	}
	var preview httpapi.PolicyPreview
	if err := s.call(ctx, http.MethodPost, "/v1/policy/preview", "application/json", body, &preview); err != nil {
		return err
	}
	query := url.Values{"name": {s.changed.Name}, "actor": {sampleActor}, "reason": {"another --policy at start"}, "expect": {preview.Expect}}
	var applied httpapi.PolicyApplied
	return s.call(ctx, http.MethodPost, "/v1/policy?"+query.Encode(), "application/yaml", s.changed.Content, &applied)
}

func (s *Stack) activate(ctx context.Context, db *store.Store, source lifecycle.Source) error {
	_, _, err := db.SavePolicy(ctx, store.PolicyVersion{
		Source: source.Content, Hash: lifecycle.Hash(source), Actor: "tenure-devstack", Reason: "applied at start",
		AppliedAt: time.Now().UTC(),
	})
	return err
}

// policyName is the copy of the shipped policy in the stack's folder.
const policyName = "policy.yaml"

func (s *Stack) policySource() (lifecycle.Source, error) {
	if s.opts.Policy != "" {
		content, err := os.ReadFile(s.opts.Policy)
		return lifecycle.Source{Name: filepath.Base(s.opts.Policy), Content: content}, err
	}
	path := filepath.Join(s.opts.Dir, policyName)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		adapt := sample.Policy
		if s.opts.Onboarding {
			adapt = existing.Policy
		}
		content, err = adapt(policy.First(), s.day(), "env:TENURE_BADGE_URL")
		if err == nil && s.domain != nil {
			content, err = sample.Hybrid(content, s.domain.ID(domainGroup))
		}
		if err == nil {
			err = os.WriteFile(path, content, 0o600)
		}
	}
	return lifecycle.Source{Name: policyName, Content: content}, err
}

func (s *Stack) day() time.Time {
	if !s.opts.Day.IsZero() {
		return s.opts.Day
	}
	return time.Now()
}

func orElse(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

func hostOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return address
	}
	return parsed.Host
}
