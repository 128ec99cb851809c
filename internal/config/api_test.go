package config_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"tenure/internal/access"
	"tenure/internal/config"
)

// digest is the SHA-256 of some token.
const digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

const oneToken = "api: {tokens: [{name: ci, role: operator, sha256: " + digest + ", expires: 2027-02-01}]"

func TestS19CredentialsAreRead(t *testing.T) {
	t.Parallel()
	c, err := config.Load("tenure.yaml", strings.NewReader(`
codec: none
listen: 0.0.0.0:8443
api:
  tokens:
    - {name: ci, role: operator, sha256: `+digest+`, expires: 2027-02-01}
    - {name: olga@contoso.example, role: admin, sha256: `+strings.ToUpper(strings.Repeat("ab", 32))+`, expires: "2027-02-01T12:00:00Z"}
  oidc:
    issuer: https://login.contoso.example/tenant/v2.0
    audience: api://tenure
    roleClaim: roles
    nameClaim: oid
    roles: {Tenure.Admin: admin, Tenure.Read: viewer}
  signals: {steer: true}
  tls: {certificate: file:/run/tls.crt, key: file:/run/tls.key}
`))
	if err != nil {
		t.Fatalf("Load() = %v", err)
	}
	tokens := c.API.Named()
	if len(tokens) != 2 || tokens[0].Role != access.Operator || tokens[1].Role != access.Admin || tokens[1].Digest[0] != 0xab {
		t.Errorf("Named() = %+v", tokens)
	}
	if want := time.Date(2027, 2, 2, 0, 0, 0, 0, time.UTC); !tokens[0].Expires.Equal(want) {
		t.Errorf("a token of 2027-02-01 expires at %s, want the end of that day", tokens[0].Expires)
	}
	if want := time.Date(2027, 2, 1, 12, 0, 0, 0, time.UTC); !tokens[1].Expires.Equal(want) {
		t.Errorf("a token with an instant expires at %s, want %s", tokens[1].Expires, want)
	}
	if got, want := c.API.OIDC.RoleMap(), map[string]access.Role{"Tenure.Admin": access.Admin, "Tenure.Read": access.Viewer}; !maps.Equal(got, want) {
		t.Errorf("RoleMap() = %v, want %v", got, want)
	}
	if !c.API.Credentials() || !c.API.TLS.Serves() || !c.API.Signals.Steer {
		t.Errorf("API = %+v", c.API)
	}
	if config.Defaults().API.Credentials() || config.Defaults().API.Signals.Steer {
		t.Errorf("Defaults() = %+v, want no credentials and signals that do not steer", config.Defaults().API)
	}
}

func TestS19NoOtherAddressWithoutCredentialsAndEncryption(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"codec: none\nlisten: 0.0.0.0:80\n":                                                            "loopback only",
		"codec: none\nlisten: 0.0.0.0:80\napi: {tls: {endsBefore: true}}\n":                            "loopback only",
		"codec: none\nlisten: 0.0.0.0:80\napi: {tls: {certificate: file:/c, key: file:/k}}\n":          "loopback only",
		"codec: none\nlisten: 0.0.0.0:80\n" + oneToken + "}\n":                                         "in the clear",
		"codec: none\nlisten: 0.0.0.0:80\n" + oneToken + ", tls: {endsBefore: true}}\n":                "",
		"codec: none\nlisten: tenure.contoso.example:80\n" + oneToken + ", tls: {endsBefore: true}}\n": "",
		"codec: none\nlisten: ':80'\n" + oneToken + ", tls: {certificate: file:/c, key: file:/k}}\n":   "",
		"codec: none\n" + oneToken + "}\n":                                                             "",
	} {
		_, err := config.Load("tenure.yaml", strings.NewReader(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("Load(%q) = %v, want %q", text, err, want)
		}
	}
}

func TestS19EveryProblemOfCredentialsAtOnce(t *testing.T) {
	t.Parallel()
	const secret = "tnr_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"
	_, err := config.Load("tenure.yaml", strings.NewReader(`
codec: none
api:
  tokens:
    - {name: "hr:x", role: root, sha256: `+secret+`, expires: soon}
    - {name: ci, role: viewer, sha256: `+digest+`, expires: 2027-02-01}
    - {name: CI, role: viewer, sha256: `+digest+`, expires: 2027-02-30}
  oidc: {issuer: "http://login.contoso.example", roles: {Admins: owner}}
  tls: {certificate: /etc/tls.crt, endsBefore: true}
`))
	if err == nil {
		t.Fatal("Load() = nil, want an error")
	}
	for _, want := range []string{
		`api.tokens[0].name is "hr:x"`, `api.tokens[0].role is "root": want one of viewer, operator, approver, admin`, "api.tokens[0].sha256",
		`api.tokens[0].expires is "soon"`, `api.tokens[2].name: "CI" is there twice`, "api.tokens[2].sha256: another token", "api.tokens[2].expires",
		"api.oidc.issuer is", "api.oidc.audience is missing", "api.oidc.roleClaim is missing", `api.oidc.roles.Admins: role is "owner"`,
		"certificate and key", "not both", "api.tls.certificate is no reference",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Load() = %v\nwant %q in it", err, want)
		}
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("Load() = %v shows a token that was written for its digest", err)
	}
	for text, want := range map[string]string{
		"codec: none\napi: {oidc: {audience: x}}\n":                                                                        "api.oidc.issuer is missing",
		"codec: none\napi: {token: []}\n":                                                                                  "token",
		"codec: none\napi: {tls: {certificate: file:/c, key: PEM}}\n":                                                      "api.tls.key is written in clear",
		"codec: none\napi: {signals: {steer: sometimes}}\n":                                                                "line 2: a text found where true or false belongs",
		"codec: none\napi: {oidc: {issuer: 'https://u:p@login.example', audience: x, roleClaim: r, roles: {a: viewer}}}\n": "api.oidc.issuer is",
	} {
		if _, err := config.Load("tenure.yaml", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Load(%q) = %v, want %q", text, err, want)
		}
	}
}
