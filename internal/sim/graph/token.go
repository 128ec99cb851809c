package graph

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	tokenLife      = time.Hour
	assertionType  = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	federatedAud   = "api://AzureADTokenExchange"
	partsOfToken   = 3
	grantClient    = "client_credentials"
	codeClient     = "invalid_client"
	codeBadGrant   = "invalid_request"
	pathMetadata   = "v2.0/.well-known/openid-configuration"
	pathToken      = "oauth2/v2.0/token"
	pathDiscovery  = "/common/discovery/instance"
	audienceGraph  = "https://graph.microsoft.com"
	algorithmPS256 = "PS256"
)

// errAssertion says that a client assertion does not hold.
var errAssertion = errors.New("client assertion is not valid")

// claims are the parts of a token that the simulator reads or writes.
type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience string   `json:"aud"`
	Expires  int64    `json:"exp"`
	Issued   int64    `json:"iat,omitempty"`
	App      string   `json:"appid,omitempty"`
	Tenant   string   `json:"tid,omitempty"`
	Roles    []string `json:"roles,omitempty"`
}

// authority serves what azidentity asks of the sign-in service.
func (s *Server) authority(w http.ResponseWriter, r *http.Request) {
	path := strings.Trim(r.URL.Path, "/")
	tenant, rest, _ := strings.Cut(path, "/")
	base := "https://" + r.Host
	switch {
	case r.URL.Path == pathDiscovery:
		s.plain(w, r, http.StatusOK, object{
			"tenant_discovery_endpoint": base + "/" + s.t.TenantID + "/" + pathMetadata,
			"api-version":               "1.1",
			"metadata": []any{object{
				"preferred_network": r.Host, "preferred_cache": r.Host, "aliases": []any{r.Host},
			}},
		})
	case rest != pathMetadata && rest != pathToken:
		http.NotFound(w, r)
	case !strings.EqualFold(tenant, s.t.TenantID):
		s.plain(w, r, http.StatusBadRequest, oauthError("invalid_tenant", "AADSTS90002: Tenant not found."))
	case rest == pathMetadata:
		s.plain(w, r, http.StatusOK, object{
			"issuer":                 base + "/" + tenant + "/v2.0",
			"authorization_endpoint": base + "/" + tenant + "/oauth2/v2.0/authorize",
			"token_endpoint":         base + "/" + tenant + "/" + pathToken,
			"jwks_uri":               base + "/" + tenant + "/discovery/v2.0/keys",
		})
	case r.Method != http.MethodPost:
		w.WriteHeader(http.StatusMethodNotAllowed)
	default:
		status, body := s.token(exchangeOf(r).RequestBody)
		s.plain(w, r, status, body)
	}
}

func oauthError(code, description string) object {
	return object{"error": code, "error_description": description, "error_codes": []any{}}
}

// plain writes JSON outside Graph's conventions. The exchange gets no body: it would hold a token.
func (s *Server) plain(w http.ResponseWriter, r *http.Request, status int, body any) {
	ex := exchangeOf(r)
	ex.Status = status
	ex.RequestBody = nil
	s.note(ex)
	w.Header().Set(headerType, "application/json; charset=utf-8")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.log.Warn("cannot write answer", "error", err)
	}
}

func (s *Server) token(raw []byte) (int, object) {
	form, err := url.ParseQuery(string(raw))
	if err != nil || form.Get("grant_type") != grantClient {
		return http.StatusBadRequest, oauthError("unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.")
	}
	if !strings.HasSuffix(form.Get("scope"), "/.default") && !strings.Contains(form.Get("scope"), "/.default ") {
		return http.StatusBadRequest, oauthError("invalid_scope", "AADSTS1002012: The provided value for scope is not valid.")
	}
	app := s.apps[folded(form.Get("client_id"))]
	if app == nil {
		return http.StatusBadRequest, oauthError("unauthorized_client", "AADSTS700016: Application was not found in the directory.")
	}
	switch {
	case form.Get("client_assertion") != "":
		if form.Get("client_assertion_type") != assertionType {
			return http.StatusBadRequest, oauthError(codeBadGrant, "AADSTS50027: JWT token is invalid or malformed.")
		}
		if err := s.checkAssertion(app, form.Get("client_assertion")); err != nil {
			return http.StatusUnauthorized, oauthError(codeClient, "AADSTS700027: The client assertion failed validation.")
		}
	case app.Secret == "" || subtle.ConstantTimeCompare([]byte(app.Secret), []byte(form.Get("client_secret"))) != 1:
		return http.StatusUnauthorized, oauthError(codeClient, "AADSTS7000215: Invalid client secret provided.")
	}
	return http.StatusOK, object{
		"token_type": "Bearer", "expires_in": int(s.opts.TokenLife.Seconds()) - 1, "ext_expires_in": int(s.opts.TokenLife.Seconds()) - 1,
		"access_token": s.Token(app.ID),
	}
}

// Token makes a bearer token for an application without the token endpoint, for tests that speak plain HTTP. Tokens live
// by the machine's clock, because clients keep them by it.
func (s *Server) Token(appID string) string {
	now := time.Now()
	c := claims{
		Issuer: "https://sts.windows.net/" + s.t.TenantID + "/", Audience: audienceGraph, Subject: appID,
		App: appID, Tenant: s.t.TenantID, Issued: now.Unix(), Expires: now.Add(s.opts.TokenLife).Unix(),
	}
	if app := s.apps[folded(appID)]; app != nil {
		s.mu.Lock()
		c.Roles = app.Permissions
		s.mu.Unlock()
	}
	payload, err := json.Marshal(c)
	if err != nil {
		s.log.Error("cannot encode token", "error", err)
	}
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"HS256"}`))
	signed := head + "." + base64.RawURLEncoding.EncodeToString(payload)
	return signed + "." + base64.RawURLEncoding.EncodeToString(s.sign(signed))
}

func (s *Server) sign(text string) []byte {
	mac := hmac.New(sha256.New, []byte(s.t.TokenKey))
	_, _ = mac.Write([]byte(text))
	return mac.Sum(nil)
}

// caller finds the application of a bearer token. The key is kept with the state, so tokens outlive a restart.
func (s *Server) caller(header string) (*App, error) {
	unauthorized := func(message string) error {
		e := refuse(http.StatusUnauthorized, codeToken, message)
		e.header = http.Header{"Www-Authenticate": {`Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`}}
		return e
	}
	scheme, raw, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || raw == "" {
		return nil, unauthorized("Access token is empty.")
	}
	i := strings.LastIndexByte(raw, '.')
	if i < 0 {
		return nil, unauthorized("IDX14100: JWT is not well formed.")
	}
	sum, err := base64.RawURLEncoding.DecodeString(raw[i+1:])
	if err != nil || !hmac.Equal(sum, s.sign(raw[:i])) {
		return nil, unauthorized("Access token validation failure. Invalid signature.")
	}
	c, err := readClaims(raw)
	if err != nil || c.Expires <= time.Now().Unix() {
		return nil, unauthorized("Lifetime validation failed, the token is expired.")
	}
	app := s.apps[folded(c.App)]
	if app == nil {
		return nil, unauthorized("The identity of the calling application could not be established.")
	}
	return app, nil
}

func readClaims(token string) (claims, error) {
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != partsOfToken {
		return c, errAssertion
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(payload, &c)
	}
	if err != nil {
		return c, fmt.Errorf("read token: %w", errAssertion)
	}
	return c, nil
}

// checkAssertion accepts an assertion signed by one of the application's certificates, or one of a trusted issuer.
func (s *Server) checkAssertion(app *App, token string) error {
	c, err := readClaims(token)
	if err != nil {
		return err
	}
	if c.Expires <= time.Now().Unix() {
		return errAssertion
	}
	if slices.Contains(app.Federated, Federated{Issuer: c.Issuer, Subject: c.Subject}) {
		if c.Audience != federatedAud {
			return errAssertion
		}
		return nil
	}
	if !strings.EqualFold(c.Issuer, app.ID) || !strings.EqualFold(c.Subject, app.ID) || !strings.HasSuffix(c.Audience, "/"+pathToken) {
		return errAssertion
	}
	return verify(app.Keys, token)
}

func verify(keys []crypto.PublicKey, token string) error {
	i := strings.LastIndexByte(token, '.')
	sig, err := base64.RawURLEncoding.DecodeString(token[i+1:])
	if err != nil {
		return errAssertion
	}
	var head struct {
		Algorithm string `json:"alg"`
	}
	first, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err == nil {
		err = json.Unmarshal(raw, &head)
	}
	if err != nil {
		return errAssertion
	}
	sum := sha256.Sum256([]byte(token[:i]))
	for _, key := range keys {
		k, ok := key.(*rsa.PublicKey)
		if !ok {
			continue // the sign-in service takes RSA keys only
		}
		if head.Algorithm == algorithmPS256 {
			err = rsa.VerifyPSS(k, crypto.SHA256, sum[:], sig, nil)
		} else {
			err = rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], sig)
		}
		if err == nil {
			return nil
		}
	}
	return errAssertion
}
