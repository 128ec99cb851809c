package existing

// The kinds of rows of the match report that these mistakes end in.
const (
	kindProposal  = "proposal"
	kindAmbiguous = "ambiguous"
	kindUnmatched = "unmatched"
)

const adoptedState = "adopted-state"

// matched are mistakes between HR and the accounts.
func matched() []maker {
	return []maker{
		{ReusedNumber, func(o *Organisation) Report {
			for _, n := range []int{143, 153} {
				o.stranger(n+7, func(a *Account) {
					a.UserName, a.Mail = "old."+a.UserName, "old."+a.Mail
					a.EmployeeID, a.Enabled = o.workers[n].number, false
				})
			}
			return Report{
				Mistake: ReusedNumber, Where: InMatch, Says: kindAmbiguous, rows: []*worker{o.workers[143], o.workers[153]},
			}
		}},
		at(LostZeros, InMatch, kindProposal, func(w *worker) { w.number = w.number[2:] }, 144),
		{SwappedNumbers, func(o *Organisation) Report {
			one, two := o.workers[145], o.workers[146]
			one.number, two.number = two.number, one.number
			return Report{Mistake: SwappedNumbers, Where: InMatch, Says: kindProposal, rows: []*worker{one, two}}
		}},
		{Namesakes, func(o *Organisation) Report {
			one, two := 150, 160
			o.workers[two].given, o.workers[two].family = o.workers[one].given, o.workers[one].family
			a := o.account(two)
			a.Given, a.Family, a.DisplayName = o.account(one).Given, o.account(one).Family, o.account(one).DisplayName
			for _, n := range []int{one, two} {
				o.workers[n].work, o.account(n).EmployeeID, o.account(n).Mail = "", "", ""
			}
			return Report{Mistake: Namesakes, Where: InMatch, Says: kindProposal, rows: []*worker{o.workers[one], o.workers[two]}}
		}},
		{NameTaken, func(o *Organisation) Report {
			o.stranger(joiners+2, func(a *Account) { a.EmployeeID, a.Enabled = "", true })
			return Report{Mistake: NameTaken, Where: InMatch, Says: kindProposal, rows: o.workers[joiners+2 : joiners+3 : joiners+3]}
		}},
		{Rehire, func(o *Organisation) Report {
			w := o.workers[joiners+7]
			old := o.stranger(joiners+7, func(a *Account) { a.EmployeeID, a.Enabled = w.number, false })
			old.Owner = w.key
			return Report{Mistake: Rehire, Where: InMatch, Says: kindProposal, rows: o.workers[joiners+7 : joiners+8 : joiners+8]}
		}},
		{DisabledColleague, func(o *Organisation) Report {
			o.account(166).Enabled, o.account(167).Enabled = false, false
			return Report{Mistake: DisabledColleague, Where: InPlan, Says: adoptedState, rows: o.workers[166:168:168]}
		}},
		{EnabledLeaver, func(o *Organisation) Report {
			o.account(former + noAccount).Enabled = true
			return Report{Mistake: EnabledLeaver, Where: InMatch, Says: kindProposal, rows: o.workers[former+noAccount : former+noAccount+1 : former+noAccount+1]}
		}},
		{WithoutAccount, func(o *Organisation) Report {
			return Report{Mistake: WithoutAccount, Where: InMatch, Says: kindUnmatched, rows: o.workers[manual:former:former]}
		}},
	}
}
