package ad

import (
	"errors"
	"fmt"
)

// The LDAP result codes that the server answers.
const (
	codeOperationsError   = 1
	codeProtocolError     = 2
	codeSizeLimit         = 4
	codeCompareFalse      = 5
	codeCompareTrue       = 6
	codeAuthMethod        = 7
	codeStrongerAuth      = 8
	codeReferral          = 10
	codeUnavailableCrit   = 12
	codeNoSuchAttribute   = 16
	codeConstraint        = 19
	codeValueExists       = 20
	codeSyntax            = 21
	codeNoSuchObject      = 32
	codeInvalidDN         = 34
	codeInvalidCredential = 49
	codeDenied            = 50
	codeBusy              = 51
	codeUnavailable       = 52
	codeUnwilling         = 53
	codeNaming            = 64
	codeClassViolation    = 65
	codeNotOnNonLeaf      = 66
	codeNotOnRDN          = 67
	codeExists            = 68
	codeOther             = 80
)

// refusalError is an LDAP result that is no success, with the words that a Windows domain controller says.
type refusalError struct {
	code     int
	matched  string
	text     string
	referral string
}

func (e *refusalError) Error() string { return fmt.Sprintf("ldap result %d: %s", e.code, e.text) }

// asResult is the result that an error stands for; nil is success.
func asResult(err error) refusalError {
	var r *refusalError
	switch {
	case err == nil:
		return refusalError{}
	case errors.As(err, &r):
		return *r
	default:
		return refusalError{code: codeProtocolError, text: "00000057: LdapErr: DSID-0C0C0095, comment: The server did not understand the request, data 0, v4f7c"}
	}
}

func refuse(code int, text string) error { return &refusalError{code: code, text: text} }

// unwilling is code 53 with a Windows error number.
func unwilling(hex string) error {
	return refuse(codeUnwilling, hex+": SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0\n")
}

// invalidArgument is code 80 as the account database answers it.
func invalidArgument(hex string) error {
	return refuse(codeOther, hex+": SysErr: DSID-031A1202, problem 22 (Invalid argument), data 0\n")
}

func constraint(hex, attribute string) error {
	return refuse(codeConstraint, fmt.Sprintf("%[1]s: AtrErr: DSID-03151818, #1:\n\t0: %[1]s: DSID-03151818, problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att (%[2]s)\n", hex, attribute))
}

func badSyntax(attribute string) error {
	return refuse(codeSyntax, fmt.Sprintf("00000057: LdapErr: DSID-0C090D8A, comment: Error in attribute conversion operation (%s), data 0, v4f7c", attribute))
}

func noAttribute(name string) error {
	return refuse(codeNoSuchAttribute, fmt.Sprintf("00000057: LdapErr: DSID-0C090D10, comment: Error in attribute conversion operation (%s), data 0, v4f7c", name))
}

func noObject(bestMatch string) error {
	return &refusalError{code: codeNoSuchObject, matched: bestMatch, text: fmt.Sprintf("0000208D: NameErr: DSID-03100238, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'%s'\n", bestMatch)}
}

func badName() error {
	return refuse(codeInvalidDN, "0000208F: NameErr: DSID-03100225, problem 2006 (BAD_NAME), data 8350, best match of:\n\t''\n")
}

func namingViolation(hex string) error {
	return refuse(codeNaming, hex+": NameErr: DSID-0305109C, problem 2005 (NAMING_VIOLATION), data 0, best match of:\n\t''\n")
}

func entryExists(hex string) error {
	return refuse(codeExists, hex+": UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0\n")
}

func denied() error {
	return refuse(codeDenied, "00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0\n")
}

func classViolation(attribute string) error {
	return refuse(codeClassViolation, fmt.Sprintf("00002014: UpdErr: DSID-031512B1, problem 6002 (OBJ_CLASS_VIOLATION), data 0 (%s)\n", attribute))
}

func valueExists(attribute string) error {
	return refuse(codeValueExists, fmt.Sprintf("0000200D: AtrErr: DSID-03150BBA, #1:\n\t0: 0000200D: DSID-03150BBA, problem 1006 (ATT_OR_VALUE_EXISTS), data 0, Att (%s)\n", attribute))
}

func valueMissing(attribute string) error {
	return refuse(codeNoSuchAttribute, fmt.Sprintf("00002085: AtrErr: DSID-03152D2C, #1:\n\t0: 00002085: DSID-03152D2C, problem 1001 (NO_ATTRIBUTE_OR_VAL), data 0, Att (%s)\n", attribute))
}
