package entra

import (
	"testing"

	"tenure/internal/directory"
)

// TestNoTwoRequestsShareABuilder: the SDK writes into the map of a builder
// whenever it sends, and one target serves all activities of a worker at a time.
// Two of them in one map end the process.
func TestNoTwoRequestsShareABuilder(t *testing.T) {
	t.Parallel()
	d, err := New(Config{
		Name: "entra", Tenant: "tenant", Domain: "contoso.example",
		Credential: Credential{Kind: CredentialSecret, ClientID: "client", Secret: directory.NewSecret("not-a-real-secret")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, written := range map[string]func() map[string]string{
		"users":   func() map[string]string { return d.users().PathParameters },
		"groups":  func() map[string]string { return d.groups().PathParameters },
		"deleted": func() map[string]string { return d.deleted().PathParameters },
	} {
		written()["mine"] = "yes"
		if written()["mine"] != "" {
			t.Errorf("requests about %s share a builder", name)
		}
	}
}
