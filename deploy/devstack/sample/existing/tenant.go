package existing

import (
	"tenure/deploy/devstack/sample"
	"tenure/internal/sim/graph"
)

// The groups of the tenant. The first three are those of the shipped policy;
// the members of the others cannot be changed by Tenure.
const (
	AllStaff    = "all-staff"
	Sales       = "sales"
	Engineering = "engineering"
	News        = "News"
	FileShare   = "File share"
	Admins      = "Tier 0 administrators"
)

const (
	licence = "6fd2c87f-b296-42f0-b197-1e91e994b900"
	seats   = 500
)

// groups are the tenant's groups with the IDs the shipped policy gives them;
// empty means the simulator's own.
func groups() []graph.GroupSeed {
	return []graph.GroupSeed{
		{Name: AllStaff, ID: "3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001"},
		{Name: Sales, ID: "91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002"},
		{Name: Engineering, ID: "5b7d2b7c-9c1e-4b43-a3c1-1f3f6f6b0003"},
		{Name: News, Kind: graph.GroupMailEnabled},
		{Name: FileShare, Kind: graph.GroupSynced},
		{Name: Admins, Kind: graph.GroupRole},
	}
}

// Seed is the tenant as the simulator takes it.
func (o *Organisation) Seed() graph.Seed {
	seed := graph.Seed{
		Domains: []string{sample.Domain},
		SKUs:    []graph.SKU{{ID: licence, PartNumber: "ENTERPRISEPACK", Seats: seats}},
	}
	members := map[string][]string{}
	for _, a := range o.Accounts {
		for _, group := range a.Groups {
			members[group] = append(members[group], a.ID())
		}
		seed.Users = append(seed.Users, a.seed())
	}
	for _, group := range groups() {
		group.Members = members[group.Name]
		seed.Groups = append(seed.Groups, group)
	}
	return seed
}

func (a *Account) seed() graph.UserSeed {
	out := graph.UserSeed{
		ID: a.ID(), Synced: a.Synced, Facts: graph.SignInFacts{Roles: a.Roles},
		Props: map[string]any{
			"userPrincipalName": a.UserName, "mail": a.Mail, "displayName": a.DisplayName, "accountEnabled": a.Enabled,
			"usageLocation": a.Country,
		},
	}
	for property, value := range map[string]string{
		"employeeId": a.EmployeeID, "givenName": a.Given, "surname": a.Family, "department": a.Department,
		"jobTitle": a.Title, "officeLocation": a.Office,
	} {
		if value != "" {
			out.Props[property] = value
		}
	}
	if a.Manager != "" {
		out.Manager = graph.SeedID(a.Manager)
	}
	if a.Licensed {
		out.SKUs = []string{licence}
	}
	return out
}
