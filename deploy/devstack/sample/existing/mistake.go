package existing

import (
	"slices"

	"tenure/internal/sim/graph"
)

const (
	roleGlobalAdmin = graph.RoleGlobalAdmin
	roleHelpdesk    = graph.RoleHelpdeskAdmin
)

// Where is the place at which a mistake must be reported.
type Where string

// The places, in the order in which an operator comes by.
const (
	// AtImport: the row is rejected, with the text.
	AtImport Where = "rejected at import"
	// Remarked: the row is taken, and the import remarks the text.
	Remarked Where = "remarked at import"
	// InMatch: a row of the match report has the text as its kind.
	InMatch Where = "match report"
	// InPlan: the person raises attention with the text as its code.
	InPlan Where = "attention"
)

// Report is what must be told about the rows with one kind of mistake.
type Report struct {
	Mistake Mistake
	// Keys and Lines are the rows, in the order of the file.
	Keys  []string
	Lines []int
	Where Where
	// Says is the text of the problem or remark, the code of the attention, or
	// the kind of the match row.
	Says string

	rows []*worker
}

// Mistake is a kind of mistake in HR's export, or in the accounts.
type Mistake string

// What is wrong with single rows: they are rejected and count as present.
const (
	DuplicateKey     Mistake = "a key stands in two rows"
	MissingKey       Mistake = "a row has no key"
	MailAsKey        Mistake = "the key is a mail address"
	UnknownStatus    Mistake = "a status that nobody has declared"
	ImpossibleDate   Mistake = "a day that is not in the calendar"
	OtherDateOrder   Mistake = "a date in another order"
	PlaceholderDate  Mistake = "a placeholder for a date"
	EndBeforeStart   Mistake = "the last day lies before the first"
	BrokenEncoding   Mistake = "a name broken by a wrong encoding"
	Misread          Mistake = "a name read in the wrong encoding and written again"
	HiddenCharacter  Mistake = "a name with a character that nobody sees"
	RowCutShort      Mistake = "a row is cut short"
	RowTooLong       Mistake = "a row has a field too many"
	UnknownCountry   Mistake = "a country in words instead of two letters"
	BlankAfterNumber Mistake = "an employee number with a blank behind it"
)

// What rows say of each other: they are taken, and somebody should look.
const (
	SharedNumber   Mistake = "two people with one employee number"
	TwoKeys        Mistake = "one person under two keys"
	Conversion     Mistake = "a contractor who becomes an employee under a new key"
	ForeignMail    Mistake = "somebody else's mail address"
	UnknownManager Mistake = "a manager who is not in the file"
	OwnManager     Mistake = "somebody is their own manager"
	ManagerCircle  Mistake = "two people manage each other"
)

// What HR says cannot be, as soon as it is planned.
const (
	TerminatedNoDate      Mistake = "terminated without a date"
	ActiveAfterLastDay    Mistake = "active after the last day"
	TerminatedAhead       Mistake = "terminated, and the last day lies ahead"
	TerminatedBeforeStart Mistake = "terminated before the first day"
	MissingStart          Mistake = "no first day"
	UnknownZone           Mistake = "a time zone that does not exist"
)

// What does not fit between HR and the accounts.
const (
	ReusedNumber      Mistake = "an old account has the same employee number"
	LostZeros         Mistake = "an employee number that lost its leading zeros"
	SwappedNumbers    Mistake = "the employee numbers of two people are swapped"
	Namesakes         Mistake = "two people of one name without a number on their accounts"
	NameTaken         Mistake = "a new colleague's account name is somebody else's"
	Rehire            Mistake = "a rehire on the old row"
	DisabledColleague Mistake = "HR says active, the account is disabled"
	EnabledLeaver     Mistake = "HR says terminated, the account is enabled"
	WithoutAccount    Mistake = "existing staff without an account"
)

// Mistakes are all kinds.
func Mistakes() []Mistake {
	var out []Mistake
	for _, m := range makers() {
		out = append(out, m.mistake)
	}
	return out
}

// maker makes a mistake in the organisation.
type maker struct {
	mistake Mistake
	make    func(*Organisation) Report
}

// makers are in the order in which the mistakes are made.
func makers() []maker { return slices.Concat(rejected(), remarked(), planned(), matched()) }

// at changes single rows.
func at(kind Mistake, where Where, says string, change func(*worker), numbers ...int) maker {
	return maker{kind, func(o *Organisation) Report {
		report := Report{Mistake: kind, Where: where, Says: says}
		for _, n := range numbers {
			change(o.workers[n])
			report.rows = append(report.rows, o.workers[n])
		}
		return report
	}}
}

func rejected() []maker {
	cell := func(kind Mistake, n int, says string, change func(*worker)) maker {
		return at(kind, AtImport, says, change, n)
	}
	return []maker{
		{DuplicateKey, func(o *Organisation) Report {
			again := *o.workers[60]
			again.department = "Finance"
			rows := []*worker{o.workers[60], o.add(&again)}
			return Report{Mistake: DuplicateKey, Where: AtImport, Says: "key is also on line", rows: rows}
		}},
		cell(MissingKey, 61, "person key is empty", func(w *worker) { w.key = "" }),
		cell(MailAsKey, 62, "person key looks like a mail address", func(w *worker) { w.key = w.work }),
		cell(UnknownStatus, 63, `unknown code "Retired" has no entry under values`, func(w *worker) { w.status = "Retired" }),
		cell(ImpossibleDate, 64, `"2024-02-30" is no date YYYY-MM-DD`, func(w *worker) { w.start = "2024-02-30" }),
		cell(OtherDateOrder, 65, `"03/04/2024" is no date YYYY-MM-DD`, func(w *worker) { w.start = "03/04/2024" }),
		cell(PlaceholderDate, 66, "list a placeholder under nulls", func(w *worker) { w.last = "9999-12-31" }),
		cell(EndBeforeStart, 67, "lies before employment.startDate", func(w *worker) { w.last = "2019-12-31" }),
		cell(BrokenEncoding, 68, "replacement character U+FFFD", func(w *worker) { w.family = "M\uFFFDller" }),
		cell(Misread, 74, "was UTF-8 and has been read as windows-1252", func(w *worker) { w.family = "JÃ¼rgens" }),
		cell(HiddenCharacter, 69, "invisible character U+200B", func(w *worker) { w.family += "\u200B" }),
		cell(RowCutShort, 70, "row has 9 fields, the header has 16", func(w *worker) {
			w.cells = func(row []string) []string { return row[:9] }
		}),
		cell(RowTooLong, 71, "row has 17 fields, the header has 16", func(w *worker) {
			w.cells = func(row []string) []string { return append(row, "see mail") }
		}),
		cell(UnknownCountry, 72, `"Germany" is no country of ISO 3166`, func(w *worker) { w.place.country = "Germany" }),
		cell(BlankAfterNumber, 73, "employeeId: value begins or ends with a blank", func(w *worker) { w.number += " " }),
	}
}

func remarked() []maker {
	return []maker{
		{SharedNumber, func(o *Organisation) Report {
			one, two := o.workers[75], o.workers[76]
			two.number = one.number
			return Report{Mistake: SharedNumber, Where: Remarked, Says: "employee number is also on line", rows: []*worker{one, two}}
		}},
		{TwoKeys, func(o *Organisation) Report {
			again := *o.workers[77]
			again.key, again.number = "P20077", "020077"
			return Report{
				Mistake: TwoKeys, Where: Remarked, Says: "work mail address is also on line", rows: []*worker{o.workers[77], o.add(&again)},
			}
		}},
		{Conversion, func(o *Organisation) Report {
			old := o.workers[83]
			again := *old
			again.key, again.number, again.start = "P30083", "030083", date(o.Day, firstDay)
			old.kind, old.status, old.last = contractor, terminated, date(o.Day, -1)
			return Report{Mistake: Conversion, Where: Remarked, Says: "work mail address is also on line", rows: []*worker{old, o.add(&again)}}
		}},
		{ForeignMail, func(o *Organisation) Report {
			one, two := o.workers[84], o.workers[86]
			one.work = two.work
			return Report{Mistake: ForeignMail, Where: Remarked, Says: "work mail address is also on line", rows: []*worker{one, two}}
		}},
		at(UnknownManager, Remarked, "manager is not in the file", func(w *worker) { w.manager = "099999" }, 87),
		at(OwnManager, Remarked, "the person is their own manager", func(w *worker) { w.manager = w.number }, 88),
		{ManagerCircle, func(o *Organisation) Report {
			one, two := o.workers[89], o.workers[94]
			one.manager, two.manager = two.number, one.number
			return Report{Mistake: ManagerCircle, Where: Remarked, Says: "the managers above lead back to the person", rows: []*worker{one, two}}
		}},
	}
}

func planned() []maker {
	return []maker{
		at(TerminatedNoDate, InPlan, "terminated-without-date", func(w *worker) { w.status = terminated }, 104),
		{ActiveAfterLastDay, func(o *Organisation) Report {
			o.workers[105].last = date(o.Day, -10)
			return Report{Mistake: ActiveAfterLastDay, Where: InPlan, Says: "active-after-leave", rows: o.workers[105:106:106]}
		}},
		{TerminatedAhead, func(o *Organisation) Report {
			o.workers[106].status, o.workers[106].last = terminated, date(o.Day, 20)
			return Report{Mistake: TerminatedAhead, Where: InPlan, Says: "terminated-ahead", rows: o.workers[106:107:107]}
		}},
		at(TerminatedBeforeStart, InPlan, "terminated-before-start", func(w *worker) { w.status = terminated }, joiners+5),
		at(MissingStart, InPlan, "no-start-date", func(w *worker) { w.start = "" }, 107),
		at(UnknownZone, InPlan, "zone-unknown", func(w *worker) { w.place.zone = "Europe/Berln" }, 108),
	}
}

// add appends a row.
func (o *Organisation) add(w *worker) *worker {
	o.workers = append(o.workers, w)
	return w
}

// stranger adds an account of somebody whom HR does not know, named like a
// person of the export.
func (o *Organisation) stranger(like int, change func(*Account)) *Account {
	a := accountOf(like, o.workers[like])
	a.Owner, a.Groups, a.Licensed, a.Synced = "", nil, false, false
	change(a)
	o.Accounts = append(o.Accounts, a)
	return a
}

// namesakes have an account named like that of a colleague.
func (o *Organisation) namesakes() {
	for _, n := range []int{171, 172} {
		o.stranger(n, func(a *Account) {
			a.UserName = "ext." + a.UserName
			a.Mail = a.UserName
		})
	}
}
