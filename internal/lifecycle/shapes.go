package lifecycle

import "slices"

const (
	formText       = "text"
	formBoolean    = "true or false"
	formCondition  = "condition"
	formExpression = "expression"
	formDuration   = "duration"
	formZone       = "time zone"
	formReference  = "env:NAME or file:PATH"
	formDN         = "distinguished name"
	formLabels     = "list of labels"
	formRecipient  = "manager, person or a mail address"
)

func policyShapes() []shape {
	return []shape{
		{shapePolicy, "The whole document.", []key{
			{name: "version", required: true, form: "1", doc: "The version of the language."},
			{name: "feeds", required: true, form: "name: feed", doc: "Where HR facts come from."},
			{name: "zones", form: "list of zone rules", doc: "Time zones of people, where HR does not state them; the first match holds."},
			{name: "targets", required: true, form: "name: target", doc: "The directories in which people get accounts."},
			{name: "workflows", form: "list of lifecycle workflows", doc: "What happens to people, and when."},
			{name: "extensions", form: "name: extension", doc: "Signed HTTP calls to systems of your own."},
			{name: "notifications", form: shapeNotifications, doc: "How mail is sent; needed as soon as a task sends mail."},
		}},
		{shapeZone, "A rule that gives people a time zone.", []key{
			{name: "when", required: true, form: formCondition, doc: "Who it is for."},
			{name: "zone", required: true, form: formZone, doc: "An IANA name such as Europe/Berlin."},
		}},
		{shapeExtension, "A signed HTTP call.", []key{
			{name: "url", required: true, form: "https URL, or env:NAME", doc: "Where the call goes; http only on this machine."},
			{name: "secret", required: true, form: formReference, doc: "What the call is signed with."},
			{name: "timeout", form: formDuration, standard: "30s", doc: "How long an answer may take, up to 5m."},
		}},
		{shapeNotifications, "How mail is sent.", []key{
			{name: "from", required: true, form: "mail address", doc: "The sender."},
			{name: "via", required: true, form: "smtp or sendgrid", doc: "The way out."},
			{name: "templates", form: "folder", standard: "the built-in templates", doc: "Your own templates, which go before the built-in ones."},
			{name: "preHireAddress", form: "attribute", doc: "Where a person is reached before the first day."},
			{name: "fallback", form: "mail address", doc: "Who gets mail that has no valid recipient."},
			{name: "server", form: "host:port (smtp), URL (sendgrid), or env:NAME", doc: "The server; the configuration may state it instead."},
			{name: "user", form: formReference, doc: "The user name at the server."},
			{name: "secret", form: formReference, doc: "The password or API key."},
		}},
	}
}

func feedShapes() []shape {
	return []shape{
		{shapeFeed, "A source of HR facts.", []key{
			{name: "kind", required: true, form: "csv or webhook", doc: "How facts arrive."},
			{name: "realm", required: true, form: formText, doc: "The set of people in which a key is unique; feeds that speak of the same people share it."},
			{name: "baseline", form: "date", doc: "Whoever started before is existing staff: nothing of the past is done again. Needed by the feed that owns status."},
			{name: "key", form: "column, or key", doc: "The column that identifies a person for good (csv)."},
			{name: "dates", form: "YYYY, MM and DD in order", standard: "YYYY-MM-DD", doc: "How dates are written (csv)."},
			{name: "zone", form: formZone, doc: "The time zone of people for whom nothing better is known. Needed by the feed that owns status."},
			{name: "mode", form: "full or delta", standard: "full", doc: "Whether a file holds everybody or only changes (csv)."},
			{name: "encoding", form: "utf-8, utf-16 or windows-1252", standard: "utf-8", doc: "The file's encoding; never guessed (csv)."},
			{name: "delimiter", form: "one character", standard: ",", doc: "What separates columns (csv)."},
			{name: "nulls", form: "list of texts", standard: `[""]`, doc: "What an empty value looks like (csv)."},
			{name: "asOf", form: "asOf", standard: "--as-of at import", doc: "Where the date of truth of a file comes from (csv)."},
			{name: "absent", form: "report or ask-leaver", standard: "report", doc: "What becomes of people missing from a full file (csv)."},
			{name: "holdWhen", form: "holdWhen", standard: "{fewerPeople: 10%, rejects: 5%}", doc: "When a file is held until a human releases it (csv)."},
			{name: "owns", form: "all, or list of attributes", standard: "all", doc: "What this feed decides. One feed of a realm owns all, status and dates included."},
			{name: "bridge", form: "days", standard: "5d", doc: "The longest gap between two employments that is one stay."},
			{name: "fields", form: "attribute: column, or attribute: field", doc: "Which column fills which attribute of the record (csv)."},
			{name: "signature", form: "signature", doc: "How events are signed (webhook)."},
			{name: keyWriteBack, form: keyWriteBack, standard: "nothing", doc: "What of the account is told to HR (webhook)."},
		}},
		{shapeKey, "A key that must not be used in the clear.", []key{
			{name: "column", required: true, form: "column", doc: "The column."},
			{name: "hmac", required: true, form: formReference, doc: "The secret with which it is hashed."},
		}},
		{shapeField, "A column with more to say.", []key{
			{name: "from", required: true, form: "column", doc: "The column."},
			{name: "kind", form: "sourceKey, employeeId, email or name", doc: "What a reference to another person holds."},
			{name: "values", form: "their word: our word", doc: "A translation; a word without an entry rejects the row."},
			{name: "optional", form: formBoolean, standard: "false", doc: "The column may be missing."},
		}},
		{shapeAsOf, "Where the date of truth of a file comes from; one of the two.", []key{
			{name: "column", form: "column", doc: "A column that holds it."},
			{name: "fileName", form: "regular expression", doc: "A pattern on the file's name with a group named date: hr-(?<date>\\d{8})\\.csv."},
		}},
		{shapeHoldWhen, "The shares at which a file is held.", []key{
			{name: "fewerPeople", form: "percent", standard: "10%", doc: "So many fewer people than in the file before."},
			{name: "rejects", form: "percent", standard: "5%", doc: "So many rejected rows."},
		}},
		{shapeSignature, "How a webhook is verified.", []key{
			{name: "scheme", required: true, form: "standard-webhooks", doc: "The only scheme."},
			{name: "secrets", required: true, form: "list of env:NAME or file:PATH", doc: "The newest first; all are accepted."},
			{name: "tolerance", form: formDuration, standard: "5m", doc: "How old an event may be."},
		}},
		{shapeWriteBack, "What of the account is told to HR; the configuration says where.", []key{
			{name: "target", form: "name of a target", standard: "the only target", doc: "Whose accounts are read."},
			{name: "when", form: formCondition, standard: "everybody with an account", doc: "Of whom."},
			{name: "begin", form: "account line", standard: "as soon as there is an account", doc: "Not before this."},
			{name: "look", form: formDuration, standard: "1d", doc: "How often an account is read again, since others may change it: 1h to 30d."},
			{name: "mapping", required: true, form: "contact. or ext. attribute: back mapping", doc: "How the attributes of the record are made."},
		}},
		{shapeBackMapping, "How one attribute is made of the account: exactly one of attribute, constant and expression.", []key{
			{name: "attribute", form: "attribute of the account", doc: "From an attribute of the account, such as mail."},
			{name: "constant", form: formText, doc: "A fixed text."},
			{name: "expression", form: formExpression, doc: "Names in brackets are those of the account, such as [mail]; the record's by their own name, such as [person.language]."},
			{name: "clear", form: formBoolean, standard: "false", doc: "An empty value is told too; else it is left out."},
		}},
	}
}

func targetShapes() []shape {
	return []shape{
		{shapeTarget, "A directory.", []key{
			{name: "kind", required: true, form: "entra or ad", doc: "The kind of directory: an Entra tenant, or a domain of Active Directory."},
			{name: "tenant", form: "ID, domain or reference", doc: "The Entra tenant."},
			{name: "base", form: formDN, standard: "made from domain", doc: "The AD domain, such as DC=corp,DC=contoso,DC=example."},
			{name: "under", form: formDN, standard: "the whole domain", doc: "The container of an AD domain that holds the people."},
			{name: "forest", form: "name", standard: "none", doc: "A name that the AD domains of one forest share: people may have their manager in another of them."},
			{name: "credential", form: "credential", doc: "How to sign in."},
			{name: "mode", form: "observe, adopt or enforce", standard: "observe", doc: "What the policy does to the directory: nothing, link accounts that exist, or everything."},
			{name: "domain", form: "domain name", doc: "The domain of new user names."},
			{name: "scope", form: formCondition, standard: "everybody", doc: "Who gets an account here."},
			{name: "scopingFilters", form: "list of scoping filters", standard: "none", doc: "Entra's scoping filters: one of them must hold, and scope too."},
			{name: "outOfScope", form: "keep, ask or disable", standard: "keep", doc: "What happens to the account of somebody who leaves the scope; disable is a disable line, with its gate and holds, and ask asks before there is one."},
			{name: "match", form: "list of attributes", standard: "[employeeId]", doc: "How an account that exists is recognised, in order: employeeId, and behind it userPrincipalName, mail and displayName as under propose."},
			{name: "propose", form: "list of userPrincipalName, mail and displayName", standard: "[userPrincipalName, mail, displayName]", doc: "By what an account that exists is proposed, in order; a human accepts."},
			{name: "account", required: true, form: "account", doc: "When the account exists and is enabled."},
			{name: "names", form: "names", standard: "{quarantine: never}", doc: "What becomes of a leaver's name."},
			{name: "groups", form: "label: object ID", doc: "Groups, named once."},
			{name: "licenses", form: "label: SKU ID", doc: "Licences, named once."},
			{name: "mapping", form: "target attribute: mapping", doc: "How the account's attributes are made."},
			{name: "limits", form: "limits", standard: "the standard of each kind", doc: "How many people an effect may reach before a human must agree (S15)."},
			{name: "acknowledge", form: "list of findings", standard: "none", doc: "Findings of tenure doctor by name, such as \"provisioning-jobs\": somebody has judged them, and they fail no more (S20)."},
			{name: "protect", form: "protect", standard: "holders of roles, and members and owners of role-assignable groups", doc: "Accounts that no feed takes access from (S17)."},
			{name: "syncedFrom", form: formText, standard: "none", doc: "The directory whose accounts come here by synchronisation: nothing is created here (S17)."},
			{name: "containers", form: "list of containers", standard: "all of the domain is synchronised", doc: "Which containers of an AD domain the synchronisation to the cloud leaves out; the nearest one counts (S17)."},
			{name: "counterpart", form: "counterpart", standard: "as below", doc: "How long the account that comes from syncedFrom may take before somebody is told (S17)."},
			{name: "values", form: "name: value map", doc: "What HR says, turned into labels of groups (S18)."},
			{name: "also", later: "list secondary accounts in the leaver's mail and leave also out"},
		}},
		{shapeCredential, "How to sign in to a target.", []key{
			{name: "kind", required: true, form: "secret, certificate, workload, bind, kerberos or keytab", doc: "The kind of credential: bind, kerberos and keytab for AD, the others for Entra."},
			{name: "client", form: "ID or reference", doc: "The application (not bind)."},
			{name: "user", form: formReference, doc: "The account that signs in: a user principal name, or for bind a distinguished name (bind, kerberos, keytab)."},
			{name: "secret", form: formReference, doc: "The client secret (secret), or the password (bind, kerberos)."},
			{name: "keytab", form: formReference, doc: "A keytab file, file:PATH (keytab)."},
			{name: "certificate", form: formReference, doc: "The certificate with its key (certificate)."},
			{name: "tokenFile", form: formReference, doc: "The federated token (workload)."},
		}},
		{shapeAccount, "When the account exists and is enabled.", []key{
			{name: "create", form: "account line", standard: "never", doc: "When the account is made, disabled."},
			{name: "enable", required: true, form: "account line", doc: "When it is enabled."},
			{name: "disable", required: true, form: "account line", doc: "When it is disabled, passes deleted and sessions revoked."},
			{name: "delete", form: "delete line", standard: "never", doc: "When it is deleted."},
			{name: "leave", form: "keep or disable", standard: "keep", doc: "What a leave of absence does to it."},
			{name: "rehire", form: "reactivate, new or ask", standard: "reactivate", doc: "What a rehire does with the old account."},
		}},
		{shapeLine, "A date of the stay, made an instant.", dateKeys()},
		{shapeDelete, "The line that deletes.", append(dateKeys(),
			key{name: "minimum", required: true, form: "days or weeks", doc: "The least time between our own disable and the delete, 1d or more."})},
		{shapeNames, "What becomes of a leaver's name.", []key{
			{name: "quarantine", form: "never, or days or weeks", standard: "never", doc: "When it may be used again."},
		}},
		{shapeLimits, "Budgets per kind of effect: how many people in a window; what exceeds one waits at the gate (S15).", []key{
			{name: string(LimitCreate), form: "limit", standard: "{count: 500, window: 1h}", doc: "New accounts."},
			{name: string(LimitEnable), form: "limit", standard: "{count: 500, window: 1h}", doc: "Accounts that are enabled."},
			{name: string(LimitPass), form: "limit", standard: "{count: 50, window: 1h}", doc: "Temporary access passes."},
			{name: string(LimitDisable), form: "limit", standard: "{count: 25, window: 1h}", doc: "Accounts that are disabled."},
			{name: string(LimitRemoveAll), form: "limit", standard: "{count: 25, window: 1h}", doc: "People who lose every group or every licence."},
			{name: string(LimitDelete), form: "limit", standard: "{count: 10, window: 1h}", doc: "Accounts that are deleted."},
		}},
		{shapeLimit, "A budget; where count and percent are both stated the lower allows.", []key{
			{name: "count", form: "number, or unlimited", standard: "the standard of its kind", doc: "So many people."},
			{name: "percent", form: "percent", standard: "none", doc: "A share of the accounts that Tenure holds in the target, at least one."},
			{name: "window", form: formDuration, standard: "1h", doc: "How far back the count looks, up to 7d."},
			{name: "approvals", form: "number", standard: "1", doc: "How many different people must agree to what exceeds it, up to 5."},
		}},
		{shapeProtect, "Accounts that no feed takes access from, beside those that hold a role.", []key{
			{name: "accounts", form: "list of user names and object IDs", standard: "none", doc: "Accounts for emergencies, and the like."},
			{name: "membersOf", form: formLabels, standard: "none", doc: "Groups whose members are protected, through other groups too."},
			{name: "containers", form: "list of distinguished names", standard: "none", doc: "Containers of an AD domain: nothing in them is touched."},
			{name: "keepMembership", form: formLabels, standard: "none", doc: "Groups that nobody is removed from, such as one that blocks sign-in."},
		}},
		{shapeContainer, "A container of a domain, with all below it.", []key{
			{name: "under", required: true, form: formDN, doc: "The container."},
			{name: "synced", form: formBoolean, standard: "true", doc: "Whether the synchronisation takes its accounts to the cloud."},
		}},
		{shapeCounterpart, "How long the synchronisation may take before somebody is told; what waits goes on waiting.", []key{
			{name: "within", form: formDuration, standard: "3h; 24h where syncedFrom is no target of the policy", doc: "Until the account has come, once the one that it comes from is there: 30m to 14d."},
			{name: "follows", form: formDuration, standard: "1h", doc: "Until the account is seen enabled, disabled or gone, once the one that it comes from is: 5m to 14d."},
		}},
		{shapeValueMap, "What HR says, turned into labels of groups; a value without an entry raises attention.", []key{
			{name: "from", required: true, form: "attribute", doc: "The attribute that is read."},
			{name: "values", required: true, form: "value: label, or none", doc: "The group of each value; none is a value that is meant to have no group."},
		}},
		{shapeFilter, "A scoping filter of Entra: all of its clauses must hold.", []key{
			{name: "clauses", required: true, form: "list of filter clauses", doc: "What must hold together."},
			{name: "name", form: formText, standard: "none", doc: "Its name, for people."},
		}},
		{shapeClause, "A clause of a scoping filter. Of an attribute without a value none holds but IS NULL.", []key{
			{name: "attribute", required: true, form: "attribute, or a name of Entra", doc: "The attribute."},
			{name: "operator", required: true, form: "EQUALS, NOT EQUALS, IS TRUE, IS FALSE, IS NULL, IS NOT NULL, REGEX MATCH, NOT REGEX MATCH, Greater_Than, Greater_Than_OR_EQUALS, Includes, ENDS_WITH, & or !&", doc: "The operator, in any case."},
			{name: "value", form: formText, doc: "What it is compared with."},
			{name: "values", form: "list of texts", doc: "Several, for & and !&."},
		}},
		{shapeMapping, "How one attribute is made: exactly one of attribute, constant, expression, unique and reference.", []key{
			{name: "attribute", form: "attribute", doc: "From an attribute of the record."},
			{name: "constant", form: formText, doc: "A fixed text."},
			{name: "expression", form: formExpression, doc: "What an expression of the mapping language gives; docs/mapping.md has the language."},
			{name: "unique", form: "list of name forms", doc: "The first form that is free, such as given.family or g.family; # stands for a number."},
			{name: "reference", form: "managerRef", doc: "A link to another person's account."},
			{name: "apply", form: "create or always", standard: "always", doc: "create: only when the account is made."},
			{name: "default", form: formText, standard: "none", doc: "Written when the account is made and there is no other value."},
			{name: "clear", form: formBoolean, standard: "false", doc: "An empty value of a full record clears the attribute."},
			{name: "numbered", form: formBoolean, standard: "false", doc: "For an expression that makes the user name: once all candidates are taken, the last one gets a number."},
		}},
	}
}

// dateKeys are the keys of every rule that makes an instant from a date.
func dateKeys() []key {
	return []key{
		{name: "on", required: true, form: "date of the stay", doc: "startDate, lastDayOfWork, terminationDate, contractEndDate or a date attribute."},
		{name: "offset", form: formDuration, standard: "0d", doc: "Before (-7d) or after (30d) it."},
		{name: "at", form: `"HH:MM"`, standard: `"00:00"; on last days "24:00"`, doc: "The time of day; not with an offset in hours or minutes."},
		{name: "zone", form: "person, feed or a time zone", standard: "person", doc: "Whose clock."},
		{name: "roll", later: "state the offset in days and leave roll out"},
	}
}

// optionalDateKeys are dateKeys where a rule need not be one of a date.
func optionalDateKeys() []key {
	keys := dateKeys()
	keys[0].required = false
	return keys
}

func workflowShapes() []shape {
	return []shape{
		{shapeWorkflow, "A lifecycle workflow: when, for whom, what.", []key{
			{name: "name", required: true, form: formText, doc: "Its name, unique in the policy."},
			{name: "category", required: true, form: "joiner, mover or leaver", doc: "Which tasks fit, and the order at one instant."},
			{name: "scope", form: formCondition, standard: "everybody", doc: "Whom it is for."},
			{name: "trigger", required: true, form: "trigger", doc: "When it runs."},
			{name: "late", form: "run, skip, ask or late", standard: "{run: 14d, then: ask}", doc: "What happens when it was due before that was known."},
			{name: "tasks", required: true, form: "list of tasks", doc: "What it does, in this order."},
		}},
		{shapeTrigger, "When a run begins: a date (on), a change, or on demand.", append(optionalDateKeys(), []key{
			{name: "change", form: "list of attributes or changes", doc: "Runs when one of them takes another value while the person works here."},
			{name: "settle", form: formDuration, standard: "15m", doc: "Edits within this time are one change."},
			{name: "demand", form: "{} or demand", doc: "Runs when a human says so."},
			{name: "group", later: "trigger on a change of the attribute that decides the group"},
			{name: "inactive", later: "trigger on demand"},
		}...)},
		{shapeChange, "A change that is watched.", []key{
			{name: "attribute", required: true, form: "attribute", doc: "The attribute."},
			{name: "from", form: formText, standard: "any value", doc: "Only from this value."},
			{name: "to", form: formText, standard: "any value", doc: "Only to this value."},
		}},
		{shapeDemand, "A trigger that a human pulls.", []key{
			{name: "roles", form: "list of viewer, operator, approver, admin", standard: "operator", doc: "Who may pull it: the least of these roles, and those above it."},
			{name: "approvals", form: "number", standard: "0", doc: "How many different people, beside the one who starts it, must agree before it runs, up to 5."},
		}},
		{shapeLate, "Late lines: those up to run late are performed, later ones follow then.", []key{
			{name: "run", required: true, form: "days or weeks", doc: "So late is still in time."},
			{name: "then", required: true, form: "skip or ask", doc: "What happens to later ones."},
		}},
	}
}

func taskShapes() []shape {
	target := key{name: "target", form: "name of a target", standard: "the only target", doc: "The directory it works on."}
	after := key{name: "after", later: "write a second lifecycle workflow with a later trigger"}
	mail := []key{
		{name: "to", form: formRecipient, standard: "as in the table of tasks", doc: "The recipient."},
		{name: "template", form: "name of a template", standard: "the name of the task", doc: "The mail."},
		{name: "locale", form: "language, such as de", standard: "the recipient's", doc: "The language of the mail."},
	}
	return []shape{
		{shapeTask, "One task: its name with its arguments, and beside it these keys.", []key{
			{name: "when", form: formCondition, standard: "always", doc: "Only then; otherwise the task is left out."},
			{name: "continueOnError", form: formBoolean, standard: "as in the table of tasks", doc: "Whether the run goes on when it fails."},
			{name: "approval", later: "use a trigger on demand"},
		}},
		{shapeMailTask, "Tasks that send mail.", append(slices.Clone(mail), after)},
		{shapePassTask, "generateTemporaryAccessPass.", append(slices.Clone(mail), target,
			key{name: "start", required: true, form: "pass start", doc: "When the pass becomes valid."},
			key{name: "lifetime", required: true, form: formDuration, doc: "How long it is valid: 10m to 30d."},
			key{name: "once", form: formBoolean, standard: "true", doc: "Whether it can be used only once."}, after)},
		{shapePasswordTask, "generateInitialPassword.", append(slices.Clone(mail), target,
			key{name: "start", required: true, form: "pass start", doc: "When it can first be used; the account must be enabled by then."},
			key{name: "lifetime", required: true, form: formDuration, doc: "How long it waits for the first logon: 10m to 30d."}, after)},
		{shapePassStart, "When a pass becomes valid.", dateKeys()},
		{shapeGroupsTask, "addUserToGroups and removeUserFromGroups.", []key{
			{name: "groups", required: true, form: "list of labels and value maps", doc: "The groups; in a change workflow also before.NAME and after.NAME of a value map."}, target, after,
		}},
		{shapeAllGroupsTask, "removeUserFromAllGroups.", []key{
			{name: "except", form: formLabels, standard: "none", doc: "Groups that stay."}, target, after,
		}},
		{shapeLicensesTask, "assignLicensesToUser and removeLicensesFromUser.", []key{
			{name: "licenses", required: true, form: formLabels, doc: "The licences."}, target, after,
		}},
		{shapeTargetTask, "Tasks with nothing more to say.", []key{target, after}},
		{shapeContainerTask, "moveUserToContainer and disableUserAndMoveToContainer, in a domain of Active Directory.", []key{
			{name: "container", required: true, form: formDN, doc: "Where the account is moved."}, target, after,
		}},
		{shapeHideTask, "hideUserFromAddressLists, in a domain of Active Directory with Exchange's schema.", []key{
			{name: "hidden", form: formBoolean, standard: "true", doc: "false shows the account again."}, target, after,
		}},
		{shapeSetTask, "setUserAttributes, in a domain of Active Directory.", []key{
			{name: "attributes", required: true, form: "target attribute: set attribute", doc: "What is written; not what the target's mapping makes."}, target, after,
		}},
		{shapeSetAttribute, "How a task makes one attribute: exactly one of attribute, constant, expression and clear.", []key{
			{name: "attribute", form: "attribute", doc: "From an attribute of the record."},
			{name: "constant", form: formText, doc: "A fixed text."},
			{name: "expression", form: formExpression, doc: "What an expression of the mapping language gives."},
			{name: "clear", form: "true", standard: "false", doc: "The attribute is emptied."},
		}},
		{shapeDeleteTask, "deleteUserAccount, in a domain of Active Directory: the account lines delete, as for a delete line (S7).", []key{
			{name: "minimum", required: true, form: "days or weeks", doc: "The least time between our own disable and the delete, 1d or more."}, target, after,
		}},
		{shapeExtensionTask, "runCustomTaskExtension.", []key{
			{name: "extension", required: true, form: "name of an extension", doc: "The call."},
			after,
			{name: "wait", later: "the call counts as done when it is answered; leave wait out"},
		}},
	}
}
