package stack

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tenure/deploy/devstack/sample"
	"tenure/internal/config"
	"tenure/internal/sim/ad"
	"tenure/internal/sim/connect"
)

const (
	// domainAccount is what Tenure binds with: it has the rights that it needs and
	// no others.
	domainAccount = "tenure"
	domainGroup   = "pacific-staff"
	domainFolder  = "ad"
	domainSecret  = "ad-password"
	domainLook    = 20 * time.Millisecond
)

// startDomain starts the domain and its synchronisation with the tenant. A folder
// that was begun without a domain goes on without.
func (s *Stack) startDomain(ctx context.Context) error {
	dir := filepath.Join(s.opts.Dir, domainFolder)
	if !s.opts.Hybrid || s.opts.Policy != "" || s.opts.Onboarding {
		return nil
	}
	_, noDomain := os.Stat(dir)
	_, noPolicy := os.Stat(filepath.Join(s.opts.Dir, policyName))
	if noPolicy == nil && errors.Is(noDomain, fs.ErrNotExist) {
		return nil
	}
	password, err := keptSecret(filepath.Join(s.opts.Dir, domainSecret))
	if err != nil {
		return err
	}
	server, err := ad.New(ad.Options{Dir: dir, Domain: sample.CorpDomain, Suffixes: []string{sample.Domain}, Password: password, Exchange: true, Log: s.log})
	if err != nil {
		return err
	}
	s.onClose("the domain simulator", server.Close)
	if err := server.Seed(domainSeed(password)); err != nil {
		return err
	}
	controller, err := server.Start(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.domain, s.domainPassword = server, password
	s.addrs.Domain = hostOf(controller.URL())
	return s.startSync(ctx, controller.URL(), password)
}

// domainSeed is the domain as its administrators prepared it.
func domainSeed(password string) ad.Seed {
	const groups = "OU=Groups," + sample.CorpBase
	return ad.Seed{
		Units:  []string{sample.CorpPeople, sample.CorpLeavers, groups},
		Groups: []ad.GroupSeed{{Name: domainGroup, Unit: groups}},
		Users:  []ad.UserSeed{{Name: "Tenure", Logon: domainAccount, Password: password}},
		Delegations: []ad.Delegation{
			{Account: domainAccount, Unit: sample.CorpPeople},
			{Account: domainAccount, Unit: sample.CorpLeavers},
			{Account: domainAccount, Unit: groups, Classes: []string{"group"}, Attributes: []string{"member"}},
		},
	}
}

// startSync synchronises after each change instead of every half an hour: people
// whose time is moved would outrun a clock.
func (s *Stack) startSync(ctx context.Context, url, password string) error {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.domain.CA())
	sync, err := connect.New(s.graph, connect.Options{
		URL: url, RootCAs: roots, BindName: s.domain.Administrator(), Password: password,
		BaseDN: s.domain.BaseDN(), In: []string{sample.CorpPeople, sample.CorpLeavers}, Log: s.log,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.follow(ctx, sync)
	}()
	s.onClose("the synchronisation", func() error { cancel(); <-done; return nil })
	return nil
}

// follow runs a cycle whenever the domain has changed, and after one that failed.
func (s *Stack) follow(ctx context.Context, sync *connect.Sync) {
	ticker := time.NewTicker(domainLook)
	defer ticker.Stop()
	for seen := int64(0); ; {
		if now := s.domain.USN(); now != seen {
			if _, err := sync.Cycle(ctx); err == nil {
				seen = now
			} else if ctx.Err() == nil {
				s.log.Warn("synchronise the domain", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// settleDomain says how the domain is reached.
func (s *Stack) settleDomain(dir string) {
	if s.domain == nil {
		return
	}
	s.settings.Targets[sample.Corp] = config.Connection{
		Hosts: []string{s.addrs.Domain}, CAFile: filepath.Join(dir, domainFolder, "ad-ca.pem"),
	}
	s.settings.Targets[sample.Pacific] = s.settings.Targets["entra"]
	s.values["TENURE_CORP_USER"] = domainAccount + "@" + sample.CorpDomain
	s.values["TENURE_CORP_PASSWORD"] = s.domainPassword
}

// keptSecret makes a password once.
func keptSecret(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return string(content), err
	}
	raw := make([]byte, keySize)
	_, _ = rand.Read(raw) // it never fails: it ends the program instead
	secret := "Dev-" + hex.EncodeToString(raw)
	return secret, os.WriteFile(path, []byte(secret), 0o600)
}
