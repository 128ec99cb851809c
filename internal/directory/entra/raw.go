package entra

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"
)

// address is a path below the base URL with its query options, in pairs.
func (d *Directory) address(path string, options ...string) string {
	query := url.Values{}
	for pair := range slices.Chunk(options, 2) {
		query.Set(pair[0], pair[1])
	}
	if len(query) == 0 {
		return d.cfg.BaseURL + path
	}
	return d.cfg.BaseURL + path + "?" + query.Encode()
}

// below is a path of names and IDs. IDs come from answers too, and none of them
// leads anywhere but to one part of the path.
func below(parts ...string) string {
	var out strings.Builder
	for _, part := range parts {
		out.WriteString("/" + url.PathEscape(part))
	}
	return out.String()
}

// readRaw reads an address without the SDK's model of the answer, which would
// cost minutes of compiling for a property or two.
func (d *Directory) readRaw(ctx context.Context, address string, into any) error {
	at, err := url.Parse(address)
	if err != nil {
		return errNoAnswer
	}
	info := abstractions.NewRequestInformation()
	info.Method = abstractions.GET
	info.SetUri(*at)
	info.Headers.Add("Accept", jsonContent)
	content, err := d.adapter.SendPrimitive(ctx, info, "[]byte", errorMappings())
	if err != nil {
		return err
	}
	body, _ := content.([]byte)
	if json.Unmarshal(body, into) != nil {
		return errNoAnswer
	}
	return nil
}

// rawPage is one page of a collection.
type rawPage[T any] struct {
	Value []T    `json:"value"`
	Next  string `json:"@odata.nextLink"`
}

// GetValue is what collect asks for.
func (p *rawPage[T]) GetValue() []T { return p.Value }

// GetOdataNextLink is what collect asks for.
func (p *rawPage[T]) GetOdataNextLink() *string { return &p.Next }

// collectRaw reads all pages of a collection.
func collectRaw[T any](ctx context.Context, d *Directory, address string) ([]T, error) {
	return collect(ctx, func(ctx context.Context, link string) (page[T], error) {
		if link == "" {
			link = address
		}
		var out rawPage[T]
		if err := d.readRaw(ctx, link, &out); err != nil {
			return nil, err
		}
		return &out, nil
	})
}

// stayer refuses every request that leaves the configured address: a link to
// the next page is the answer's, and must not lead anywhere else, nor up.
type stayer struct {
	base *url.URL
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (s stayer) RoundTrip(r *http.Request) (*http.Response, error) {
	// The parts of a path that a server would resolve, escaped or not.
	climbs := slices.ContainsFunc(strings.Split(r.URL.Path, "/"), func(part string) bool { return part == "." || part == ".." })
	if climbs || r.URL.Scheme != s.base.Scheme || !strings.EqualFold(r.URL.Host, s.base.Host) ||
		!strings.HasPrefix(r.URL.EscapedPath(), s.base.EscapedPath()+"/") {
		return nil, errElsewhere
	}
	return s.next.RoundTrip(r)
}
