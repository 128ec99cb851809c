package entra

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tenure/internal/directory"
)

// subscription is one SKU of the tenant.
type subscription struct {
	SKU      string `json:"skuId"`
	Part     string `json:"skuPartNumber"`
	Status   string `json:"capabilityStatus"`
	Consumed int    `json:"consumedUnits"`
	Prepaid  struct {
		Enabled int `json:"enabled"`
		Warning int `json:"warning"`
	} `json:"prepaidUnits"`
}

// fewSeats is the share of free seats below which somebody should buy more.
const fewSeats = 0.05

// inspectLicences counts the seats left of what the policy assigns.
func (d *Directory) inspectLicences(ctx context.Context, want directory.Wanted) []directory.Finding {
	if len(want.Licenses) == 0 {
		return nil
	}
	list, err := readAll[subscription](ctx, d, d.address("/subscribedSkus"))
	if err != nil {
		return []directory.Finding{unknown(findingLicences, err, licenseRead)}
	}
	var out []directory.Finding
	for _, id := range want.Licenses {
		out = append(out, inspectLicence(id, list))
	}
	return out
}

func inspectLicence(id string, list []subscription) directory.Finding {
	name := "licence " + id
	for _, s := range list {
		if !strings.EqualFold(s.SKU, id) {
			continue
		}
		total := s.Prepaid.Enabled + s.Prepaid.Warning
		free := total - s.Consumed
		detail := fmt.Sprintf("%s: %d of %d seats are free", s.Part, max(free, 0), total)
		switch {
		case s.Status != "Enabled" && s.Status != "Warning":
			return failed(name, s.Part+": the subscription is "+strings.ToLower(s.Status), "renew it, or take the licence out of the policy")
		case free <= 0:
			return failed(name, detail, "buy seats or free some: who needs one waits")
		case float64(free) < fewSeats*float64(total):
			return warning(name, detail, "buy seats or free some soon")
		}
		return fine(name, detail)
	}
	return failed(name, "the tenant has no such subscription", "correct the ID in the policy, or buy it")
}

// passPolicy is the tenant's policy for temporary access passes.
type passPolicy struct {
	State   string       `json:"state"`
	Minimum int          `json:"minimumLifetimeInMinutes"`
	Maximum int          `json:"maximumLifetimeInMinutes"`
	Once    bool         `json:"isUsableOnce"`
	Include []passTarget `json:"includeTargets"`
	Exclude []passTarget `json:"excludeTargets"`
}

type passTarget struct {
	ID string `json:"id"`
}

// everybody is the target that stands for all users.
const everybody = "all_users"

// inspectPassPolicy looks whether the pass of the policy would be issued.
func (d *Directory) inspectPassPolicy(ctx context.Context, want directory.Wanted) []directory.Finding {
	if want.Pass.Lifetime == 0 {
		return nil
	}
	var p passPolicy
	err := d.call(ctx, directory.VerbInspect, func(ctx context.Context) error {
		return d.readRaw(ctx, d.address("/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass"), &p)
	})
	if err != nil {
		return []directory.Finding{unknown(findingPassPolicy, err, methodPolicy)}
	}
	return []directory.Finding{judgePassPolicy(p, want.Pass)}
}

func judgePassPolicy(p passPolicy, pass directory.PassRequest) directory.Finding {
	const where = "in the tenant's authentication methods, under Temporary Access Pass"
	minutes := int(pass.Lifetime / time.Minute)
	all := len(p.Include) == 1 && strings.EqualFold(p.Include[0].ID, everybody)
	switch {
	case !strings.EqualFold(p.State, "enabled"):
		return failed(findingPassPolicy, "temporary access passes are off in this tenant", "turn them on "+where)
	case minutes < p.Minimum || minutes > p.Maximum:
		return failed(findingPassPolicy,
			fmt.Sprintf("a pass lives %d to %d minutes in this tenant, the policy asks for %d", p.Minimum, p.Maximum, minutes),
			"change lifetime in the policy, or the bounds "+where)
	case p.Once && !pass.Once:
		return failed(findingPassPolicy, "passes can be used once in this tenant, the policy asks for more",
			"write once: true in the policy, or allow more "+where)
	case len(p.Include) == 0:
		return failed(findingPassPolicy, "passes are for nobody in this tenant", "include the people of the policy "+where)
	case !all || len(p.Exclude) > 0:
		return warning(findingPassPolicy, "passes are for some groups only in this tenant",
			"see that new people are in an included group, and in no excluded one, before their pass is due")
	}
	return fine(findingPassPolicy, fmt.Sprintf("passes of %d to %d minutes are on for everybody", p.Minimum, p.Maximum))
}
