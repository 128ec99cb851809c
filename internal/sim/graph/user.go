package graph

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	typeUser  = "#microsoft.graph.user"
	typeGroup = "#microsoft.graph.group"
	keyBind   = "@odata.bind"
)

// view is the whole user as $select can show it.
func (s *Server) view(u *user) object {
	out := maps.Clone(u.Props)
	out[propID] = u.ID
	out[propAssigned] = s.assigned(u)
	out[propStates] = s.assignmentStates(u)
	if u.Deleted != nil {
		out[propDeleted] = stamp(*u.Deleted)
		// The service frees the name of a deleted user by putting the ID before it.
		out[propUPN] = strings.ReplaceAll(u.ID, "-", "") + u.text(propUPN)
	}
	out[propExtensions] = extensions(u.Props[propExtensions])
	if activity := u.activity(); activity != nil {
		out[propActivity] = activity
	}
	return out
}

// extensions shows all fifteen attributes, set or not.
func extensions(stored any) object {
	have, _ := stored.(object)
	out := object{}
	for i := range 15 {
		name := "extensionAttribute" + strconv.Itoa(i+1)
		out[name] = have[name]
	}
	return out
}

func (s *Server) userRow(u *user) row {
	raw := u.Props
	if u.Deleted != nil {
		raw = s.view(u)
	}
	return row{
		raw: raw, full: func() object { return s.view(u) }, typ: typeUser, cat: s.users,
		held: s.now().Before(u.IndexedAt),
	}
}

// lookup finds a live user by ID or userPrincipalName. Within the window after its create a new user is not found, and
// each look shortens a window that is counted in requests.
func (s *Server) lookup(id string) (*user, error) {
	u := s.t.users[folded(id)]
	if u == nil {
		u = s.t.userByName(id)
	}
	if u == nil || u.Deleted != nil || s.hidden(u) {
		return nil, notFound(id)
	}
	return u, nil
}

func (s *Server) hidden(u *user) bool {
	if u.HiddenReads > 0 {
		u.HiddenReads--
		return true
	}
	return s.now().Before(u.VisibleAt)
}

func (s *Server) listUsers(q *request) (*reply, error) {
	l := listing{name: setUsers, cat: s.users, alone: true, lag: s.opts.Lag.Lists}
	for _, u := range s.t.liveUsers() {
		l.rows = append(l.rows, s.userRow(u))
	}
	extra, err := s.expandManager(q)
	if err != nil {
		return nil, err
	}
	l.extra = extra
	return s.list(q, l)
}

// expandManager reads $expand=manager or manager($select=a,b); nothing else can be expanded here.
func (s *Server) expandManager(q *request) (func(full, out object), error) {
	if !q.has(optExpand) {
		return nil, nil
	}
	name, rest, _ := strings.Cut(q.option(optExpand), "(")
	if !strings.EqualFold(strings.TrimSpace(name), propManager) {
		return nil, unsupported("The expand clause names a navigation property that cannot be expanded here.")
	}
	sub := &request{query: map[string][]string{}, app: q.app}
	if rest != "" {
		option, value, _ := strings.Cut(strings.TrimSuffix(rest, ")"), "=")
		sub.query.Set("$"+strings.TrimPrefix(strings.ToLower(option), "$"), value)
	}
	names, err := s.selected(sub, s.users, false)
	if err != nil {
		return nil, err
	}
	return func(full, out object) {
		id, _ := full[propID].(string)
		if m := s.managerOf(s.t.users[id]); m != nil {
			shown := shape(s.users, s.view(m), names)
			shown[keyType] = typeUser
			out[propManager] = shown
		}
	}, nil
}

func (s *Server) countUsers(q *request) (*reply, error) {
	if !q.eventual() {
		return nil, badRequest("$count is not currently supported.")
	}
	n := 0
	for _, u := range s.t.liveUsers() {
		if !s.now().Before(u.IndexedAt) {
			n++
		}
	}
	return &reply{status: http.StatusOK, text: strconv.Itoa(n)}, nil
}

func (s *Server) getUser(q *request) (*reply, error) {
	names, err := s.selected(q, s.users, false)
	if err != nil {
		return nil, err
	}
	extra, err := s.expandManager(q)
	if err != nil {
		return nil, err
	}
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	full := s.view(u)
	out := shape(s.users, full, names)
	out[keyContext] = q.base + metadata + setUsers + selectSuffix(q) + oneEntity
	if extra != nil {
		extra(full, out)
	}
	return &reply{status: http.StatusOK, body: out}, nil
}

func (s *Server) createUser(q *request) (*reply, error) {
	body, err := q.object()
	if err != nil {
		return nil, err
	}
	props, manager, err := s.userChange(q, body, nil)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{propEnabled, propDisplayName, propMailNickname, propUPN, propPassword} {
		if props[name] == nil {
			return nil, missingValue(name, resourceUser)
		}
	}
	if p, _ := props[propPassword].(object); p[keyPassword] == nil {
		return nil, missingValue(propPassword, resourceUser)
	}
	if err := s.checkUPN(props, nil); err != nil {
		return nil, err
	}
	var boss *user
	if manager != "" {
		if boss, err = s.lookup(manager); err != nil {
			return nil, badRequest("%s", messageBadValues)
		}
	}
	u := s.newUser(newGUID(), props)
	if boss != nil {
		u.Manager = boss.ID
	}
	u.HiddenReads = s.opts.Lag.Reads
	u.VisibleAt = s.now().Add(s.opts.Lag.Window)
	u.IndexedAt = s.now().Add(s.opts.Lag.Index)
	out := shape(s.users, s.view(u), nil)
	out[keyContext] = q.base + metadata + setUsers + oneEntity
	header := http.Header{headerLocation: {q.base + "/users/" + u.ID}}
	return &reply{status: http.StatusCreated, header: header, body: out}, nil
}

// newUser puts a user into the tenant. The password is dropped: nothing signs in with it.
func (s *Server) newUser(id string, props object) *user {
	delete(props, propPassword)
	u := &user{ID: id, Ord: s.t.nextOrd(), Props: props}
	at := stamp(s.at(u))
	defaults := object{propID: id, propCreated: at, propPasswordAt: at, propSessions: at, propUserType: "Member", propPhones: []any{}}
	for k, v := range defaults {
		if props[k] == nil {
			props[k] = v
		}
	}
	s.t.users[id] = u
	s.touch(u)
	return u
}

func (s *Server) patchUser(q *request) (*reply, error) {
	body, err := q.object()
	if err != nil {
		return nil, err
	}
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	props, _, err := s.userChange(q, body, u)
	if err != nil {
		return nil, err
	}
	if err := s.checkUPN(props, u); err != nil {
		return nil, err
	}
	if ext, ok := props[propExtensions].(object); ok {
		merged := object{}
		if old, ok := u.Props[propExtensions].(object); ok {
			maps.Copy(merged, old)
		}
		maps.Copy(merged, ext)
		props[propExtensions] = merged
	}
	if props[propPassword] != nil {
		props[propPasswordAt] = stamp(s.at(u))
	}
	delete(props, propPassword)
	maps.Copy(u.Props, props)
	s.touch(u)
	return &reply{status: http.StatusNoContent}, nil
}

// userChange checks a body of properties and returns them with their canonical names, and the ID of an inline manager.
// The user is nil for a create.
func (s *Server) userChange(q *request, body object, u *user) (object, string, error) {
	out, manager := object{}, ""
	for _, key := range slices.Sorted(maps.Keys(body)) {
		v := body[key]
		if strings.EqualFold(key, propManager+keyBind) && u == nil {
			manager = reference(v)
			continue
		}
		if strings.HasPrefix(key, "@odata.") {
			continue
		}
		p, ok := s.users.find(key)
		switch {
		case !ok:
			return nil, "", badRequest("%s", messageBadValues)
		case p.fixed:
			return nil, "", badRequest("Property '%s' is read-only and cannot be set.", p.name)
		}
		checked, err := s.users.value(p, v)
		if err != nil {
			return nil, "", err
		}
		out[p.name] = checked
	}
	if err := checkPassword(out[propPassword]); err != nil {
		return nil, "", err
	}
	return out, manager, s.mayChange(q.app, out, u)
}

// mayChange refuses what this caller may not write, and what is mastered on the premises.
func (s *Server) mayChange(app *App, props object, u *user) error {
	if _, ok := props[propLeave]; ok && !app.allowed(permUserLife) {
		return denied()
	}
	if u == nil {
		return nil
	}
	sensitive := []string{propEnabled, propPhones, propMobile, propImmutableID, propOtherMails, propPassword, propUPN}
	guarded := s.powerful(u) && !app.Privileged
	for name := range props {
		if guarded && slices.Contains(sensitive, name) {
			return denied()
		}
		if !app.allowed(writersOf(name)...) {
			return denied()
		}
	}
	for name := range props {
		if u.flag(propSynced) && name != propUsage {
			return badRequest(messageMastered)
		}
	}
	return nil
}

// writersOf lists the permissions by which a property may be changed.
func writersOf(name string) []string {
	switch name {
	case propLeave:
		return []string{permUserLife}
	case propEnabled:
		return []string{permUserEnable, permUserWrite, permDirWrite}
	case propPassword:
		return []string{permUserPassword, permUserWrite, permDirWrite}
	default:
		return []string{permUserWrite, permDirWrite}
	}
}

// checkUPN checks the name of a user that is made or changed.
func (s *Server) checkUPN(props object, u *user) error {
	upn, ok := props[propUPN].(string)
	if !ok {
		return nil
	}
	local, domain, found := strings.Cut(upn, "@")
	if !found || !upnLocal.MatchString(local) || strings.HasSuffix(local, ".") {
		return invalidValue(propUPN, resourceUser)
	}
	if !s.t.verified(domain) {
		return badRequest("The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.")
	}
	if other := s.t.userByName(upn); other != nil && other != u {
		return objectConflict(propUPN)
	}
	return nil
}

// checkPassword wants eight characters of three of the four classes.
func checkPassword(v any) error {
	profile, ok := v.(object)
	if !ok || profile[keyPassword] == nil {
		return nil
	}
	text, _ := profile[keyPassword].(string)
	classes := 0
	for _, set := range []string{"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"} {
		if strings.ContainsAny(text, set) {
			classes++
		}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < '0' || (r > '9' && r < 'A') || (r > 'Z' && r < 'a') || r > 'z' }) {
		classes++
	}
	if len(text) < 8 || len(text) > 256 || classes < 3 {
		message := "The specified password does not comply with password complexity requirements. Please provide a different password."
		return refuse(http.StatusBadRequest, codeBadRequest, message, detail{Code: "PasswordNotComplex", Message: message, Target: keyPassword})
	}
	return nil
}

func (s *Server) deleteUser(q *request) (*reply, error) {
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	return s.remove(q, u)
}

// remove moves a user to the deleted items.
func (s *Server) remove(q *request, u *user) (*reply, error) {
	if s.powerful(u) && !q.app.Privileged {
		return nil, denied()
	}
	s.bury(u)
	return &reply{status: http.StatusNoContent}, nil
}

// bury releases the licences and ends the passes; memberships are kept for a restore.
func (s *Server) bury(u *user) {
	at := s.at(u)
	u.Deleted = &at
	u.Direct, u.Inherited, u.Passes = nil, nil, nil
	s.touch(u)
	s.settleNow()
}

func (s *Server) revokeSessions(q *request) (*reply, error) {
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	u.Revoked++
	u.Props[propSessions] = stamp(s.at(u))
	s.touch(u)
	return &reply{status: http.StatusOK, body: object{
		keyContext: q.base + metadata + "Edm.Boolean", keyValue: true,
	}}, nil
}

// settleNow asks for the group licences to be looked at with the next request.
func (s *Server) settleNow() { s.settleAt = time.Time{} }
