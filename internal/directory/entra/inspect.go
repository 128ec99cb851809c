package entra

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tenure/internal/directory"
)

// The names of the findings that stand for a whole subject.
const (
	findingPermissions = "permissions"
	findingPassPolicy  = "pass-policy"
	findingLicences    = "licences"
	findingDomain      = "domain"
	findingSync        = "on-premises-sync"
	findingJobs        = "provisioning-jobs"
	findingWorkflows   = "lifecycle-workflows"
)

// Inspect looks at the tenant and at what the application may do there. A
// sign-in that is refused, or a Graph that does not answer, is an error.
func (d *Directory) Inspect(ctx context.Context, want directory.Wanted) ([]directory.Finding, error) {
	org, err := d.organization(ctx)
	if err != nil && !mayNotRead(err) {
		return nil, err
	}
	out := d.inspectPermissions(ctx, want)
	out = append(out, inspectOrganization(want.Domain, org, err)...)
	for _, look := range []func(context.Context, directory.Wanted) []directory.Finding{
		d.inspectGroups, d.inspectLicences, d.inspectPassPolicy, d.inspectJobs, d.inspectWorkflows,
	} {
		out = append(out, look(ctx, want)...)
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s: %w", directory.VerbInspect, ctx.Err())
	}
	return out, nil
}

// mayNotRead tells a missing permission from a sign-in that is refused.
func mayNotRead(err error) bool {
	return errors.Is(err, directory.ErrDenied) && !refusedFor(err, reasonSignIn)
}

func fine(name, detail string) directory.Finding {
	return directory.Finding{Name: name, State: directory.FindingOK, Detail: detail}
}

func failed(name, detail, remedy string) directory.Finding {
	return directory.Finding{Name: name, State: directory.FindingFailed, Detail: detail, Remedy: remedy}
}

func warning(name, detail, remedy string) directory.Finding {
	return directory.Finding{Name: name, State: directory.FindingWarning, Detail: detail, Remedy: remedy}
}

// unknown is a thing that could not be looked at, with the permission to grant.
func unknown(name string, err error, permission string) directory.Finding {
	f := directory.Finding{Name: name, State: directory.FindingUnknown}
	if mayNotRead(err) {
		f.Detail = "cannot be read: the application may not"
		f.Remedy = "grant the application " + permission
		return f
	}
	f.Detail = "cannot be read: " + err.Error()
	f.Remedy = "try again; if it stays, look at the tenant yourself"
	return f
}

// readAll collects a list for the inspection.
func readAll[T any](ctx context.Context, d *Directory, address string) ([]T, error) {
	var out []T
	err := d.call(ctx, directory.VerbInspect, func(ctx context.Context) error {
		var err error
		out, err = collectRaw[T](ctx, d, address)
		return err
	})
	return out, err
}

// organization is what the tenant says of itself.
type organization struct {
	Domains []struct {
		Name string `json:"name"`
		Type string `json:"type"`
	} `json:"verifiedDomains"`
	Synced *bool `json:"onPremisesSyncEnabled"`
}

func (d *Directory) organization(ctx context.Context) (organization, error) {
	list, err := readAll[organization](ctx, d, d.address("/organization", "$select", "id,verifiedDomains,onPremisesSyncEnabled"))
	if err != nil {
		return organization{}, err
	}
	if len(list) == 0 {
		return organization{}, fmt.Errorf("%s: %w: %w", directory.VerbInspect, errNoAnswer, directory.ErrUnavailable)
	}
	return list[0], nil
}

// inspectOrganization judges the domain of new names and the sync from
// premises.
func inspectOrganization(domain string, org organization, err error) []directory.Finding {
	name := findingDomain
	if domain != "" {
		name += " " + domain
	}
	if err != nil {
		return []directory.Finding{unknown(name, err, userRead), unknown(findingSync, err, userRead)}
	}
	var out []directory.Finding
	if domain != "" {
		out = append(out, inspectDomain(name, domain, org))
	}
	if isTrue(org.Synced) {
		return append(out, warning(findingSync, "the tenant is synchronised from premises",
			"accounts that are mastered there are not written here: name the other target in syncedFrom, or keep them out of scope"))
	}
	return append(out, fine(findingSync, "the tenant is not synchronised from premises"))
}

func inspectDomain(name, domain string, org organization) directory.Finding {
	for _, d := range org.Domains {
		if !strings.EqualFold(d.Name, domain) {
			continue
		}
		if strings.EqualFold(d.Type, "Federated") {
			return failed(name, "is federated: Graph makes no account in it without an immutable ID",
				"make accounts in a managed domain, or where the federation is mastered")
		}
		return fine(name, "is verified")
	}
	return failed(name, "is not verified in this tenant", "verify it, or correct domain in the policy")
}

// inspectPermissions compares what is granted with what the calls need.
func (d *Directory) inspectPermissions(ctx context.Context, want directory.Wanted) []directory.Finding {
	granted, err := d.granted(ctx)
	if err != nil {
		return []directory.Finding{unknown(findingPermissions, err, applicationRead)}
	}
	var out []directory.Finding
	seen := map[string]bool{}
	for _, r := range Rights() {
		if !r.needed(want.Verbs, want.Attributes) || slices.Contains(r.Verbs, directory.VerbInspect) || seen[r.Least()] {
			continue
		}
		seen[r.Least()] = true
		out = append(out, inspectRight(r, granted))
	}
	for _, p := range excessive() {
		if slices.Contains(granted, p) {
			out = append(out, warning("permission "+p, "is granted, and Tenure does not need it",
				"take it away: it opens far more than the policy asks for"))
		}
	}
	return out
}

func inspectRight(r Right, granted []string) directory.Finding {
	name := "permission " + r.Least()
	for _, p := range r.AnyOf {
		switch {
		case !slices.Contains(granted, p):
		case p == r.Least():
			return fine(name, "is granted: "+r.For)
		default:
			return fine(name, "is covered by "+p+": "+r.For)
		}
	}
	return failed(name, "is missing: "+r.For, "grant the application "+r.Least()+" and give admin consent")
}

// principal is a service principal.
type principal struct {
	ID       string `json:"id"`
	Name     string `json:"displayName"`
	Template string `json:"applicationTemplateId"`
	Roles    []struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	} `json:"appRoles"`
}

// graphApplication is the application ID of Microsoft Graph in every tenant.
const graphApplication = "00000003-0000-0000-c000-000000000000"

// granted lists the application's permissions by their names.
func (d *Directory) granted(ctx context.Context) ([]string, error) {
	find := func(application, properties string) (principal, error) {
		list, err := readAll[principal](ctx, d, d.address("/servicePrincipals",
			"$filter", *equals("appId", application), "$select", properties))
		if err == nil && len(list) != 1 {
			err = fmt.Errorf("%s: service principal of the application: %w", directory.VerbInspect, directory.ErrNotFound)
		}
		if err != nil {
			return principal{}, err
		}
		return list[0], nil
	}
	graph, err := find(graphApplication, "id,appRoles")
	if err != nil {
		return nil, err
	}
	own, err := find(d.cfg.Credential.ClientID, "id")
	if err != nil {
		return nil, err
	}
	assigned, err := readAll[struct {
		Role     string `json:"appRoleId"`
		Resource string `json:"resourceId"`
	}](ctx, d, d.address(below("servicePrincipals", own.ID, "appRoleAssignments")))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, a := range assigned {
		for _, role := range graph.Roles {
			if a.Resource == graph.ID && a.Role == role.ID {
				out = append(out, role.Value)
			}
		}
	}
	slices.Sort(out)
	return out, nil
}

// inspectGroups looks whether Tenure can change the members of each group.
func (d *Directory) inspectGroups(ctx context.Context, want directory.Wanted) []directory.Finding {
	var out []directory.Finding
	for _, id := range want.Groups {
		name := "group " + id
		g, err := d.group(ctx, directory.VerbInspect, id)
		switch {
		case isNotFound(err):
			out = append(out, failed(name, "does not exist in this tenant", "correct its ID in the policy, or make the group"))
		case err != nil:
			out = append(out, unknown(name, err, memberRead))
		case g.Kind != directory.GroupAssigned:
			out = append(out, failed(name, fmt.Sprintf("is %s: its members cannot be changed here", g.Kind),
				"use a group with assigned members in the policy"))
		default:
			out = append(out, fine(name, "exists, with assigned members"))
		}
	}
	return out
}
