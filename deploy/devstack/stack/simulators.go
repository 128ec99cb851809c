package stack

import (
	"context"
	"path/filepath"
	"time"

	"tenure/deploy/devstack/sample"
	"tenure/deploy/devstack/sample/existing"
	"tenure/internal/directory"
	"tenure/internal/directory/entra"
	"tenure/internal/sim/extension"
	"tenure/internal/sim/graph"
	"tenure/internal/sim/mail"
)

// The credentials of the simulators. They open nothing but this machine's toys.
const (
	graphClient  = "7e57c11e-0000-4000-8000-7e57c11e0001"
	graphSecret  = "simulated-secret"
	badgeSecret  = "whsec_c2ltdWxhdGVkLWJhZGdlLW9mZmljZS1zZWNyZXQ=" //nolint:gosec // a simulator's, known to everybody
	sendGridKey  = "simulated-key"
	smtpLoopback = "127.0.0.1:0"
)

// sampleSeats is enough for the organisation and few enough to run out in a test.
const sampleSeats = 40

func (s *Stack) startGraph(ctx context.Context) error {
	server, err := graph.New(graph.Options{
		Dir:  filepath.Join(s.opts.Dir, "graph"),
		Apps: []graph.App{{ID: graphClient, Secret: graphSecret, Permissions: graphPermissions()}},
		Lag:  s.opts.Lag, ThrottleScale: s.opts.ThrottleScale, TokenLife: s.opts.TokenLife, Log: s.log, Record: s.opts.Record,
	})
	if err != nil {
		return err
	}
	if err := server.Seed(s.graphSeed()); err != nil {
		return err
	}
	if err := server.Start(ctx, s.opts.GraphAddr); err != nil {
		return err
	}
	s.onClose("the Graph simulator", server.Close)
	s.graph = server
	s.addrs.Graph = hostOf(server.URL())
	return nil
}

// graphPermissions are those of the least-privilege table and no other.
func graphPermissions() []string {
	var verbs []directory.Verb
	var attributes []string
	for _, right := range entra.Rights() {
		verbs = append(verbs, right.Verbs...)
		attributes = append(attributes, right.Attribute)
	}
	return entra.LeastPermissions(verbs, attributes)
}

// graphSeed is the tenant as it was before Tenure came.
func (s *Stack) graphSeed() graph.Seed {
	if s.opts.Onboarding {
		return existing.New(s.day()).Seed()
	}
	labels := map[string]string{
		"all-staff": "3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001", "sales": "91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002",
		"engineering": "5b7d2b7c-9c1e-4b43-a3c1-1f3f6f6b0003",
	}
	seed := graph.Seed{
		Domains: []string{sample.Domain},
		SKUs:    []graph.SKU{{ID: "6fd2c87f-b296-42f0-b197-1e91e994b900", PartNumber: "ENTERPRISEPACK", Seats: sampleSeats}},
	}
	members := map[string][]string{}
	if s.opts.Sample {
		for _, account := range sample.Accounts() {
			id := graph.SeedID(account.UserName)
			for _, label := range account.Groups {
				members[label] = append(members[label], id)
			}
			seed.Users = append(seed.Users, userSeed(account))
		}
	}
	for _, label := range []string{"all-staff", "sales", "engineering"} {
		seed.Groups = append(seed.Groups, graph.GroupSeed{ID: labels[label], Name: label, Members: members[label]})
	}
	return seed
}

func userSeed(account sample.Account) graph.UserSeed {
	seed := graph.UserSeed{ID: graph.SeedID(account.UserName), Props: map[string]any{
		"userPrincipalName": account.UserName, "mail": account.UserName, "employeeId": account.EmployeeID,
		"displayName": account.DisplayName, "givenName": account.Given, "surname": account.Family,
		"department": account.Department, "jobTitle": account.Title, "usageLocation": account.Country,
		"officeLocation": account.Office, "accountEnabled": account.Enabled,
	}}
	if account.Enabled {
		seed.SKUs = []string{"6fd2c87f-b296-42f0-b197-1e91e994b900"}
	}
	return seed
}

func (s *Stack) startMail(ctx context.Context) error {
	server, err := mail.New(mail.Options{Dir: filepath.Join(s.opts.Dir, "mail"), Now: time.Now, Logger: s.log})
	if err != nil {
		return err
	}
	if err := server.Start(ctx, smtpLoopback, s.opts.MailAddr); err != nil {
		return err
	}
	s.onClose("the mail simulator", closing(server.Close)) //nolint:contextcheck // see closing
	s.mail = server
	s.addrs.Mail = server.HTTPAddr()
	return nil
}

func (s *Stack) startBadges(ctx context.Context) error {
	server, err := extension.New(extension.Options{Dir: s.opts.Dir, Secret: badgeSecret, Now: time.Now})
	if err != nil {
		return err
	}
	if err := server.Start(ctx, "127.0.0.1:0"); err != nil {
		return err
	}
	s.onClose("the badge office", closing(server.Close)) //nolint:contextcheck // see closing
	s.badges = server
	return nil
}

// stopWithin is how long a part may take to stop.
const stopWithin = 10 * time.Second

// closing gives a stop that wants a context one of its own: the process's has
// ended by then.
func closing(stop func(context.Context) error) func() error {
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin) //nolint:forbidigo // the process's context has ended by then
		defer cancel()
		return stop(ctx)
	}
}
