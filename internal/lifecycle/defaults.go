package lifecycle

import "time"

// defaults are the values that hold where a policy says nothing. docs/policy.md
// and the shapes repeat them, and a test compares.
type defaults struct {
	feed       Feed
	late       Late
	settle     time.Duration
	outOfScope string
	mode       string
	match      []string
	propose    []string
	names      NameRules
	leave      string
	rehire     string
	timeout    time.Duration
	look       time.Duration
}

// The words of the language that code compares.
const (
	ModeFull  = "full"
	ModeDelta = "delta"

	ModeObserve = "observe"
	ModeAdopt   = "adopt"
	ModeEnforce = "enforce"

	ProposeUserName    = "userPrincipalName"
	ProposeMail        = "mail"
	ProposeDisplayName = "displayName"

	AbsentReport    = "report"
	AbsentAskLeaver = "ask-leaver"

	OutOfScopeKeep = "keep"
	OutOfScopeAsk  = "ask"
	// OutOfScopeDisable disables through the account lines.
	OutOfScopeDisable = "disable"

	LeaveKeep    = "keep"
	LeaveDisable = "disable"

	RehireReactivate = "reactivate"
	RehireNew        = "new"
	RehireAsk        = "ask"

	ToManager = "manager"
	ToPerson  = "person"
	ToFixed   = "fixed"

	ViaSMTP     = "smtp"
	ViaSendGrid = "sendgrid"

	KindEntra = "entra"
	KindAD    = "ad"

	CredentialSecret      = "secret"
	CredentialCertificate = "certificate"
	CredentialWorkload    = "workload"
	CredentialBind        = "bind"
	CredentialKerberos    = "kerberos"
	CredentialKeytab      = "keytab"

	SchemeStandardWebhooks = "standard-webhooks"

	ZonePerson = "person"
	ZoneFeed   = "feed"
)

func standard() defaults {
	return defaults{
		feed: Feed{
			Dates: "YYYY-MM-DD", Mode: ModeFull, Encoding: "utf-8", Delimiter: ',', Nulls: []string{""},
			Absent: AbsentReport, HoldWhen: HoldWhen{FewerPeople: 10, Rejects: 5}, Bridge: 5,
			Signature: Signature{Tolerance: 5 * time.Minute},
		},
		late:       Late{Within: Duration{Days: 14}, Then: LateAsk},
		settle:     15 * time.Minute,
		outOfScope: OutOfScopeKeep,
		mode:       ModeObserve,
		match:      []string{"employeeId"},
		propose:    []string{ProposeUserName, ProposeMail, ProposeDisplayName},
		names:      NameRules{QuarantineNever: true},
		leave:      LeaveKeep,
		rehire:     RehireReactivate,
		timeout:    30 * time.Second,
		look:       24 * time.Hour,
	}
}

// continueStandard says whether a run goes on when a task of this class fails.
// In leavers nothing stops the tasks that cut access (S5); elsewhere it is as
// in Microsoft's samples.
func continueStandard(class Class, category Category) bool {
	if category == Leaver {
		return true
	}
	return class == ClassAccess || class == ClassAccount
}

// recipientStandard is Microsoft's recipient of a mail.
func recipientStandard(kind TaskKind) string {
	if kind == SendWelcomeEmail {
		return ToPerson
	}
	return ToManager
}
