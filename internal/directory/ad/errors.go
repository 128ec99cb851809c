package ad

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
)

// errLost is a connection that broke or a request whose time was up: what was
// asked may have been done.
var errLost = fmt.Errorf("connection to the domain controller was lost: %w", directory.ErrUnavailable)

// refusalError is a controller's answer that is no success. The controller's
// own words are not in it: they quote names and values.
type refusalError struct {
	code uint16
	// detail is the code in hexadecimal that begins the controller's words, or
	// what it says about a credential: for people, not for decisions.
	detail string
	is     error
}

// Error names the code.
func (e *refusalError) Error() string {
	text := fmt.Sprintf("ldap result %d, %s", e.code, strings.ToLower(ldap.LDAPResultCodeMap[e.code]))
	if e.detail != "" {
		text += " (" + e.detail + ")"
	}
	return text
}

// Is makes errors.Is find the sentinel.
func (e *refusalError) Is(target error) bool { return target == e.is }

// translate is the only place that knows what go-ldap's errors mean.
func translate(err error) error {
	if err == nil {
		return nil
	}
	refused, ok := errors.AsType[*ldap.Error](err)
	switch {
	case !ok, refused.ResultCode == ldap.ErrorNetwork:
		// A read that failed is no *ldap.Error at all.
		return errLost
	case refused.ResultCode >= ldap.ErrorNetwork:
		// The library refused before it asked.
		return &refusalError{code: refused.ResultCode, is: directory.ErrInvalid}
	}
	return &refusalError{code: refused.ResultCode, detail: detail(refused), is: meaning(refused.ResultCode)}
}

// meaning is the sentinel of a code. What is not listed is not repeated.
func meaning(code uint16) error {
	switch code {
	case ldap.LDAPResultNoSuchObject:
		return directory.ErrNotFound
	case ldap.LDAPResultEntryAlreadyExists, ldap.LDAPResultAttributeOrValueExists:
		return directory.ErrConflict
	case ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultInvalidCredentials,
		ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired:
		return directory.ErrDenied
	case ldap.LDAPResultBusy, ldap.LDAPResultUnavailable, ldap.LDAPResultOther, ldap.LDAPResultOperationsError,
		ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultAdminLimitExceeded:
		return directory.ErrUnavailable
	default:
		return directory.ErrInvalid
	}
}

// cannotFollow tells a controller that gave up on a question from one that said no.
func cannotFollow(err error) bool {
	refused, ok := errors.AsType[*refusalError](err)
	return ok && refused.code == ldap.LDAPResultOperationsError
}

var (
	hexCode    = regexp.MustCompile(`^([0-9A-Fa-f]{8}):`)
	bindReason = regexp.MustCompile(`\bdata ([0-9A-Fa-f]{3,4})\b`)
)

// detail takes from a controller's words what holds no name or value.
func detail(err *ldap.Error) string {
	if err.Err == nil {
		return ""
	}
	words := err.Err.Error()
	if err.ResultCode == ldap.LDAPResultInvalidCredentials {
		if found := bindReason.FindStringSubmatch(words); found != nil {
			return credentialReason(strings.ToLower(found[1]))
		}
	}
	if found := hexCode.FindStringSubmatch(words); found != nil {
		return strings.ToUpper(found[1])
	}
	return ""
}

// credentialReason says why a bind was refused.
func credentialReason(code string) string {
	reasons := map[string]string{
		"525": "the bind account is not known",
		"52e": "name or password of the bind account is wrong",
		"530": "the bind account may not log on at this hour",
		"531": "the bind account may not log on from here",
		"532": "the bind account's password has expired",
		"533": "the bind account is disabled",
		"701": "the bind account has expired",
		"773": "the bind account must change its password",
		"775": "the bind account is locked",
	}
	return orDefault(reasons[code], "data "+code)
}

// refusedWith tells whether a controller answered with one of the codes.
func refusedWith(err error, codes ...uint16) bool {
	refused, ok := errors.AsType[*refusalError](err)
	return ok && slices.Contains(codes, refused.code)
}

// refusedBecause tells whether a controller gave this detail.
func refusedBecause(err error, detail string) bool {
	refused, ok := errors.AsType[*refusalError](err)
	return ok && refused.detail == detail
}

// isTakenInForest tells whether another domain has the user name: nothing but the
// detail says so, and the global catalogue may not know the account yet.
func isTakenInForest(err error) bool {
	const upnNotUniqueInForest = "000021C8"
	return refusedWith(err, ldap.LDAPResultConstraintViolation) && refusedBecause(err, upnNotUniqueInForest)
}

// isBroken tells whether an error speaks against the connection or its
// controller, not against the request.
func isBroken(err error) bool {
	return errors.Is(err, errLost) ||
		refusedWith(err, ldap.LDAPResultOperationsError, ldap.LDAPResultBusy, ldap.LDAPResultUnavailable)
}

// invalid is a request that is refused here, before a server is asked.
func invalid(format string, values ...any) error {
	return fmt.Errorf(format+": %w", append(values, directory.ErrInvalid)...)
}

func isNotFound(err error) bool { return errors.Is(err, directory.ErrNotFound) }

func unlessNotFound(err error) error {
	if isNotFound(err) {
		return nil
	}
	return err
}
