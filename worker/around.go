package worker

import (
	"net/http"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"google.golang.org/grpc"

	"tenure/internal/store"
)

// Around is what stands around the doors of a worker and sees all that goes
// through them, as a tracer does. Each field may be nil.
type Around struct {
	// Work sees workflows and activities.
	Work interceptor.WorkerInterceptor
	// Calls sees the calls to Temporal.
	Calls grpc.UnaryClientInterceptor
	// HTTP sees the requests to targets and extensions.
	HTTP func(http.RoundTripper) http.RoundTripper
	// Store sees the connections to the database.
	Store store.Wrap
}

// dial adds what sees the calls to Temporal.
func (a Around) dial(options client.Options) client.Options {
	if a.Calls != nil {
		options.ConnectionOptions.DialOptions = append(options.ConnectionOptions.DialOptions, grpc.WithChainUnaryInterceptor(a.Calls))
	}
	return options
}

// work lists what sees workflows and activities.
func (a Around) work() []interceptor.WorkerInterceptor {
	if a.Work == nil {
		return nil
	}
	return []interceptor.WorkerInterceptor{a.Work}
}

// transport is the default one with what sees it around it.
func (a Around) transport() http.RoundTripper {
	if a.HTTP == nil {
		return nil // the client's default
	}
	return a.HTTP(http.DefaultTransport)
}
