package graph

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

const (
	kindUnified = "Unified"
	kindDynamic = "DynamicMembership"
	bindLimit   = 20
)

func (s *Server) groupView(g *group) object {
	out := maps.Clone(g.Props)
	out[propID] = g.ID
	licences := make([]any, 0, len(g.Licences))
	for _, l := range g.Licences {
		licences = append(licences, object{propSkuID: l.SkuID, propDisabledPlans: textList(l.Disabled)})
	}
	out[propAssigned] = licences
	if g.Deleted != nil {
		out[propDeleted] = stamp(*g.Deleted)
	}
	return out
}

func textList(in []string) []any {
	out := make([]any, 0, len(in))
	for _, s := range in {
		out = append(out, s)
	}
	return out
}

func (s *Server) groupRow(g *group) row {
	return row{raw: g.Props, full: func() object { return s.groupView(g) }, typ: typeGroup, cat: s.groups}
}

func (s *Server) lookupGroup(id string) (*group, error) {
	if g := s.t.groups[folded(id)]; g != nil && g.Deleted == nil {
		return g, nil
	}
	return nil, notFound(id)
}

func (s *Server) listGroups(q *request) (*reply, error) {
	l := listing{name: setGroups, cat: s.groups, alone: true}
	for _, g := range s.t.liveGroups() {
		l.rows = append(l.rows, s.groupRow(g))
	}
	return s.list(q, l)
}

func (s *Server) getGroup(q *request) (*reply, error) {
	names, err := s.selected(q, s.groups, false)
	if err != nil {
		return nil, err
	}
	g, err := s.lookupGroup(q.params[propID])
	if err != nil {
		return nil, err
	}
	out := shape(s.groups, s.groupView(g), names)
	out[keyContext] = q.base + metadata + setGroups + selectSuffix(q) + oneEntity
	return &reply{status: http.StatusOK, body: out}, nil
}

// groupBody checks the properties of a body and takes the bound members out.
func (s *Server) groupBody(body object) (object, []string, error) {
	out := object{}
	var members []string
	for _, key := range slices.Sorted(maps.Keys(body)) {
		v := body[key]
		if strings.EqualFold(key, "members"+keyBind) {
			list, ok := v.([]any)
			if !ok || len(list) > bindLimit {
				return nil, nil, badRequest("The number of references in 'members@odata.bind' must be between 1 and %d.", bindLimit)
			}
			for _, ref := range list {
				members = append(members, reference(ref))
			}
			continue
		}
		if strings.HasPrefix(key, "@odata.") || strings.EqualFold(key, "owners"+keyBind) {
			continue
		}
		p, ok := s.groups.find(key)
		if !ok || p.fixed {
			return nil, nil, badRequest("%s", messageBadValues)
		}
		checked, err := s.groups.value(p, v)
		if err != nil {
			return nil, nil, err
		}
		out[p.name] = checked
	}
	return out, members, nil
}

func (s *Server) createGroup(q *request) (*reply, error) {
	body, err := q.object()
	if err != nil {
		return nil, err
	}
	props, members, err := s.groupBody(body)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{propDisplayName, propMailEnabled, propMailNickname, propSecurity} {
		if props[name] == nil {
			return nil, missingValue(name, resourceGroup)
		}
	}
	g := &group{Props: props}
	if err := s.checkNewGroup(q, g, members); err != nil {
		return nil, err
	}
	var objects []string
	for _, id := range members {
		o, err := s.memberObject(id)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	s.putGroup(newGUID(), g)
	for _, id := range objects {
		g.join(member{ID: id, Since: s.now()})
	}
	s.settleNow()
	out := shape(s.groups, s.groupView(g), nil)
	out[keyContext] = q.base + metadata + setGroups + oneEntity
	return &reply{status: http.StatusCreated, header: http.Header{headerLocation: {q.base + "/groups/" + g.ID}}, body: out}, nil
}

func (s *Server) checkNewGroup(q *request, g *group, members []string) error {
	dynamic, unified := g.kind(kindDynamic), g.kind(kindUnified)
	switch {
	case g.flag(propMailEnabled) && !unified:
		return badRequest("The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.")
	case dynamic && g.Props[propRule] == nil:
		return missingValue(propRule, resourceGroup)
	case dynamic && len(members) > 0:
		return denied()
	case g.flag(propRoleGroup) && (dynamic || !g.flag(propSecurity)):
		return invalidValue(propRoleGroup, resourceGroup)
	case g.flag(propRoleGroup) && !q.app.allowed(permRoleManage):
		return denied()
	}
	nick, _ := g.Props[propMailNickname].(string)
	for _, other := range s.t.liveGroups() {
		if unified && other.kind(kindUnified) && same(other.Props[propMailNickname], nick) {
			return objectConflict(propMailNickname)
		}
	}
	return nil
}

// putGroup puts a group into the tenant.
func (s *Server) putGroup(id string, g *group) {
	g.ID, g.Ord = id, s.t.nextOrd()
	g.Props[propID] = id
	g.Props[propCreated] = stamp(s.now())
	if g.Props[propGroupTypes] == nil {
		g.Props[propGroupTypes] = []any{}
	}
	s.t.groups[id] = g
	s.touchGroup(g)
}

// patchGroup changes properties, or adds up to 20 members, all or none.
func (s *Server) patchGroup(q *request) (*reply, error) {
	body, err := q.object()
	if err != nil {
		return nil, err
	}
	g, err := s.lookupGroup(q.params[propID])
	if err != nil {
		return nil, err
	}
	props, members, err := s.groupBody(body)
	if err != nil {
		return nil, err
	}
	if len(props) > 0 {
		if err := s.mayPatchGroup(q, g, props); err != nil {
			return nil, err
		}
	}
	if len(members) > 0 {
		if err := s.addMembers(q, g, members); err != nil {
			return nil, err
		}
	}
	if len(props) > 0 {
		maps.Copy(g.Props, props)
		s.touchGroup(g)
	}
	return &reply{status: http.StatusNoContent}, nil
}

func (s *Server) mayPatchGroup(q *request, g *group, props object) error {
	if !q.app.allowed(permGroupWrite, permDirWrite) {
		return denied()
	}
	if g.flag(propSynced) {
		return badRequest(messageMastered)
	}
	if g.flag(propMailEnabled) && !g.kind(kindUnified) {
		return badRequest(messageMailGroup)
	}
	if _, ok := props[propRoleGroup]; ok {
		return badRequest("Property 'isAssignableToRole' is read-only and cannot be set.")
	}
	if g.flag(propRoleGroup) && !q.app.allowed(permRoleManage) {
		return denied()
	}
	return nil
}

// deleteGroup: Microsoft 365 groups go to the deleted items, security groups are gone at once.
func (s *Server) deleteGroup(q *request) (*reply, error) {
	g, err := s.lookupGroup(q.params[propID])
	if err != nil {
		return nil, err
	}
	if g.flag(propSynced) {
		return nil, badRequest(messageMastered)
	}
	if g.flag(propRoleGroup) && !q.app.allowed(permRoleManage) {
		return nil, denied()
	}
	if g.kind(kindUnified) {
		at := s.now()
		g.Deleted = &at
	} else {
		s.dropGroup(g)
	}
	s.touchGroup(g)
	s.settleNow()
	return &reply{status: http.StatusNoContent}, nil
}

func (s *Server) dropGroup(g *group) {
	delete(s.t.groups, g.ID)
	s.leaveAll(g.ID)
	s.touchGroup(g)
}

// leaveAll takes an object that is gone for good out of every group.
func (s *Server) leaveAll(id string) {
	for _, g := range s.t.groupsWhere(func(g *group) bool { return g.hasMember(id) }) {
		s.leave(g, id)
	}
}
