package entra

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoft/kiota-abstractions-go/serialization"
	kiotaauth "github.com/microsoft/kiota-authentication-azure-go"
	kiotahttp "github.com/microsoft/kiota-http-go"
	kiotajson "github.com/microsoft/kiota-serialization-json-go"
	graphcore "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/models/odataerrors"
)

const jsonContent = "application/json"

// newAdapter builds the SDK's request adapter around our own transport. The
// pipeline is written out, because the SDK's default one ranges over a map and
// retries compressed bodies wrongly.
func newAdapter(cfg Config) (abstractions.RequestAdapter, error) {
	base, err := url.Parse(cfg.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("read base URL: %w", err)
	}
	network := newNetwork(cfg)
	credential, err := newCredential(cfg, &http.Client{Transport: network, Timeout: cfg.RequestTimeout})
	if err != nil {
		return nil, err
	}
	// A host that is not in this list gets no token and no error.
	auth, err := kiotaauth.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(
		credential, []string{cfg.Scope}, []string{base.Hostname()})
	if err != nil {
		return nil, fmt.Errorf("prepare authentication: %w", err)
	}
	client := &http.Client{
		Transport: kiotahttp.NewCustomTransportWithParentTransport(stayer{base, normalizer{network}},
			graphcore.NewGraphTelemetryHandler(&graphcore.GraphClientOptions{}),
			kiotahttp.NewParametersNameDecodingHandler(),
			kiotahttp.NewUserAgentHandler()),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       cfg.RequestTimeout,
	}
	// Factories of our own keep the SDK's process-wide registries untouched.
	writers := serialization.NewSerializationWriterFactoryRegistry()
	writers.ContentTypeAssociatedFactories[jsonContent] = kiotajson.NewJsonSerializationWriterFactory()
	nodes := serialization.NewParseNodeFactoryRegistry()
	nodes.ContentTypeAssociatedFactories[jsonContent] = kiotajson.NewJsonParseNodeFactory()
	adapter, err := graphcore.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		auth, graphcore.GraphClientOptions{}, nodes, writers, client)
	if err != nil {
		return nil, fmt.Errorf("make request adapter: %w", err)
	}
	adapter.SetBaseUrl(cfg.BaseURL)
	return adapter, nil
}

// newNetwork is the connection pool that tokens and Graph share.
func newNetwork(cfg Config) http.RoundTripper {
	network := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     &tls.Config{RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: maxIdleConnections,
		IdleConnTimeout:     idleTimeout,
		TLSHandshakeTimeout: handshakeTimeout,
	}
	if cfg.Around != nil {
		return cfg.Around(network)
	}
	return network
}

func newCredential(cfg Config, client *http.Client) (azcore.TokenCredential, error) {
	options := azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: cfg.Authority},
		Transport: client,
		Retry:     policy.RetryOptions{MaxRetries: -1}, // Temporal repeats, nobody else
	}
	// Instance discovery asks Microsoft about an authority it cannot know.
	foreign := cfg.Authority != DefaultAuthority
	c := cfg.Credential
	var out azcore.TokenCredential
	var err error
	switch c.Kind {
	case CredentialSecret:
		out, err = azidentity.NewClientSecretCredential(cfg.Tenant, c.ClientID, c.Secret.Reveal(),
			&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: foreign})
	case CredentialCertificate:
		certs, key, parseErr := azidentity.ParseCertificates(c.Certificate, []byte(c.Password.Reveal()))
		if parseErr != nil {
			return nil, fmt.Errorf("read certificate: %w", parseErr)
		}
		out, err = azidentity.NewClientCertificateCredential(cfg.Tenant, c.ClientID, certs, key,
			&azidentity.ClientCertificateCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: foreign})
	case CredentialWorkload:
		out, err = azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: options, DisableInstanceDiscovery: foreign,
			TenantID: cfg.Tenant, ClientID: c.ClientID, TokenFilePath: c.TokenFile,
		})
	}
	if err != nil {
		return nil, fmt.Errorf("prepare %s credential: %w", c.Kind, err)
	}
	return out, nil
}

// errorMappings makes kiota read the body of every refusal, for the requests
// that are not sent by a request builder.
func errorMappings() abstractions.ErrorMappings {
	return abstractions.ErrorMappings{"XXX": odataerrors.CreateODataErrorFromDiscriminatorValue}
}

// page is one page of any of the SDK's collections.
type page[T any] interface {
	GetValue() []T
	GetOdataNextLink() *string
}

// collect reads all pages. A page may be empty and have a next one.
func collect[T any](ctx context.Context, get func(ctx context.Context, link string) (page[T], error)) ([]T, error) {
	var out []T
	var way trail
	link := ""
	for {
		p, err := get(ctx, link)
		if err != nil {
			return nil, err
		}
		if p == nil {
			return nil, errNoAnswer
		}
		out = append(out, p.GetValue()...)
		next, more, err := way.follow(p.GetOdataNextLink())
		if err != nil || !more {
			return out, err
		}
		link = next
	}
}
