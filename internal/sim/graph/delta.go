package graph

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	deltaTokenLife = 7 * 24 * time.Hour
	reasonChanged  = "changed"
	reasonDeleted  = "deleted"
)

// deltaToken says which changes are wanted: those after Since up to Until, from Offset on. A whole round sees one Until,
// so that changes during the paging come with the next round.
type deltaToken struct {
	Since  int64     `json:"s"`
	Until  int64     `json:"u"`
	Offset int       `json:"o"`
	At     time.Time `json:"t"`
	Select string    `json:"f,omitempty"`
	Filter string    `json:"q,omitempty"`
}

func (s *Server) deltaUsers(q *request) (*reply, error) {
	tok, err := s.deltaStart(q)
	if err != nil {
		return nil, err
	}
	out := object{keyContext: q.base + metadata + setUsers}
	if strings.EqualFold(q.option(optDeltaToken), "latest") {
		out[keyValue] = []any{}
		out[keyDelta] = s.deltaLink(q, optDeltaToken, deltaToken{Since: s.t.Seq, At: s.now(), Select: tok.Select})
		return &reply{status: http.StatusOK, body: out}, nil
	}
	sub := &request{query: url.Values{}, app: q.app}
	if tok.Select != "" {
		sub.query.Set(optSelect, tok.Select)
	}
	names, err := s.selected(sub, s.users, false)
	if err != nil {
		return nil, err
	}
	items, err := s.changes(tok, names)
	if err != nil {
		return nil, err
	}
	end := min(tok.Offset+s.opts.PageSize, len(items))
	out[keyValue] = items[min(tok.Offset, end):end]
	if end < len(items) {
		next := tok
		next.Offset = end
		out[keyNext] = s.deltaLink(q, optSkipToken, next)
	} else {
		out[keyDelta] = s.deltaLink(q, optDeltaToken, deltaToken{Since: tok.Until, At: s.now(), Select: tok.Select, Filter: tok.Filter})
	}
	return &reply{status: http.StatusOK, body: out}, nil
}

// deltaStart reads the token, or starts a first round with the request's options.
func (s *Server) deltaStart(q *request) (deltaToken, error) {
	for _, option := range []string{optExpand, optOrderBy, optSearch} {
		if q.has(option) {
			return deltaToken{}, badRequest("The query option '%s' is not supported with delta.", option)
		}
	}
	raw := q.option(optSkipToken)
	if raw == "" {
		raw = q.option(optDeltaToken)
	}
	tok := deltaToken{Until: s.t.Seq, At: s.now(), Select: q.option(optSelect), Filter: q.option(optFilter)}
	if raw == "" || strings.EqualFold(raw, "latest") {
		return tok, nil
	}
	var old deltaToken
	decoded, err := base64.RawURLEncoding.DecodeString(raw)
	if err == nil {
		err = json.Unmarshal(decoded, &old)
	}
	if err != nil || s.now().Sub(old.At) > deltaTokenLife || old.Offset < 0 {
		e := refuse(http.StatusGone, codeResync, "The delta token has expired. Start a full synchronization.")
		e.header = http.Header{headerLocation: {q.base + "/users/delta?$deltatoken="}}
		return deltaToken{}, e
	}
	if q.option(optSkipToken) != "" {
		return old, nil
	}
	tok.Since, tok.Select, tok.Filter = old.Since, old.Select, old.Filter
	return tok, nil
}

// changes lists the objects that changed in the token's range, oldest change first.
func (s *Server) changes(tok deltaToken, names []string) ([]any, error) {
	var match *node
	if tok.Filter != "" {
		n, err := parseFilter(tok.Filter)
		if err != nil || !onlyIDs(n) {
			return nil, badRequest("The $filter of delta takes only comparisons of id.")
		}
		match = n
	}
	type item struct {
		seq int64
		out object
	}
	var found []item
	for _, u := range s.t.usersWhere(func(u *user) bool { return u.Seq > tok.Since && (match == nil || match.holds(u.Props)) }) {
		switch {
		case u.Deleted != nil && tok.Since == 0:
			// A first round shows what there is, not what was.
		case u.Deleted != nil:
			found = append(found, item{u.Seq, removed(u.ID, reasonChanged)})
		default:
			out := shape(s.users, s.view(u), names)
			if m := s.managerOf(u); m != nil && slices.Contains(names, propManager) {
				out[propManager+"@delta"] = []any{object{keyType: typeUser, propID: m.ID}}
			}
			found = append(found, item{u.Seq, out})
		}
	}
	for _, p := range s.t.purged {
		if tok.Since > 0 && p.Seq > tok.Since {
			found = append(found, item{p.Seq, removed(p.ID, reasonDeleted)})
		}
	}
	slices.SortStableFunc(found, func(a, b item) int { return int(a.seq - b.seq) })
	out := make([]any, 0, len(found))
	for _, f := range found {
		if f.seq <= tok.Until {
			out = append(out, f.out)
		}
	}
	return out, nil
}

func removed(id, reason string) object {
	return object{propID: id, "@removed": object{"reason": reason}}
}

func onlyIDs(n *node) bool {
	if n.op == opOr {
		return onlyIDs(n.kids[0]) && onlyIDs(n.kids[1])
	}
	return n.op == opEq && strings.EqualFold(n.path, propID)
}

func (s *Server) deltaLink(q *request, name string, tok deltaToken) string {
	raw, err := json.Marshal(tok)
	if err != nil {
		s.log.Error("cannot encode delta token", "error", err)
	}
	return q.base + "/users/delta?" + name + "=" + base64.RawURLEncoding.EncodeToString(raw)
}
