package lifecycle

// malformedPolicies are the mistakes people make, one each.
func malformedPolicies() []malformed {
	return []malformed{
		{
			name: "version of the future",
			old:  "version: 1\n",
			new:  "version: 2\n",
			want: []string{
				"policy.yaml:1: this program reads version 1 of the language; write version: 1",
			},
			schema: true,
		},
		{
			name: "version as text",
			old:  "version: 1\n",
			new:  "version: \"1\"\n",
			want: []string{
				"policy.yaml:1: this program reads version 1 of the language; write version: 1",
			},
			schema: true,
		},
		{
			name: "unknown section",
			old:  "extensions:\n",
			new:  "extension:\n",
			want: []string{
				`policy.yaml:50: unknown extension "badges"; describe it under extensions`,
				`policy.yaml:58: unknown key "extension" in the policy; did you mean "extensions"?`,
			},
			schema: true,
		},
		{
			name: "unknown key",
			old:  "    realm: main\n",
			new:  "    relm: main\n",
			want: []string{
				`policy.yaml:5: unknown key "relm" in a feed; did you mean "realm"?`,
			},
			schema: true,
		},
		{
			name: "repeated key",
			old:  "    realm: main\n",
			new:  "    realm: main\n    realm: other\n",
			want: []string{
				`policy.yaml:6: "realm" stands here again; it stands in line 5 already`,
			},
		},
		{
			name: "empty key",
			old:  "    realm: main\n",
			new:  "    realm:\n",
			want: []string{
				"policy.yaml:5: realm is empty: give it a value or leave it out",
			},
			schema: true,
		},
		{
			name: "list for an object",
			old:  "  badges: {url: https://badges.contoso.example/tenure, secret: env:BADGES}",
			new:  "  badges: [a]",
			want: []string{
				"policy.yaml:59: a list found where an extension belongs: write {url: ...}",
			},
			schema: true,
		},
		{
			name: "text for a list",
			old:  "    trigger: {change: [assignment.department.name]}",
			new:  "    trigger: {change: assignment.department.name}",
			want: []string{
				"policy.yaml:48: a text found where a list of attributes belongs: write [...]",
			},
			schema: true,
		},
		{
			name: "number for a text",
			old:  "    key: WorkerID\n",
			new:  "    key: 7\n",
			want: []string{
				"policy.yaml:7: a number found where the key column belongs: write it in quotes",
			},
			schema: true,
		},
		{
			name: "text for a boolean",
			old:  "lifetime: 8h}",
			new:  `lifetime: 8h, once: "yes"}`,
			want: []string{
				"policy.yaml:45: once must be true or false, without quotes",
			},
			schema: true,
		},
		{
			name: "anchor",
			old:  "    key: WorkerID\n",
			new:  "    key: &key WorkerID\n",
			want: []string{
				"policy.yaml:7: anchors (&name) are not allowed; write the value out where it is needed",
			},
		},
		{
			name: "alias",
			old:  "    key: WorkerID\n",
			new:  "    key: *key\n",
			want: []string{
				"policy.yaml: not valid YAML: unknown anchor 'key' referenced",
			},
		},
		{
			name: "tag",
			old:  "    key: WorkerID\n",
			new:  "    key: !!str WorkerID\n",
			want: []string{
				"policy.yaml:7: tags (!!str) are not allowed",
			},
		},
		{
			name: "second document",
			old:  "extensions:\n",
			new:  "---\nextensions:\n",
			want: []string{
				"policy.yaml:58: a second document begins here; a policy file is one YAML document: remove the ---",
			},
		},
		{
			name: "syntax",
			old:  "    realm: main\n",
			new:  "    realm: [main\n",
			want: []string{
				"policy.yaml:4: not valid YAML: did not find expected ',' or ']'",
			},
		},
		{
			name: "unknown group",
			old:  "groups: [Sales]",
			new:  "groups: [Salse]",
			want: []string{
				`policy.yaml:44: unknown group "Salse"; did you mean "Sales"?`,
			},
		},
		{
			name: "unknown license",
			old:  "      - removeUserFromAllGroups: {}",
			new:  "      - removeUserFromAllGroups: {}\n      - removeLicensesFromUser: {licenses: [e5]}",
			want: []string{
				`policy.yaml:57: unknown license "e5"; did you mean "e3"?`,
			},
		},
		{
			name: "label without an ID",
			old:  "Sales: 91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002",
			new:  "Sales: 91aa",
			want: []string{
				`policy.yaml:33: Sales must be an ID such as 3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001; "91aa" is none`,
			},
			schema: true,
		},
		{
			name: "unknown extension",
			old:  "{extension: badges}",
			new:  "{extension: badge}",
			want: []string{
				`policy.yaml:50: unknown extension "badge"; did you mean "badges"?`,
			},
		},
		{
			name: "unknown target",
			old:  "groups: [Sales]}",
			new:  "groups: [Sales], target: entr}",
			want: []string{
				`policy.yaml:44: unknown target "entr"; did you mean "entra"?`,
			},
		},
		{
			name: "unknown attribute in a field",
			old:  "      ext.badge: Badge",
			new:  "      ext.badge: Badge\n      assignment.departmnt.name: D",
			want: []string{
				`policy.yaml:18: unknown attribute "assignment.departmnt.name"; did you mean "assignment.department.name"?`,
			},
		},
		{
			name: "unknown attribute in a condition",
			old:  `'employment.kind == "employee"'`,
			new:  `'employment.knd == "employee"'`,
			want: []string{
				`policy.yaml:41: unknown attribute "employment.knd"; did you mean "employment.kind"?`,
			},
		},
		{
			name: "unknown attribute in a mapping",
			old:  "{attribute: person.displayName}",
			new:  "{attribute: person.displayname}",
			want: []string{
				`policy.yaml:37: unknown attribute "person.displayname"; did you mean "person.displayName"?`,
			},
		},
		{
			name: "undeclared extension attribute",
			old:  `'employment.kind == "employee"'`,
			new:  `'ext.bagde == "1"'`,
			want: []string{
				`policy.yaml:41: no feed states "ext.bagde"; did you mean "ext.badge"?`,
			},
		},
		{
			name: "unknown date",
			old:  "{on: startDate, offset: -7d",
			new:  "{on: startdate, offset: -7d",
			want: []string{
				`policy.yaml:42: unknown date "startdate"; did you mean "startDate"?`,
			},
		},
		{
			name: "attribute that is no date",
			old:  "{on: startDate, offset: -7d",
			new:  "{on: assignment.jobTitle, offset: -7d",
			want: []string{
				"policy.yaml:42: assignment.jobTitle is no date; use startDate, lastDayOfWork, terminationDate, contractEndDate or a date attribute",
			},
		},
		{
			name: "long name of a date",
			old:  "{on: startDate, offset: -7d",
			new:  "{on: employment.startDate, offset: -7d",
			want: []string{
				"policy.yaml:42: write startDate; rules use the date of the whole stay",
			},
		},
		{
			name: "unknown task",
			old:  "addUserToGroups:",
			new:  "addUserToGroup:",
			want: []string{
				`policy.yaml:44: unknown key "addUserToGroup" in a task; did you mean "addUserToGroups"?`,
			},
			schema: true,
		},
		{
			name: "task of a later version",
			old:  "      - removeUserFromAllGroups: {}",
			new:  "      - deleteUser: {}",
			want: []string{
				"policy.yaml:56: deleteUser does not work in this version yet: write the delete line of the target's account, or in Active Directory use deleteUserAccount",
			},
			schema: true,
		},
		{
			name: "task without arguments",
			old:  "      - removeUserFromAllGroups: {}",
			new:  "      - removeUserFromAllGroups",
			want: []string{
				"policy.yaml:56: write - removeUserFromAllGroups: {}; a task always has its arguments, even if there are none",
			},
			schema: true,
		},
		{
			name: "task with empty arguments",
			old:  "      - removeUserFromAllGroups: {}",
			new:  "      - removeUserFromAllGroups:",
			want: []string{
				"policy.yaml:56: write removeUserFromAllGroups: {}; a task always has its arguments, even if there are none",
			},
			schema: true,
		},
		{
			name: "two tasks in one item",
			old:  "      - removeUserFromAllGroups: {}",
			new:  "      - removeUserFromAllGroups: {}\n        revokeAllRefreshTokens: {}",
			want: []string{
				"policy.yaml:57: two tasks in one item: begin a new item (-) for revokeAllRefreshTokens",
			},
		},
		{
			name: "item without a task",
			old:  "      - removeUserFromAllGroups: {}",
			new:  "      - continueOnError: true",
			want: []string{
				"policy.yaml:56: the item names no task; docs/policy.md lists them",
			},
			schema: true,
		},
		{
			name: "task outside its category",
			old:  "      - addUserToGroups: {groups: [Sales]}",
			new:  "      - removeUserFromAllGroups: {}",
			want: []string{
				"policy.yaml:44: removeUserFromAllGroups does not fit a joiner; it is for leavers",
			},
		},
		{
			name: "trigger outside its category",
			old:  "trigger: {on: lastDayOfWork}",
			new:  "trigger: {on: startDate}",
			want: []string{
				"policy.yaml:54: a leaver is triggered by lastDayOfWork, terminationDate or contractEndDate; for startDate write category: joiner",
			},
		},
		{
			name: "trigger with two ways",
			old:  "trigger: {on: lastDayOfWork}",
			new:  "trigger: {on: lastDayOfWork, demand: {}}",
			want: []string{
				"policy.yaml:54: a trigger has exactly one of on (a date), change and demand",
			},
		},
		{
			name: "trigger without a way",
			old:  "trigger: {on: lastDayOfWork}",
			new:  "trigger: {offset: 1d}",
			want: []string{
				"policy.yaml:54: a trigger has exactly one of on (a date), change and demand",
			},
		},
		{
			name: "group trigger",
			old:  "trigger: {on: lastDayOfWork}",
			new:  "trigger: {group: {joined: Sales}}",
			want: []string{
				"policy.yaml:54: group does not work in this version yet: trigger on a change of the attribute that decides the group",
			},
			schema: true,
		},
		{
			name: "roll",
			old:  "trigger: {on: lastDayOfWork}",
			new:  "trigger: {on: lastDayOfWork, roll: next-business-day}",
			want: []string{
				"policy.yaml:54: roll does not work in this version yet: state the offset in days and leave roll out",
			},
			schema: true,
		},
		{
			name: "approvals",
			old:  "trigger: {on: lastDayOfWork}",
			new:  "trigger: {demand: {approvals: 6}}",
			want: []string{
				"policy.yaml:54: approvals must be a whole number from 0 to 5",
			},
			schema: true,
		},
		{
			name: "time of day with hours",
			old:  "offset: -7d, at:",
			new:  "offset: -12h, at:",
			want: []string{
				"policy.yaml:42: at with an offset in hours or minutes says two things: use an offset in days or weeks with at, or the hours alone",
			},
		},
		{
			name: "time of day that is none",
			old:  `at: "09:00"`,
			new:  `at: "25:00"`,
			want: []string{
				`policy.yaml:42: at must be a time of day from "00:00" to "24:00", in quotes`,
			},
			schema: true,
		},
		{
			name: "duration without unit",
			old:  "offset: -7d,",
			new:  "offset: -7,",
			want: []string{
				`policy.yaml:42: offset is "-7"; a duration is a whole number with m, h, d or w, such as 30m, 8h, 7d or 2w`,
			},
			schema: true,
		},
		{
			name: "business days",
			old:  "offset: -7d,",
			new:  "offset: -5bd,",
			want: []string{
				"policy.yaml:42: this version has no business days yet: state offset in days (d)",
			},
			schema: true,
		},
		{
			name: "date that does not exist",
			old:  "baseline: 2026-11-01",
			new:  "baseline: 2026-02-30",
			want: []string{
				`policy.yaml:6: baseline is "2026-02-30"; write a date that exists as YYYY-MM-DD`,
			},
		},
		{
			name: "unknown zone",
			old:  "    zone: Europe/Berlin",
			new:  "    zone: Europe/Berlyn",
			want: []string{
				`policy.yaml:8: unknown time zone "Europe/Berlyn"; write an IANA name such as Europe/Berlin`,
			},
		},
		{
			name: "zone of the machine",
			old:  "    zone: Europe/Berlin",
			new:  "    zone: Local",
			want: []string{
				`policy.yaml:8: unknown time zone "Local"; write an IANA name such as Europe/Berlin`,
			},
		},
		{
			name: "condition with a clock",
			old:  `'employment.kind == "employee"'`,
			new:  "'employment.startDate < now'",
			want: []string{
				"policy.yaml:41: there is no now in a condition: that is what triggers are for",
			},
		},
		{
			name: "condition with a timestamp",
			old:  `'employment.kind == "employee"'`,
			new:  `'timestamp(employment.startDate) < timestamp("2026-11-01T00:00:00Z")'`,
			want: []string{
				`policy.yaml:41: there is no clock in a condition, so no timestamp(): that is what triggers are for; dates compare as texts, "2026-11-01"`,
			},
		},
		{
			name: "condition with a manager",
			old:  `'employment.kind == "employee"'`,
			new:  `'manager.jobTitle == "CEO"'`,
			want: []string{
				"policy.yaml:41: the manager's attributes are read when a task runs and cannot decide who is meant; use the person's own",
			},
		},
		{
			name: "condition with before outside a change",
			old:  `'employment.kind == "employee"'`,
			new:  `'before.employment.kind == "employee"'`,
			want: []string{
				"policy.yaml:41: before and after are there only in lifecycle workflows with a change trigger; write employment.kind",
			},
		},
		{
			name: "condition of two types",
			old:  `'employment.kind == "employee"'`,
			new:  `'assignment.fte == "1"'`,
			want: []string{
				"policy.yaml:41: == does not work on (number, text); texts and dates stand in quotes, true and false do not, numbers have a decimal point (0.8)",
			},
		},
		{
			name: "condition that is a text",
			old:  `'employment.kind == "employee"'`,
			new:  "'employment.kind'",
			want: []string{
				`policy.yaml:41: the condition is a string; it must be true or false, such as assignment.department.name == "..."`,
			},
		},
		{
			name: "condition with an impossible word",
			old:  `'employment.kind == "employee"'`,
			new:  `'employment.kind == "employe"'`,
			want: []string{
				`policy.yaml:41: employment.kind is never "employe"; did you mean "employee"?`,
			},
		},
		{
			name: "condition that never holds",
			old:  `'employment.kind == "employee"'`,
			new:  `'employment.kind == "employee" && 1 > 2'`,
			want: []string{
				"policy.yaml:41: this condition never holds, so nobody is ever meant; correct it or remove what it guards",
			},
		},
		{
			name: "condition that is cut off",
			old:  `'employment.kind == "employee"'`,
			new:  "'employment.kind =='",
			want: []string{
				"policy.yaml:41: not a condition: something is missing at its end",
			},
		},
		{
			name: "condition with a loop",
			old:  `'employment.kind == "employee"'`,
			new:  `'["a"].exists(x, x == employment.kind)'`,
			want: []string{
				`policy.yaml:41: a condition has no "exists"; it has == != < <= > >= in && || ! ?: has() size() startsWith() endsWith() contains() matches()`,
			},
		},
		{
			name: "pattern that is wrong",
			old:  `'employment.kind == "employee"'`,
			new:  `'employment.kind.matches("(")'`,
			want: []string{
				"policy.yaml:41: the pattern of matches() is wrong: error parsing regexp: missing closing ): `(`",
			},
		},
		{
			name: "pass to the person",
			old:  "lifetime: 8h}",
			new:  "lifetime: 8h, to: person}",
			want: []string{
				"policy.yaml:45: the pass opens the person's own account and never goes to the person: write to: manager, or a mail address (S6)",
			},
		},
		{
			name: "pass from another date",
			old:  `{start: {on: startDate, at: "08:00"}`,
			new:  `{start: {on: lastDayOfWork, at: "08:00"}`,
			want: []string{
				`policy.yaml:45: a pass is valid from startDate: write start: {on: startDate, at: "08:00"} (S6)`,
			},
		},
		{
			name: "pass that lives too short",
			old:  "lifetime: 8h",
			new:  "lifetime: 5m",
			want: []string{
				`policy.yaml:45: lifetime is "5m"; allowed is 10m to 30d`,
			},
		},
		{
			name: "pass that ends before the first day",
			old:  `{on: startDate, at: "08:00"}`,
			new:  "{on: startDate, offset: -2d}",
			want: []string{
				"policy.yaml:45: the pass ends before the account is enabled (startDate): start it later or let it live longer",
			},
		},
		{
			name: "tasks before the account",
			old:  "offset: -7d, at:",
			new:  "offset: -21d, at:",
			want: []string{
				"policy.yaml:44: nobody has an account in entra by then: addUserToGroups comes at startDate - 21d at 09:00, the account at startDate - 14d at 06:00",
				"policy.yaml:45: nobody has an account in entra by then: generateTemporaryAccessPass comes at startDate - 21d at 09:00, the account at startDate - 14d at 06:00",
			},
		},
		{
			name: "task after the delete",
			old:  "trigger: {on: lastDayOfWork}",
			new:  "trigger: {on: terminationDate, offset: 40d}",
			want: []string{
				"policy.yaml:56: the account in entra is deleted by then: removeUserFromAllGroups comes at terminationDate + 40d, the delete at terminationDate + 30d",
			},
		},
		{
			name: "delete without a minimum",
			old:  ", minimum: 14d",
			new:  "",
			want: []string{
				"policy.yaml:32: minimum is missing in the delete line: the least time between our own disable and the delete, 1d or more",
			},
			schema: true,
		},
		{
			name: "delete with a minimum of nothing",
			old:  "minimum: 14d",
			new:  "minimum: 0d",
			want: []string{
				"policy.yaml:32: minimum must be 1d or more, such as minimum: 14d: so long is a mistaken leave noticed before anything is lost (S7)",
			},
		},
		{
			name: "delete before disable",
			old:  "delete: {on: terminationDate, offset: 30d",
			new:  "delete: {on: lastDayOfWork, offset: -3d",
			want: []string{
				"policy.yaml:32: the account is deleted (lastDayOfWork - 3d) before it is disabled (lastDayOfWork): delete it later",
			},
		},
		{
			name: "account enabled before it exists",
			old:  "create: {on: startDate, offset: -14d",
			new:  "create: {on: startDate, offset: 1d",
			want: []string{
				"policy.yaml:30: the account is enabled (startDate) before it is created (startDate + 1d at 06:00): create it earlier",
			},
		},
		{
			name: "disable missing",
			old:  "      disable: {on: lastDayOfWork}\n",
			new:  "",
			want: []string{
				"policy.yaml:29: disable is missing in account: when it is disabled, passes deleted and sessions revoked",
			},
			schema: true,
		},
		{
			name: "disable at a contract's end",
			old:  "disable: {on: lastDayOfWork}",
			new:  "disable: {on: contractEndDate}",
			want: []string{
				"policy.yaml:31: contractEndDate counts only for the kinds that say so and cannot disable everybody's account: write on: lastDayOfWork (S7)",
			},
		},
		{
			name: "disable at the start",
			old:  "disable: {on: lastDayOfWork}",
			new:  "disable: {on: startDate}",
			want: []string{
				"policy.yaml:31: disable cannot depend on startDate: write on: lastDayOfWork or on: terminationDate",
			},
		},
		{
			name: "contract end for everybody",
			old:  "    scope: 'employment.kind == \"employee\"'\n    trigger: {on: startDate, offset: -7d",
			new:  "    trigger: {on: contractEndDate, offset: -7d",
			want: []string{
				`policy.yaml:41: contractEndDate counts only for the kinds that say so: give this workflow a scope such as 'employment.kind == "contingent"'`,
				"policy.yaml:41: no feed states contractEndDate, so this lifecycle workflow never runs: add a field for it or use another date",
				"policy.yaml:41: a joiner is triggered by startDate or another date of the beginning; for contractEndDate write category: leaver",
			},
		},
		{
			name: "trigger on a date nobody states",
			old:  "trigger: {on: lastDayOfWork}",
			new:  "trigger: {on: employment.noticeDate}",
			want: []string{
				"policy.yaml:54: no feed states employment.noticeDate, so this lifecycle workflow never runs: add a field for it or use another date",
			},
		},
		{
			name: "change of an attribute nobody states",
			old:  "{change: [assignment.department.name]}",
			new:  "{change: [assignment.jobTitle]}",
			want: []string{
				"policy.yaml:48: no feed states assignment.jobTitle, so its change never comes: add a field for it or remove it here",
			},
		},
		{
			name: "mail before the cut",
			old:  "      - removeUserFromAllGroups: {}\n      - sendEmailOnLastDay: {to: manager}",
			new:  "      - sendEmailOnLastDay: {to: manager}\n      - removeUserFromAllGroups: {}",
			want: []string{
				"policy.yaml:56: sendEmailOnLastDay comes before removeUserFromAllGroups; in a leaver mails and extensions come after the tasks that cut access: move it down (S5)",
			},
		},
		{
			name: "leaver skipped when late",
			old:  "    trigger: {on: lastDayOfWork}",
			new:  "    late: skip\n    trigger: {on: lastDayOfWork}",
			want: []string{
				"policy.yaml:54: a leaver that cuts access is never skipped because it is late: write late: run, or {run: 14d, then: ask} (S5)",
			},
		},
		{
			name: "late without then",
			old:  "    trigger: {on: lastDayOfWork}",
			new:  "    late: {run: 14d}\n    trigger: {on: lastDayOfWork}",
			want: []string{
				"policy.yaml:54: then is missing in late: what happens to later ones",
			},
			schema: true,
		},
		{
			name: "two workflows of one name",
			old:  "name: Moved",
			new:  "name: Prepare",
			want: []string{
				`policy.yaml:46: a lifecycle workflow "Prepare" exists already; names are unique`,
			},
		},
		{
			name: "slash in a name",
			old:  "name: Moved",
			new:  "name: Moved/again",
			want: []string{
				"policy.yaml:46: a name has no slash, and no blank at its ends",
			},
			schema: true,
		},
		{
			name: "the name of account lines",
			old:  "name: Moved",
			new:  "name: account:entra",
			want: []string{
				`policy.yaml:46: a name does not begin with "account:": that is how the account lines of a target are called`,
			},
		},
		{
			name: "two feeds own status",
			old:  "zones:\n",
			new:  "  other:\n    kind: webhook\n    realm: main\n    baseline: 2026-11-01\n    zone: Europe/Berlin\n    signature: {scheme: standard-webhooks, secrets: [env:A]}\nzones:\n",
			want: []string{
				"policy.yaml:19: feeds hr and other both own status and dates of realm main: one does, the other says owns: [attributes] (S12)",
			},
		},
		{
			name: "no feed owns status",
			old:  "    realm: main\n",
			new:  "    realm: main\n    owns: [employeeId]\n",
			want: []string{
				"policy.yaml:3: no feed owns status and dates of realm main: one of its feeds must say owns: all (S12)",
				"policy.yaml:11: this feed states what it does not own: add it to owns, or remove the fields person.legalName.given, employment.startDate, employment.lastDayOfWork, employment.kind, assignment.department.name, assignment.location.country, ext.badge, managerRef",
			},
		},
		{
			name: "second feed owns the employment",
			old:  "zones:\n",
			new:  "  other:\n    kind: webhook\n    realm: main\n    owns: [employment.status]\n    signature: {scheme: standard-webhooks, secrets: [env:A]}\nzones:\n",
			want: []string{
				"policy.yaml:22: employment.status belongs to the feed that owns status and dates (owns: all); a second feed cannot own it (S12)",
			},
		},
		{
			name: "secret in the clear",
			old:  "secret: env:BADGES",
			new:  "secret: hunter2hunter2",
			want: []string{
				"policy.yaml:59: secret must be a reference, env:NAME or file:PATH; a secret never stands in the policy",
			},
			schema: true,
		},
		{
			name: "secret in a webhook",
			old:  "zones:\n",
			new:  "  other:\n    kind: webhook\n    realm: other\n    baseline: 2026-11-01\n    zone: Europe/Berlin\n    signature: {scheme: standard-webhooks, secrets: [hunter2hunter2]}\nzones:\n",
			want: []string{
				"policy.yaml:24: a secret must be a reference, env:NAME or file:PATH; a secret never stands in the policy",
			},
			schema: true,
		},
		{
			name: "webhook with columns",
			old:  "zones:\n",
			new:  "  other:\n    kind: webhook\n    realm: other\n    baseline: 2026-11-01\n    zone: Europe/Berlin\n    key: A\n    signature: {scheme: standard-webhooks, secrets: [env:A]}\nzones:\n",
			want: []string{
				"policy.yaml:24: a webhook feed has no key: remove it",
			},
		},
		{
			name: "feed without a baseline",
			old:  "    baseline: 2026-11-01\n",
			new:  "",
			want: []string{
				"policy.yaml:4: baseline is missing: write the day from which this policy acts, such as baseline: 2026-11-01; whoever started before is existing staff (S1)",
			},
		},
		{
			name: "key that names a human",
			old:  "    key: WorkerID\n",
			new:  "    key: FirstName\n",
			want: []string{
				`policy.yaml:7: the key column "FirstName" holds person.legalName.given; keys are seen by many: choose another column, or write key: {column: FirstName, hmac: env:NAME}`,
			},
		},
		{
			name: "manager without a kind",
			old:  "{from: ManagerID, kind: employeeId}",
			new:  "ManagerID",
			want: []string{
				`policy.yaml:18: say what the column holds: managerRef: {from: "ManagerID", kind: employeeId}; kinds are sourceKey, employeeId, email and name`,
			},
		},
		{
			name: "status word that is none",
			old:  "      employment.kind: Kind",
			new:  "      employment.kind: {from: Kind, values: {E: employe}}",
			want: []string{
				`policy.yaml:14: employment.kind cannot be "employe"; did you mean "employee"?`,
			},
		},
		{
			name: "delimiter of two characters",
			old:  "    key: WorkerID\n",
			new:  "    key: WorkerID\n    delimiter: \";;\"\n",
			want: []string{
				`policy.yaml:8: delimiter must be one character in quotes, such as ";" or "\t"`,
			},
			schema: true,
		},
		{
			name: "file name without a date",
			old:  "    key: WorkerID\n",
			new:  "    key: WorkerID\n    asOf: {fileName: 'hr.csv'}\n",
			want: []string{
				"policy.yaml:8: fileName needs a group named date, such as 'hr-(?<date>\\d{8})\\.csv'",
			},
		},
		{
			name: "share that is no share",
			old:  "    key: WorkerID\n",
			new:  "    key: WorkerID\n    holdWhen: {rejects: 5}\n",
			want: []string{
				"policy.yaml:8: rejects must be a share from 0% to 100%, such as 10%",
			},
			schema: true,
		},
		{
			name: "dates in a wrong form",
			old:  "    key: WorkerID\n",
			new:  "    key: WorkerID\n    dates: yyyy-mm-dd\n",
			want: []string{
				`policy.yaml:8: dates is "yyyy-mm-dd"; write YYYY, MM and DD once each, such as YYYY-MM-DD, DD.MM.YYYY or MM/DD/YYYY`,
			},
			schema: true,
		},
		{
			name: "url without https",
			old:  "https://badges",
			new:  "http://badges",
			want: []string{
				"policy.yaml:59: url must begin with https://; http is only for this machine",
			},
		},
		{
			name: "url with a password",
			old:  "https://badges",
			new:  "https://me:hunter2@badges",
			want: []string{
				"policy.yaml:59: url must not hold a user or password",
			},
		},
		{
			name: "sender that is no address",
			old:  "from: it@contoso.example",
			new:  "from: it",
			want: []string{
				"policy.yaml:60: from must be a mail address such as it@contoso.example",
			},
			schema: true,
		},
		{
			name: "mail without notifications",
			old:  "notifications: {from: it@contoso.example, via: smtp, fallback: desk@contoso.example}\n",
			new:  "",
			want: []string{
				"policy.yaml:45: generateTemporaryAccessPass sends mail, but notifications are missing: write notifications: {from: it@contoso.example, via: smtp}",
			},
		},
		{
			name: "recipient that is none",
			old:  "{to: manager}",
			new:  "{to: managers}",
			want: []string{
				`policy.yaml:57: unknown recipient "managers"; write manager, person or a mail address`,
			},
			schema: true,
		},
		{
			name: "unknown mode",
			old:  "mode: enforce",
			new:  "mode: watch",
			want: []string{
				`policy.yaml:26: unknown mode "watch"; allowed are observe, adopt, enforce`,
			},
			schema: true,
		},
		{
			name: "propose by a key that is none",
			old:  "    mode: enforce\n",
			new:  "    mode: enforce\n    propose: [department]\n",
			want: []string{
				`policy.yaml:27: unknown attribute to propose by "department"; allowed are userPrincipalName, mail, displayName`,
			},
			schema: true,
		},
		{
			name: "limits",
			old:  "    mode: enforce\n",
			new:  "    mode: enforce\n    limits: {delete: {count: ten, percent: 0%, window: 30s, approvals: 0}, disables: {count: 1}}\n",
			want: []string{
				"policy.yaml:27: count must be a whole number from 0 to 1000000, or unlimited",
				"policy.yaml:27: percent must be more than 0%: write count: 0 where every delete is to be approved",
				`policy.yaml:27: window is "30s"; allowed is 1m to 7d`,
				"policy.yaml:27: approvals must be a whole number from 1 to 5",
				`policy.yaml:27: unknown key "disables" in limits; did you mean "disable"?`,
			},
			schema: true,
		},
		{
			name: "match by name",
			old:  "    mode: enforce\n",
			new:  "    mode: enforce\n    match: [userPrincipalName]\n",
			want: []string{
				"policy.yaml:27: accounts are matched by employeeId; names and mail addresses never match by themselves (S14): write match: [employeeId, userPrincipalName], and a human decides where another than the first finds one",
			},
			schema: true,
		},
		{
			name: "match by what nobody can look for",
			old:  "    mode: enforce\n",
			new:  "    mode: enforce\n    match: [employeeId, mial, mail, mail]\n",
			want: []string{
				"policy.yaml:27: an account cannot be looked for by \"mial\"; did you mean \"mail\"?",
				"policy.yaml:27: \"mail\" stands in the list twice",
			},
			schema: true,
		},
		{
			name: "match and propose",
			old:  "    mode: enforce\n",
			new:  "    mode: enforce\n    match: [employeeId, mail]\n    propose: [mail]\n",
			want: []string{
				"policy.yaml:28: match says by what an account is proposed: leave one of the two",
			},
		},
		{
			name: "name without unique",
			old:  "{unique: [given.family, given.family#], apply: create}",
			new:  "{constant: x}",
			want: []string{
				"policy.yaml:36: userPrincipalName must be unique: write {unique: [given.family, g.family, given.family#], apply: create}, or an expression",
			},
		},
		{
			name: "name form that is none",
			old:  "[given.family, given.family#]",
			new:  "[first.last]",
			want: []string{
				`policy.yaml:36: "first.last" is no name form; it is made of given, family, g and f, with dots, dashes or underscores between and # for a number at the end`,
			},
			schema: true,
		},
		{
			name: "two ways of a mapping",
			old:  "{attribute: person.displayName}",
			new:  "{attribute: person.displayName, constant: x}",
			want: []string{
				`policy.yaml:37: "displayName" needs exactly one of attribute, constant, expression, unique and reference`,
			},
		},
		{
			name: "expression",
			old:  "{attribute: person.displayName}",
			new:  `{expression: "Trim([x])"}`,
			want: []string{
				"policy.yaml:37: the record has no attribute [x]; docs/policy.md lists them",
			},
		},
		{
			name: "manager as text",
			old:  "      displayName: {attribute: person.displayName}",
			new:  "      displayName: {attribute: person.displayName}\n      manager: {attribute: person.displayName}",
			want: []string{
				"policy.yaml:38: manager is a link to another account: write {reference: managerRef}",
			},
		},
		{
			name: "approval",
			old:  "        when: 'before",
			new:  "        approval: {by: manager}\n        when: 'before",
			want: []string{
				"policy.yaml:51: approval does not work in this version yet: use a trigger on demand",
			},
			schema: true,
		},
		{
			name: "after",
			old:  "groups: [Sales]}",
			new:  "groups: [Sales], after: 7d}",
			want: []string{
				"policy.yaml:44: after does not work in this version yet: write a second lifecycle workflow with a later trigger",
			},
			schema: true,
		},
		{
			name: "several problems at once",
			old:  "    realm: main\n    baseline: 2026-11-01\n",
			new:  "    relm: main\n    baseline: tomorrow\n",
			want: []string{
				`policy.yaml:5: unknown key "relm" in a feed; did you mean "realm"?`,
				`policy.yaml:6: baseline is "tomorrow"; write a date that exists as YYYY-MM-DD`,
			},
		},
	}
}
