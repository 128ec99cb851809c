package graph

import (
	"fmt"
	"net/http"
	"time"
)

// Codes of Graph's errors as the service spells them.
const (
	codeBadRequest     = "Request_BadRequest"
	codeNotFound       = "Request_ResourceNotFound"
	codeUnsupported    = "Request_UnsupportedQuery"
	codeDenied         = "Authorization_RequestDenied"
	codeConflict       = "Directory_ConcurrencyViolation"
	codeExpiredPage    = "Directory_ExpiredPageToken"
	codeTooMany        = "TooManyRequests"
	codeToken          = "InvalidAuthenticationToken"
	codeResync         = "syncStateNotFound"
	codeFailedDep      = "FailedDependency"
	codeInternal       = "InternalServerError"
	codeParse          = "BadRequest"
	codeMethod         = "badRequest" // the authentication methods service spells it so
	detailConflict     = "ObjectConflict"
	detailInvalidValue = "InvalidValue"

	messageDenied     = "Insufficient privileges to complete the operation."
	messageMastered   = "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration."
	messageBadValues  = "One or more property values specified are invalid."
	messageConcurrent = "Error due to concurrent requests being made to the tenant. Please wait briefly and retry."
	messageMailGroup  = "Cannot Update a mail-enabled security groups and or distribution list."

	resourceUser  = "User"
	resourceGroup = "Group"

	stampFormat = "2006-01-02T15:04:05Z"
)

// detail is one entry of an error's details.
type detail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Target  string `json:"target,omitempty"`
}

// refusal is an error answer of the service.
type refusal struct {
	status  int
	code    string
	message string
	details []detail
	header  http.Header
}

// Error implements error.
func (e *refusal) Error() string { return fmt.Sprintf("%d %s: %s", e.status, e.code, e.message) }

func refuse(status int, code, message string, details ...detail) *refusal {
	return &refusal{status: status, code: code, message: message, details: details}
}

func badRequest(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, codeBadRequest, fmt.Sprintf(format, args...))
}

func denied() *refusal { return refuse(http.StatusForbidden, codeDenied, messageDenied) }

func unsupported(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, codeUnsupported, fmt.Sprintf(format, args...))
}

func notFound(id string) *refusal {
	return refuse(http.StatusNotFound, codeNotFound,
		fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", id))
}

func invalidValue(property, resource string) *refusal {
	message := fmt.Sprintf("Invalid value specified for property '%s' of resource '%s'.", property, resource)
	return refuse(http.StatusBadRequest, codeBadRequest, message,
		detail{Code: detailInvalidValue, Message: message, Target: property})
}

func missingValue(property, resource string) *refusal {
	message := fmt.Sprintf("A value is required for property '%s' of resource '%s'.", property, resource)
	return refuse(http.StatusBadRequest, codeBadRequest, message,
		detail{Code: "MissingValue", Message: message, Target: property})
}

func objectConflict(property string) *refusal {
	message := fmt.Sprintf("Another object with the same value for property %s already exists.", property)
	return refuse(http.StatusBadRequest, codeBadRequest, message,
		detail{Code: detailConflict, Message: message, Target: property})
}

// body renders the documented envelope. The date has no zone.
func (e *refusal) body(now time.Time, requestID, clientID string) object {
	inner := object{
		"date":       now.UTC().Format("2006-01-02T15:04:05"),
		"request-id": requestID, "client-request-id": clientID,
	}
	out := object{"code": e.code, "message": e.message, "innerError": inner}
	if len(e.details) > 0 {
		out["details"] = e.details
	}
	return object{"error": out}
}
