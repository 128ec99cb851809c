package graph

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	violationCount = "CountViolation"
	stateActive    = "Active"
	stateError     = "Error"
	farAway        = 100 * 365 * 24 * time.Hour
)

// SKU is a subscription of the tenant.
type SKU struct {
	ID         string        `json:"skuId"`
	PartNumber string        `json:"skuPartNumber"`
	Seats      int           `json:"seats"`
	Plans      []ServicePlan `json:"servicePlans,omitempty"`
}

// ServicePlan is a part of a SKU.
type ServicePlan struct {
	ID   string `json:"servicePlanId"`
	Name string `json:"servicePlanName"`
}

// assigned lists the licences that work, however they were given.
func (s *Server) assigned(u *user) []any {
	out := []any{}
	for _, sku := range s.t.SKUs {
		if !u.holds(sku.ID) {
			continue
		}
		var disabled []string
		if i := u.directLicence(sku.ID); i >= 0 {
			disabled = u.Direct[i].Disabled
		}
		out = append(out, object{propSkuID: sku.ID, propDisabledPlans: textList(disabled)})
	}
	return out
}

func (s *Server) assignmentStates(u *user) []any {
	out := []any{}
	add := func(l licence, group any, state, problem string) {
		out = append(out, object{
			propSkuID: l.SkuID, propDisabledPlans: textList(l.Disabled), "assignedByGroup": group,
			"state": state, "error": problem, "lastUpdatedDateTime": stamp(l.At),
		})
	}
	for _, l := range u.Direct {
		add(l, nil, stateActive, noError)
	}
	for _, l := range u.Inherited {
		if l.Error == "" {
			add(l.licence, l.Group, stateActive, noError)
		} else {
			add(l.licence, l.Group, stateError, l.Error)
		}
	}
	return out
}

// licenceRequest is a checked body of assignLicense.
type licenceRequest struct {
	add    []licence
	remove []string
}

func (s *Server) readLicences(q *request) (licenceRequest, error) {
	var out licenceRequest
	body, err := q.object()
	if err != nil {
		return out, err
	}
	lists := map[string][]any{}
	for _, name := range []string{"addLicenses", "removeLicenses"} {
		v, _ := field(body, name)
		list, ok := v.([]any)
		if !ok {
			return out, badRequest("One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: %s.", name)
		}
		lists[name] = list
	}
	for _, v := range lists["addLicenses"] {
		l, err := s.readLicence(v)
		if err != nil {
			return out, err
		}
		out.add = append(out.add, l)
	}
	for _, v := range lists["removeLicenses"] {
		id, _ := v.(string)
		if !guid.MatchString(id) {
			return out, notGUID(id)
		}
		out.remove = append(out.remove, folded(id))
	}
	return out, nil
}

func notGUID(id string) error {
	return badRequest("Cannot convert a primitive value to the expected type 'Edm.Guid'. See the inner exception for more details. Value: '%s'.", id)
}

func (s *Server) readLicence(v any) (licence, error) {
	o, _ := v.(object)
	raw, _ := field(o, propSkuID)
	id, _ := raw.(string)
	if !guid.MatchString(id) {
		return licence{}, notGUID(id)
	}
	sku := s.t.sku(id)
	if sku == nil {
		return licence{}, badRequest("License %s does not correspond to a valid company License.", id)
	}
	l := licence{SkuID: sku.ID}
	plans, _ := field(o, propDisabledPlans)
	list, _ := plans.([]any)
	for _, p := range list {
		plan, _ := p.(string)
		if !slices.ContainsFunc(sku.Plans, func(sp ServicePlan) bool { return strings.EqualFold(sp.ID, plan) }) {
			return licence{}, badRequest("License assignment cannot be done because service plan %s is not part of the license.", plan)
		}
		l.Disabled = append(l.Disabled, folded(plan))
	}
	return l, nil
}

func (s *Server) assignLicense(q *request) (*reply, error) {
	want, err := s.readLicences(q)
	if err != nil {
		return nil, err
	}
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	next := slices.Clone(u.Direct)
	for _, id := range want.remove {
		i := slices.IndexFunc(next, func(l licence) bool { return strings.EqualFold(l.SkuID, id) })
		if i < 0 {
			if slices.ContainsFunc(u.Inherited, func(l inherited) bool { return strings.EqualFold(l.SkuID, id) }) {
				return nil, badRequest("User license is inherited from a group membership and it cannot be removed directly from the user.")
			}
			return nil, badRequest("User does not have a corresponding license.")
		}
		next = slices.Delete(next, i, i+1)
	}
	for _, l := range want.add {
		if u.text(propUsage) == "" {
			return nil, badRequest("License assignment cannot be done for user with invalid usage location.")
		}
		if !u.holds(l.SkuID) && s.t.consumed(l.SkuID) >= s.t.sku(l.SkuID).Seats {
			return nil, noSeat(l.SkuID)
		}
		l.At = s.at(u)
		next = slices.DeleteFunc(next, func(old licence) bool { return old.SkuID == l.SkuID })
		next = append(next, l)
	}
	u.Direct = next
	s.touch(u)
	return s.licensedUser(q, u), nil
}

func noSeat(sku string) *refusal {
	return badRequest("Subscription with SKU %s does not have any available licenses.", sku)
}

// licensedUser is the answer of the licence actions: the default properties and the licences.
func (s *Server) licensedUser(q *request, u *user) *reply {
	out := shape(s.users, s.view(u), append(slices.Clone(s.users.defaults), propAssigned))
	out[keyContext] = q.base + metadata + setUsers + oneEntity
	return &reply{status: http.StatusOK, body: out}
}

// reprocessLicense tries group licences again that failed.
func (s *Server) reprocessLicense(q *request) (*reply, error) {
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	u.Inherited = slices.DeleteFunc(u.Inherited, func(l inherited) bool { return l.Error != "" })
	s.touch(u)
	s.settleNow()
	s.settle()
	return s.licensedUser(q, u), nil
}

// settle brings the licences given by groups up to date. The service does so minutes after a change; failures are seen
// in licenseAssignmentStates only. Members of nested groups inherit nothing.
func (s *Server) settle() {
	now := s.now()
	if !s.settleAt.IsZero() && now.Before(s.settleAt) {
		return
	}
	s.settleAt = now.Add(farAway)
	licensed := s.t.groupsWhere(func(g *group) bool { return g.Deleted == nil && len(g.Licences) > 0 })
	for _, u := range s.t.liveUsers() {
		s.settleUser(u, licensed, now)
	}
}

func (s *Server) settleUser(u *user, licensed []*group, now time.Time) {
	before := len(u.Inherited)
	u.Inherited = slices.DeleteFunc(u.Inherited, func(l inherited) bool { return !s.stillGiven(u, l) })
	changed := len(u.Inherited) != before
	for _, g := range licensed {
		since, ok := g.memberSince(u.ID)
		if !ok {
			continue
		}
		for _, l := range g.Licences {
			if slices.ContainsFunc(u.Inherited, func(have inherited) bool { return have.Group == g.ID && have.SkuID == l.SkuID }) {
				continue
			}
			due := since.Add(s.opts.GroupLicenceDelay)
			if l.At.After(since) {
				due = l.At.Add(s.opts.GroupLicenceDelay)
			}
			if due.After(now) {
				if due.Before(s.settleAt) {
					s.settleAt = due
				}
				continue
			}
			u.Inherited = append(u.Inherited, s.inherit(u, g, l))
			changed = true
		}
	}
	if changed {
		s.touch(u)
	}
}

func (s *Server) stillGiven(u *user, l inherited) bool {
	g := s.t.groups[l.Group]
	return g != nil && g.Deleted == nil && g.hasMember(u.ID) &&
		slices.ContainsFunc(g.Licences, func(have licence) bool { return have.SkuID == l.SkuID })
}

func (s *Server) inherit(u *user, g *group, l licence) inherited {
	out := inherited{licence: licence{SkuID: l.SkuID, Disabled: l.Disabled, At: s.at(u)}, Group: g.ID}
	if sku := s.t.sku(l.SkuID); sku == nil || (!u.holds(l.SkuID) && s.t.consumed(l.SkuID) >= sku.Seats) {
		out.Error = violationCount
	}
	return out
}

func (s *Server) licenseDetails(q *request) (*reply, error) {
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	values := []any{}
	for _, sku := range s.t.SKUs {
		if u.holds(sku.ID) {
			values = append(values, s.licenseDetail(u, sku))
		}
	}
	return &reply{status: http.StatusOK, body: object{
		keyContext: q.base + metadata + "users('" + u.ID + "')/licenseDetails", keyValue: values,
	}}, nil
}

func (s *Server) licenseDetail(u *user, sku SKU) object {
	plans := []any{}
	i := u.directLicence(sku.ID)
	for _, p := range sku.Plans {
		status := planSuccess
		if i >= 0 && slices.Contains(u.Direct[i].Disabled, folded(p.ID)) {
			status = "Disabled"
		}
		plans = append(plans, object{
			propPlanID: p.ID, propPlanName: p.Name, propPlanStatus: status, propAppliesTo: "User",
		})
	}
	return object{
		"id":      base64.RawURLEncoding.EncodeToString([]byte(u.ID + sku.ID)),
		propSkuID: sku.ID, propPart: sku.PartNumber, propPlans: plans,
	}
}

func (s *Server) skuObject(sku SKU) object {
	plans := []any{}
	for _, p := range sku.Plans {
		plans = append(plans, object{
			propPlanID: p.ID, propPlanName: p.Name, propPlanStatus: planSuccess, propAppliesTo: "User",
		})
	}
	return object{
		"id": s.t.TenantID + "_" + sku.ID, propSkuID: sku.ID, propPart: sku.PartNumber,
		propAppliesTo: "User", "capabilityStatus": "Enabled", "consumedUnits": s.t.consumed(sku.ID),
		"prepaidUnits": object{"enabled": sku.Seats, "suspended": 0, "warning": 0, "lockedOut": 0},
		propPlans:      plans,
	}
}

func (s *Server) listSKUs(q *request) (*reply, error) {
	if q.has(optFilter) {
		return nil, badRequest("This resource does not support custom query options. Request did not match any supported query.")
	}
	values := []any{}
	for _, sku := range s.t.SKUs {
		values = append(values, s.skuObject(sku))
	}
	return &reply{status: http.StatusOK, body: object{keyContext: q.base + metadata + "subscribedSkus", keyValue: values}}, nil
}

func (s *Server) getSKU(q *request) (*reply, error) {
	_, id, _ := strings.Cut(q.params[propID], "_")
	sku := s.t.sku(id)
	if sku == nil {
		return nil, notFound(q.params[propID])
	}
	out := s.skuObject(*sku)
	out[keyContext] = q.base + metadata + "subscribedSkus/$entity"
	return &reply{status: http.StatusOK, body: out}, nil
}
