package entra

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"tenure/internal/directory"
)

// codeNoLicense is Graph's answer of a tenant that cannot have lifecycle
// workflows.
const codeNoLicense = "NoLicense"

// conflict is a part of the tenant that acts on the same people by itself.
func conflict(name, detail, remedy string) directory.Finding {
	f := failed(name, detail, remedy)
	f.Conflict = true
	return f
}

// unseen is a conflict that could not be ruled out.
func unseen(name string, err error, permission string) directory.Finding {
	f := unknown(name, err, permission)
	f.Conflict = true
	return f
}

// job is one of Microsoft's provisioning jobs.
type job struct {
	ID       string `json:"id"`
	Schedule struct {
		State string `json:"state"`
	} `json:"schedule"`
}

// jobRules is the part of a job's schema that says from where to where it goes.
type jobRules struct {
	Rules []struct {
		Source string `json:"sourceDirectoryName"`
		Target string `json:"targetDirectoryName"`
	} `json:"synchronizationRules"`
}

// inspectJobs finds the provisioning jobs that run and write into this
// directory. Only applications from the gallery can have one.
func (d *Directory) inspectJobs(ctx context.Context, _ directory.Wanted) []directory.Finding {
	applications, err := readAll[principal](ctx, d, d.address("/servicePrincipals",
		"$select", "id,displayName,applicationTemplateId", "$top", "999"))
	if err != nil {
		return []directory.Finding{unseen(findingJobs, err, applicationRead)}
	}
	applications = slices.DeleteFunc(applications, func(a principal) bool { return a.Template == "" })
	out, err := d.inspectApplications(ctx, applications[:min(len(applications), mostApplications)])
	if err != nil {
		return []directory.Finding{unseen(findingJobs, err, syncRead)}
	}
	if len(applications) > mostApplications {
		out = append(out, directory.Finding{
			Name: findingJobs, State: directory.FindingUnknown, Conflict: true,
			Detail: fmt.Sprintf("%d of %d applications of the gallery were looked at", mostApplications, len(applications)),
			Remedy: "look at the provisioning of the others yourself",
		})
	}
	if len(out) == 0 {
		return []directory.Finding{fine(findingJobs, "none of Microsoft's provisioning jobs writes into this directory")}
	}
	return out
}

// Bounds of looking for jobs: Graph answers for one application at a time.
const (
	mostApplications = 1000
	atOnce           = 4
)

// inspectApplications looks at a few applications at a time. What it finds stands
// in their order; the first error ends it.
func (d *Directory) inspectApplications(ctx context.Context, applications []principal) ([]directory.Finding, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	found := make([][]directory.Finding, len(applications))
	next := make(chan int)
	var readers sync.WaitGroup
	for range min(atOnce, len(applications)) {
		readers.Go(func() {
			for i := range next {
				some, err := d.inspectApplication(ctx, applications[i])
				if err != nil {
					cancel(err)
					return
				}
				found[i] = some
			}
		})
	}
	func() {
		defer close(next)
		for i := range applications {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	readers.Wait()
	return slices.Concat(found...), context.Cause(ctx)
}

// inspectApplication looks at the jobs of one application.
func (d *Directory) inspectApplication(ctx context.Context, a principal) ([]directory.Finding, error) {
	jobs, err := readAll[job](ctx, d, d.address(below("servicePrincipals", a.ID, "synchronization", "jobs")))
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	var out []directory.Finding
	for _, j := range jobs {
		if j.Schedule.State == "Active" {
			out = append(out, d.inspectJob(ctx, a, j)...)
		}
	}
	return out, nil
}

func (d *Directory) inspectJob(ctx context.Context, a principal, j job) []directory.Finding {
	name := "provisioning-job " + j.ID
	var schema jobRules
	err := d.call(ctx, directory.VerbInspect, func(ctx context.Context) error {
		return d.readRaw(ctx, d.address(below("servicePrincipals", a.ID, "synchronization", "jobs", j.ID, "schema")), &schema)
	})
	if err != nil {
		return []directory.Finding{unseen(name, err, syncRead)}
	}
	source, inbound := schema.inbound()
	if !inbound {
		return nil
	}
	return []directory.Finding{conflict(name,
		fmt.Sprintf("a provisioning job of %q writes people from %q into this directory", a.Name, source),
		"stop it or keep its people out of scope, then acknowledge it by name in the policy")}
}

// inbound tells from where a job writes into this directory. A job that says
// nothing of its way is taken for one that does.
func (s jobRules) inbound() (string, bool) {
	if len(s.Rules) == 0 {
		return "somewhere", true
	}
	here := func(directory string) bool {
		directory = strings.ToLower(directory)
		return strings.HasPrefix(directory, "azure active directory") || strings.HasPrefix(directory, "microsoft entra")
	}
	for _, r := range s.Rules {
		if here(r.Target) && !here(r.Source) {
			return r.Source, true
		}
	}
	return "", false
}

// inspectWorkflows finds the lifecycle workflows that run by themselves.
func (d *Directory) inspectWorkflows(ctx context.Context, _ directory.Wanted) []directory.Finding {
	list, err := readAll[struct {
		ID        string `json:"id"`
		Name      string `json:"displayName"`
		Category  string `json:"category"`
		Enabled   bool   `json:"isEnabled"`
		Scheduled bool   `json:"isSchedulingEnabled"`
	}](ctx, d, d.address("/identityGovernance/lifecycleWorkflows/workflows",
		"$select", "id,displayName,category,isEnabled,isSchedulingEnabled"))
	if refused, ok := errors.AsType[*refusalError](err); ok && slices.Contains([]string{codeNoLicense, codeNotPremium}, refused.code) {
		return []directory.Finding{fine(findingWorkflows, "the tenant has no licence for Microsoft's lifecycle workflows")}
	}
	if err != nil {
		return []directory.Finding{unseen(findingWorkflows, err, workflowRead)}
	}
	var out []directory.Finding
	for _, w := range list {
		if w.Enabled && w.Scheduled {
			out = append(out, conflict("lifecycle-workflow "+w.ID,
				fmt.Sprintf("Microsoft's lifecycle workflow %q (%s) is enabled and scheduled", w.Name, w.Category),
				"turn its schedule off or give it another scope, then acknowledge it by name in the policy"))
		}
	}
	if len(out) == 0 {
		return []directory.Finding{fine(findingWorkflows, "none of Microsoft's lifecycle workflows runs by itself")}
	}
	return out
}
