package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

// usageError is a command line that cannot be meant.
type usageError struct {
	message string
	help    bool
}

func (e *usageError) Error() string { return e.message }

func usage(format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...), help: true}
}

// findings ends a command that worked and found something; it was printed.
type findings struct{ what string }

func (e *findings) Error() string { return e.what }

// remedied is an error with what to do about it.
type remedied struct {
	cause  error
	remedy string
}

func (e *remedied) Error() string { return e.cause.Error() }
func (e *remedied) Unwrap() error { return e.cause }

// explainError prints an error, everything that is wrong, and the way out.
func (a *app) explainError(command *cobra.Command, err error) {
	path := command.CommandPath()
	if problem, ok := errors.AsType[*httpapi.Problem](err); !ok {
		a.errs.line("%s: %v", path, err)
	} else {
		a.printProblem(path, problem)
	}
	if known, ok := errors.AsType[*remedied](err); ok {
		a.errs.text("What to do: ", known.remedy)
	}
}

// printProblem prints an RFC 9457 problem.
func (a *app) printProblem(path string, problem *httpapi.Problem) {
	first, rest, _ := strings.Cut(problem.Detail, "\n")
	a.errs.text("", joined(": ", path, titleOf(problem), first))
	for line := range strings.Lines(rest) {
		a.errs.text("  - ", strings.TrimRight(line, "\n"))
	}
	for _, e := range problem.Errors {
		a.errs.text("  - ", placed(e.File, e.Line, e.Detail))
	}
	if problem.Code != "" {
		a.errs.line("  code: %s", problem.Code)
	}
	if problem.RequestID != "" {
		a.errs.line("  request: %s", problem.RequestID)
	}
	if remedy := remedyOf(problem.Kind(), path); remedy != "" {
		a.errs.text("What to do: ", remedy)
	}
}

// titleOf is the title where the detail does not say as much.
func titleOf(problem *httpapi.Problem) string {
	switch problem.Kind() {
	case httpapi.KindRefused, httpapi.KindUnavailable, httpapi.KindInternal, httpapi.KindGone:
		return problem.Title
	default:
		if problem.Detail == "" {
			return problem.Title
		}
		return ""
	}
}

// placed puts file:line before a message.
func placed(file string, line int, message string) string {
	switch {
	case file == "":
		return message
	case line == 0:
		return file + ": " + message
	default:
		return fmt.Sprintf("%s:%d: %s", file, line, message)
	}
}

// remedyOf says what to do about a kind of problem of a command.
func remedyOf(kind httpapi.Kind, path string) string {
	switch kind {
	case httpapi.KindNotFound:
		return remedyOfMissing(path)
	case httpapi.KindRefused:
		return "tenure people explain ID lists what can be done with each task now"
	case httpapi.KindUnprocessable:
		return remedyOfMeaning(path)
	case httpapi.KindGone:
		return "the journey was ended by a human; a new statement of HR begins another"
	case httpapi.KindUnavailable:
		return "nothing is lost; tenure doctor says which part is missing"
	case httpapi.KindBusy:
		return "wait some seconds and send it again; api.atOnce in the configuration of the starter says how much it takes at a time"
	case httpapi.KindTooLarge:
		return "split the file, or export fewer columns"
	case httpapi.KindInternal:
		return "look for the request in the log of the starter: the cause stands beside it"
	case httpapi.KindUnauthorized:
		return "tenure login --api URL keeps a token for this API; TENURE_TOKEN goes before it"
	case httpapi.KindForbidden:
		return "tenure whoami says who you are; where nobody is asked for a token, call the API by a loopback address, such as " + defaultAPI
	case httpapi.KindTooMany:
		return "wait a second and look at the token that you send"
	case httpapi.KindConflict:
		return "look at what is there now, and decide again"
	default:
		return ""
	}
}

const (
	pathPeople    = "tenure people"
	pathJourney   = "tenure journey"
	pathReconcile = pathPeople + " reconcile"
	pathMatch     = "tenure target match"
)

const remedyTargets = "tenure target list has the names of the targets"

func remedyOfMeaning(path string) string {
	switch {
	case path == "tenure feed import":
		return "correct the file or the feed in the policy; where the date of truth is missing, state it with --as-of"
	case strings.HasPrefix(path, pathReconcile):
		return "tenure people reconcile report TARGET lists the findings"
	case path == pathMatch, path == pathPeople+" adopt":
		return "tenure target match TARGET --all lists the accounts and who fits"
	case strings.HasPrefix(path, "tenure gate"):
		return "tenure gate show GATE lists who is frozen at it"
	case strings.HasPrefix(path, pathJourney), strings.HasPrefix(path, pathPeople):
		return "tenure people timeline ID --keys shows the keys of a person"
	default:
		return ""
	}
}

func remedyOfMissing(path string) string {
	switch {
	case path == pathJourney+" fast-forward":
		return "tenure people list --search NAME finds a person; time moves in the development stack only (make run)"
	case strings.HasPrefix(path, pathReconcile), path == pathMatch, path == "tenure pause", path == "tenure resume":
		return remedyTargets
	case strings.HasPrefix(path, pathJourney), strings.HasPrefix(path, pathPeople):
		return "tenure people list --search NAME finds the ID"
	case strings.HasPrefix(path, "tenure feed"):
		return "tenure feed status lists the feeds"
	case strings.HasPrefix(path, "tenure gate"):
		return "tenure gate status --all lists the gates"
	case path == "tenure policy rollback", path == "tenure policy diff":
		return "tenure policy list has the numbers of the versions"
	case strings.HasPrefix(path, "tenure policy"):
		return "tenure policy apply FILE --reason WHY activates a policy"
	default:
		return "check the address: --api URL or TENURE_API"
	}
}
