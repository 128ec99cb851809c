package graph

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const pageTokenLife = time.Hour

// row is one object of a listing.
type row struct {
	raw  object        // enough for a filter on stored properties
	full func() object // with computed properties
	typ  string        // @odata.type, for mixed listings
	cat  *catalog
	held bool // not yet in the index
}

// listing is a collection that the usual query options apply to.
type listing struct {
	name  string // for @odata.context
	cat   *catalog
	rows  []row
	alone bool // one cast or type only: no @odata.type
	// extra adds expanded properties to an object; nil when the collection takes no $expand.
	extra func(full object, out object)
	lag   bool // ordinary queries lag as the index does
}

// pageToken is what an opaque $skiptoken says.
type pageToken struct {
	Offset int       `json:"o"`
	At     time.Time `json:"t"`
	Empty  bool      `json:"e,omitempty"`
}

// list answers a GET of a collection.
func (s *Server) list(q *request, l listing) (*reply, error) {
	top, err := s.pageSize(q)
	if err != nil {
		return nil, err
	}
	names, err := s.selected(q, l.cat, !l.alone)
	if err != nil {
		return nil, err
	}
	rows, err := s.chosen(q, l)
	if err != nil {
		return nil, err
	}
	tok, err := s.pageToken(q)
	if err != nil {
		return nil, err
	}
	out := object{keyContext: q.base + metadata + l.name + selectSuffix(q)}
	if q.advanced() && !q.has(optSkipToken) {
		out["@odata.count"] = len(rows)
	}
	if s.opts.EmptyFirstPage && !q.has(optSkipToken) && len(rows) > 0 {
		out[keyValue] = []any{}
		out[keyNext] = s.nextLink(q, pageToken{At: s.now(), Empty: true})
		return &reply{status: http.StatusOK, body: out}, nil
	}
	end := min(tok.Offset+top, len(rows))
	values := make([]any, 0, top)
	for _, r := range rows[min(tok.Offset, len(rows)):end] {
		values = append(values, l.render(q.app, r, names))
	}
	out[keyValue] = values
	if end < len(rows) {
		out[keyNext] = s.nextLink(q, pageToken{Offset: end, At: s.now()})
	}
	return &reply{status: http.StatusOK, body: out}, nil
}

func (l listing) render(app *App, r row, names []string) object {
	full := r.full()
	if !l.alone && !app.allowed(readersOf(r.typ)...) {
		// The service tells the type and the ID of what the caller may not read, and that only.
		full = object{propID: full[propID]}
	}
	out := shape(r.cat, full, names)
	if !l.alone {
		out[keyType] = r.typ
	}
	if l.extra != nil {
		l.extra(full, out)
	}
	return out
}

// readersOf lists the permissions by which objects of a type are read within others.
func readersOf(typ string) []string {
	both := []string{permDirRead, permDirWrite}
	switch typ {
	case typeUser:
		return append(both, permUserRead, permUserBasic, permUserWrite)
	case typeGroup:
		return append(both, permMemberRead, permMemberWrite, permGroupRead, permGroupWrite)
	case typeRole:
		return append(both, permRoleRead, permRoleManage)
	default:
		return append(both, permAppRead)
	}
}

func (s *Server) pageSize(q *request) (int, error) {
	if q.has("$skip") {
		return 0, badRequest("'$skip' is not supported by the service.")
	}
	if q.option(optTop) == "" {
		return s.opts.PageSize, nil
	}
	n, err := strconv.Atoi(q.option(optTop))
	if err != nil || n < 1 || n > pageMax {
		return 0, unsupported("Invalid page size specified: '%s'. Must be between 1 and 999 inclusive.", q.option(optTop))
	}
	if s.opts.MaxPage > 0 {
		n = min(n, s.opts.MaxPage)
	}
	return n, nil
}

// chosen applies $filter, $search and $orderby with the rules of advanced queries.
func (s *Server) chosen(q *request, l listing) ([]row, error) {
	var match *node
	needs := q.has(optFilter) && q.has(optOrderBy)
	if q.has(optFilter) {
		n, err := parseFilter(q.option(optFilter))
		if err != nil {
			return nil, refuse(http.StatusBadRequest, codeParse, "Invalid filter clause: "+err.Error())
		}
		advanced, err := n.check(l.cat)
		if err != nil {
			return nil, err
		}
		match, needs = n, needs || advanced
	}
	if q.has(optSearch) && !q.eventual() {
		return nil, unsupported("Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'")
	}
	if needs && !q.advanced() {
		return nil, unsupported("Unsupported Query.")
	}
	indexed := q.advanced() || q.has(optSearch)
	if indexed && q.has(optExpand) {
		return nil, unsupported("Request with $expand is not supported with advanced query parameters.")
	}
	out := make([]row, 0, len(l.rows))
	for _, r := range l.rows {
		if r.held && (indexed || l.lag) {
			continue
		}
		if match != nil && !match.holds(filtered(match, r)) {
			continue
		}
		if q.has(optSearch) && !searched(q.option(optSearch), r.raw) {
			continue
		}
		out = append(out, r)
	}
	return out, order(q.option(optOrderBy), out)
}

// filtered is what a filter looks at: the stored properties when they are enough, since rendering is dear.
func filtered(match *node, r row) object {
	if match.mentions(propAssigned) || match.mentions(propExtensions) {
		return r.full()
	}
	return r.raw
}

// searched imitates "displayName:word": each token must start a word of the property.
func searched(search string, raw object) bool {
	name, want, ok := strings.Cut(strings.Trim(search, `"`), ":")
	if !ok {
		return false
	}
	v, _ := field(raw, name)
	text, _ := v.(string)
	words := strings.Fields(strings.ToLower(text))
	for tok := range strings.FieldsSeq(strings.ToLower(want)) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, tok) }) {
			return false
		}
	}
	return true
}

func order(by string, rows []row) error {
	if by == "" {
		return nil
	}
	name, direction, _ := strings.Cut(by, " ")
	if !strings.EqualFold(name, propDisplayName) && !strings.EqualFold(name, propUPN) {
		return unsupported("Sorting not supported for current query.")
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		x, _ := field(a.raw, name)
		y, _ := field(b.raw, name)
		xs, _ := x.(string)
		ys, _ := y.(string)
		n := cmp.Compare(strings.ToLower(xs), strings.ToLower(ys))
		if strings.EqualFold(direction, "desc") {
			return -n
		}
		return n
	})
	return nil
}

func (s *Server) pageToken(q *request) (pageToken, error) {
	var tok pageToken
	if !q.has(optSkipToken) {
		return tok, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(q.option(optSkipToken))
	if err == nil {
		err = json.Unmarshal(raw, &tok)
	}
	if err != nil || tok.Offset < 0 || s.now().Sub(tok.At) > pageTokenLife {
		return tok, refuse(http.StatusBadRequest, codeExpiredPage,
			"The specified page token value has expired and can no longer be included in your request.")
	}
	return tok, nil
}

// nextLink repeats the request's own options; headers are the caller's to send again.
func (s *Server) nextLink(q *request, tok pageToken) string {
	raw, err := json.Marshal(tok)
	if err != nil {
		s.log.Error("cannot encode page token", "error", err)
	}
	next := url.Values{}
	maps.Copy(next, q.query)
	next.Set(optSkipToken, base64.RawURLEncoding.EncodeToString(raw))
	return q.base + q.path + "?" + next.Encode()
}

func selectSuffix(q *request) string {
	if q.option(optSelect) == "" {
		return ""
	}
	return "(" + q.option(optSelect) + ")"
}

// selected reads $select; nil means the default properties. Loose listings hold several types, so that names which
// only one of them knows are fine.
func (s *Server) selected(q *request, c *catalog, loose bool) ([]string, error) {
	if q.option(optSelect) == "" {
		return nil, nil
	}
	var out []string
	for name := range strings.SplitSeq(q.option(optSelect), ",") {
		name = strings.TrimSpace(name)
		p, ok := c.find(name)
		for _, other := range []*catalog{s.users, s.groups, s.roles, s.applications} {
			if !ok && loose {
				p, ok = other.find(name)
			}
		}
		if ok && p.name == propActivity {
			if err := mayAskForActivity(q); err != nil {
				return nil, err
			}
		}
		switch {
		case ok && p.name == propLeave && !q.app.allowed(permUserLife, permUserLifeRead):
			return nil, denied()
		case ok:
			out = append(out, p.name)
		case strings.EqualFold(name, propManager):
			out = append(out, propManager)
		default:
			return nil, refuse(http.StatusBadRequest, codeParse, "Parsing OData Select and Expand failed: Could not find a property named '"+
				name+"' on type 'microsoft.graph."+strings.ToLower(c.resource)+"'.")
		}
	}
	return out, nil
}

// shape renders an object with the named properties, or with the default ones. The ID is always there.
func shape(c *catalog, full object, names []string) object {
	if names == nil {
		names = c.defaults
	}
	out := object{propID: full[propID]}
	for _, name := range names {
		p, ok := c.find(name)
		if !ok {
			continue
		}
		v := full[p.name]
		if p.name == propPassword {
			v = nil
		}
		if v == nil && (p.kind == kindStrings || p.kind == kindList || p.name == propAssigned || p.name == propStates || p.name == "identities") {
			v = []any{}
		}
		out[p.name] = v
	}
	return out
}
