package graph

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// subjects are the employee numbers of the people whom a request is about.
type subjects []string

func (a subjects) is(number string) bool { return slices.Contains(a, number) }

// numberFilter finds the employee number, or the object of a role assignment, that a filter asks for.
var numberFilter = regexp.MustCompile(`(employeeId|principalId) eq '([^']*)'`)

// about says whom a request is about, for the fault schedule and the request log: who is in its path, its filter or its
// body. A manager in a body is not who it is about.
func (s *Server) about(q *request) subjects {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out subjects
	add := func(number string) {
		if number != "" && !slices.Contains(out, number) {
			out = append(out, number)
		}
	}
	addObject := func(name string) {
		if u, err := s.find(name); err == nil {
			add(u.text(propEmployeeID))
		}
	}
	for _, seg := range q.segs {
		addObject(seg)
	}
	for _, m := range numberFilter.FindAllStringSubmatch(q.option(optFilter), -1) {
		if m[1] == propEmployeeID {
			add(m[2])
		} else {
			addObject(m[2])
		}
	}
	var body struct {
		Number string `json:"employeeId"`
		Ref    string `json:"@odata.id"`
	}
	if len(q.body) > 0 && json.Unmarshal(q.body, &body) == nil {
		add(body.Number)
		if len(q.segs) > 0 && strings.EqualFold(q.segs[0], setGroups) {
			addObject(reference(body.Ref))
		}
	}
	return out
}

// takeName makes an account of somebody else under the name that a request asks for, as another administrator may do
// in the moment before it.
func (s *Server) takeName(body []byte) {
	var in struct {
		Name string `json:"userPrincipalName"`
	}
	if json.Unmarshal(body, &in) != nil || in.Name == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.t.userByName(in.Name) != nil {
		return
	}
	s.newUser(newGUID(), object{propUPN: in.Name, propDisplayName: "Somebody Else", propEnabled: true})
	if err := s.commit(); err != nil {
		s.log.Error("cannot keep state", "error", err)
	}
}
