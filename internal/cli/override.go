package cli

import (
	"crypto/rand"
	"errors"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

// decisionFlags say who decides and why.
type decisionFlags struct{ actor, reason string }

func (d *decisionFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&d.reason, "reason", "", "`why`, for everybody who reads the timeline later (mandatory)")
	c.Flags().StringVar(&d.actor, "actor", "", "`who` decides (default: whose token it is, else who runs this command)")
}

// decision checks the flags.
func (a *app) decision(d decisionFlags) (httpapi.Decision, error) {
	if d.reason == "" {
		return httpapi.Decision{}, usage("the reason is missing: add --reason 'why'")
	}
	actor, err := a.actor(d.actor)
	return httpapi.Decision{Actor: actor, Reason: d.reason}, err
}

// actor is who decides: who was named, else "" where a token says it, else who
// runs the command.
func (a *app) actor(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	api, err := a.client()
	switch {
	case err != nil:
		return "", err
	case api.token != "":
		return "", nil
	case a.env.User == "":
		return "", usage("the machine does not say who you are: add --actor NAME")
	default:
		return a.env.User, nil
	}
}

// validate checks an override before it is sent. Its actor may be left to the
// token.
func validate(kind contract.Kind, override contract.Override) error {
	override.Actor = or(override.Actor, "the caller")
	if err := override.Validate(kind); err != nil {
		return usage("%s", flagNames(err))
	}
	return nil
}

// overrideFlags are what all overrides have.
type overrideFlags struct {
	decisionFlags
	id string
}

// verb is a command that sends one kind of override.
type verb struct {
	kind                       contract.Kind
	use, short, long, examples string
	// flags adds those of the kind; fill reads them into the override.
	flags func(c *cobra.Command)
	fill  func(o *contract.Override) error
}

func (a *app) verbCommand(v verb) *cobra.Command {
	var f overrideFlags
	command := leaf(v.use, v.short, v.long, v.examples, func(c *cobra.Command, args []string) error {
		override, err := a.override(f, args)
		if err != nil {
			return err
		}
		if v.fill != nil {
			if err := v.fill(&override); err != nil {
				return err
			}
		}
		return a.sendOverride(c, v.kind, args[0], override)
	})
	f.add(command)
	command.Flags().StringVar(&f.id, "id", "", "`name` of this override: the same one sent twice counts once")
	if v.flags != nil {
		v.flags(command)
	}
	return command
}

func (a *app) override(f overrideFlags, args []string) (contract.Override, error) {
	decision, err := a.decision(f.decisionFlags)
	if err != nil {
		return contract.Override{}, err
	}
	override := contract.Override{ID: f.id, Actor: decision.Actor, Reason: decision.Reason}
	if override.ID == "" {
		override.ID = newOverrideID()
	}
	if len(args) > 1 {
		override.Key = args[1]
	}
	return override, nil
}

func newOverrideID() string { return "cli-" + rand.Text()[:16] }

// sendOverride sends an override and says what is in force.
func (a *app) sendOverride(c *cobra.Command, kind contract.Kind, text string, override contract.Override) error {
	id, err := parseID(text)
	if err != nil {
		return err
	}
	if err := validate(kind, override); err != nil {
		return err
	}
	api, err := a.client()
	if err != nil {
		return err
	}
	answer, err := a.postOverride(c, api, id, kind, override)
	if err != nil {
		return repeatable(err, override.ID)
	}
	if a.wantsJSON() {
		return a.json(answer)
	}
	a.out.text("", or(answer.Text, "It is in force."))
	if len(answer.Running) > 0 {
		a.out.line("Still running; each ends after its current task:")
		for _, key := range answer.Running {
			a.out.line("  %s", quoted(key))
		}
	}
	return nil
}

func (a *app) postOverride(c *cobra.Command, api *client, id httpapi.PersonID, kind contract.Kind, override contract.Override) (contract.Answer, error) {
	return post[contract.Answer](c.Context(), api, id.Path()+"/overrides/"+string(kind), override, call{idempotency: override.ID})
}

// repeatable adds to an error without an answer how to repeat the command.
func repeatable(err error, id string) error {
	if _, ok := errors.AsType[*httpapi.Problem](err); ok {
		return err
	}
	remedy := ""
	if known, ok := errors.AsType[*remedied](err); ok {
		remedy = known.remedy
	}
	return &remedied{cause: err, remedy: joined("; ", remedy, "the same command with --id "+id+" counts once, even if this one arrived")}
}

// flagNames writes the problems of an override with the names of the flags.
func flagNames(err error) string {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		many, ok := inner.(interface{ Unwrap() []error })
		if !ok {
			continue
		}
		var texts []string
		for _, one := range many.Unwrap() {
			texts = append(texts, one.Error())
		}
		return joined("; ", texts...)
	}
	return err.Error()
}
