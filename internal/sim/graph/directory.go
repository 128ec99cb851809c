package graph

import (
	"net/http"
	"slices"
	"strings"
)

const getByIDsLimit = 1000

func (s *Server) getObject(q *request) (*reply, error) {
	id := folded(q.params[propID])
	if u := s.t.users[id]; u != nil {
		if _, err := s.lookup(id); err != nil {
			return nil, err
		}
	}
	r, ok := s.objectRow(id)
	if !ok {
		return nil, notFound(q.params[propID])
	}
	return s.entity(q, r, setObjects)
}

// getByIDs leaves out the IDs it does not know.
func (s *Server) getByIDs(q *request) (*reply, error) {
	body, err := q.object()
	if err != nil {
		return nil, err
	}
	raw, _ := field(body, "ids")
	ids, ok := raw.([]any)
	if !ok || len(ids) > getByIDsLimit {
		return nil, badRequest("%s", messageBadValues)
	}
	rawTypes, _ := field(body, "types")
	types, _ := rawTypes.([]any)
	values := []any{}
	seen := map[string]bool{}
	for _, v := range ids {
		id, _ := v.(string)
		if !guid.MatchString(id) {
			return nil, badRequest("Invalid object identifier '%s'.", id)
		}
		r, ok := s.objectRow(folded(id))
		if !ok || seen[folded(id)] || !typeWanted(types, r.typ) {
			continue
		}
		seen[folded(id)] = true
		out := shape(r.cat, r.full(), nil)
		out[keyType] = r.typ
		values = append(values, out)
	}
	return &reply{status: http.StatusOK, body: object{
		keyContext: q.base + metadata + setObjects, keyValue: values,
	}}, nil
}

func typeWanted(types []any, typ string) bool {
	return len(types) == 0 || slices.ContainsFunc(types, func(t any) bool {
		name, _ := t.(string)
		return strings.EqualFold(name, "directoryObject") || strings.EqualFold("#microsoft.graph."+name, typ)
	})
}

// domainType says where the people of a domain sign in.
func (s *Server) domainType(domain string) string {
	if slices.ContainsFunc(s.t.Federated, func(f string) bool { return strings.EqualFold(f, domain) }) {
		return "Federated"
	}
	return "Managed"
}

func (s *Server) organization(q *request) (*reply, error) {
	domains := []any{}
	for i, d := range s.t.Domains {
		domains = append(domains, object{
			"name": d, "isDefault": i == 0, "isInitial": i == 0, "type": s.domainType(d),
			"capabilities": "Email, OfficeCommunicationsOnline",
		})
	}
	o := object{
		propID: s.t.TenantID, propDisplayName: "Simulated tenant", "verifiedDomains": domains,
		"tenantType": "AAD", propDeleted: nil, propPhones: []any{}, propSynced: nil,
	}
	if slices.ContainsFunc(s.t.liveUsers(), func(u *user) bool { return u.flag(propSynced) }) {
		o[propSynced] = true
	}
	return &reply{status: http.StatusOK, body: object{
		keyContext: q.base + metadata + "organization", keyValue: []any{o},
	}}, nil
}

func (s *Server) listDomains(q *request) (*reply, error) {
	values := []any{}
	for i, d := range s.t.Domains {
		values = append(values, object{
			propID: d, "authenticationType": s.domainType(d), "isAdminManaged": true, "isDefault": i == 0, "isInitial": i == 0,
			"isRoot": true, "isVerified": true, "supportedServices": []any{"Email"},
		})
	}
	return &reply{status: http.StatusOK, body: object{keyContext: q.base + metadata + "domains", keyValue: values}}, nil
}
