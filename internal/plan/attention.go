package plan

// The attention codes of a plan: a closed set, listed in docs/attention.md.
const (
	AttentionStatusUnknown     = "status-unknown"
	AttentionZoneUnknown       = "zone-unknown"
	AttentionFeedUnknown       = "feed-unknown"
	AttentionNoStartDate       = "no-start-date"
	AttentionStartMoved        = "start-moved"
	AttentionEmploymentAbsent  = "employment-absent"
	AttentionTerminatedAhead   = "terminated-ahead"
	AttentionTerminatedPreHire = "terminated-before-start"
	AttentionTerminatedNoDate  = "terminated-without-date"
	AttentionActiveAfterLeave  = "active-after-leave"
	AttentionDateDiffers       = "date-differs"
	AttentionHireRestated      = "rescinded-hire-restated"
	AttentionBlockedNoDate     = "blocked-without-date"
	AttentionLate              = "late"
	AttentionApproval          = "approval"
	AttentionDisabledElsewhere = "disabled-elsewhere"
	AttentionRehire            = "rehire"
	AttentionDelete            = "delete"
	AttentionRestore           = "restore"
	AttentionCondition         = "condition-error"
	AttentionMapping           = "mapping-error"
	AttentionParked            = "parked"
	AttentionHeldDisable       = "held-disable"
	AttentionDisableSkipped    = "disable-skipped"
	AttentionDisablePostponed  = "disable-postponed"
	AttentionOutOfScope        = "out-of-scope"
	AttentionPassLate          = "pass-late"
	AttentionProtected         = "protected"
	AttentionProtectedOverdue  = "protected-overdue"
	AttentionDisableOnPremises = "disable-on-premises"
	AttentionNoCounterpart     = "no-counterpart"
	AttentionSyncOverdue       = "sync-overdue"
	AttentionLeavesSync        = "leaves-sync"
	AttentionOutsideSync       = "outside-sync"
	AttentionValueUnmapped     = "value-unmapped"
	AttentionPolicyChange      = "policy-change"
	AttentionGated             = "gated"
	AttentionGateRejected      = "gate-rejected"
	AttentionPaused            = "paused"
	AttentionUnmatched         = "unmatched"
	AttentionProposed          = "proposed"
	AttentionAmbiguous         = "ambiguous"
	AttentionAdoptedState      = "adopted-state"
	AttentionUnlinked          = "unlinked"
	AttentionObservedCut       = "observed-terminate"
)

// AttentionInfo describes an attention code.
type AttentionInfo struct {
	Code string
	Text string
	// Asks is set where approve or skip answers it.
	Asks bool
}

// Attentions returns the table of the attention codes a plan can raise.
func Attentions() []AttentionInfo {
	return []AttentionInfo{
		{AttentionStatusUnknown, "HR states a status that is not known; nothing changes until the feed maps it", false},
		{AttentionZoneUnknown, "a stated time zone does not exist; the next source of the zone is used", false},
		{AttentionFeedUnknown, "the policy has no feed that owns this person's status; nothing changes until it does", false},
		{AttentionStartMoved, "HR moved the first day of somebody who has been working; approve to disable the account until then, or skip and correct HR", true},
		{AttentionNoStartDate, "HR states no first day of work; nothing is created until it does", false},
		{AttentionEmploymentAbsent, "HR no longer states the employment; that is no leave by itself: set the last day or terminate", false},
		{AttentionTerminatedAhead, "HR says terminated, but the leave date lies ahead; access ends at that date", false},
		{AttentionTerminatedPreHire, "HR says terminated before the first day of work; the person stays a pre-hire until HR rescinds the hire", false},
		{AttentionTerminatedNoDate, "HR says terminated without a date, and the person is existing staff; approve to let the leave date be the day HR said so", true},
		{AttentionActiveAfterLeave, "HR still says active after the leave date; nothing changes by itself: correct the status or the date in HR", false},
		{AttentionDateDiffers, "HR states another date than the one set by hand; correct HR or set the date again", false},
		{AttentionHireRestated, "HR states another start for a hire that was rescinded by hand; it stays rescinded", false},
		{AttentionBlockedNoDate, "terminated by hand, and HR states no leave date; access stays cut, groups, licences and the account stay", false},
		{AttentionLate, "due long ago when it became known; approve to run it all the same, or skip it", true},
		{AttentionApproval, "started on demand and waits for approvals", true},
		{AttentionDisabledElsewhere, "the account that we had enabled was disabled by somebody else; approve to enable it again, or skip", true},
		{AttentionRehire, "a returning person; the policy asks whether the former account is used again: approve, or skip", true},
		{AttentionDelete, "the account would be deleted, but it cannot be told that it was disabled by us for this leave; approve or skip", true},
		{AttentionRestore, "a leave that took more access away than is remembered was rescinded; approve to give back what is known", true},
		{AttentionCondition, "a condition cannot be evaluated for this person; correct the policy or the record", false},
		{AttentionMapping, "an expression of the policy has no value for this person, and the attribute stays as it is; correct the policy or the record", false},
		{AttentionParked, "could not be done; see the error, then retry or skip", false},
		{AttentionHeldDisable, "a hold keeps an account enabled whose disable is due; release, or terminate", false},
		{AttentionDisableSkipped, "a disable that is due was skipped by hand; the account stays enabled", false},
		{AttentionDisablePostponed, "a disable that would be due was postponed by hand; the account stays enabled until then", false},
		{AttentionOutOfScope, "the person left the target's scope, and the account there goes on as it is; approve to disable it, or skip to leave it", true},
		{AttentionUnmatched, "existing staff, and no account carries the employee number; tenure people adopt links one, approve makes a new one, skip leaves the person without", true},
		{AttentionProposed, "an account that Tenure did not make may be this person's; tenure people adopt links it, approve says that it is not: a new one is made, or the one that comes from another directory is waited for; skip leaves the person without", true},
		{AttentionAmbiguous, "several accounts carry this employee number; tenure people adopt links the right one", false},
		{AttentionAdoptedState, "the account was as it is before Tenure wrote in this target, and HR wants it otherwise; approve to make it as HR says, or skip to leave it", true},
		{AttentionUnlinked, "the account was let go of by hand; nothing is done in this target until tenure people adopt links one", false},
		{AttentionObservedCut, "terminated by hand or held for security, but the mode of the target lets Tenure write nothing: cut access there by hand", false},
		{AttentionProtected, "the account is protected, so no feed takes its access: act in the target and then retry, or end the protection and retry; skip leaves the account as it is", false},
		{AttentionProtectedOverdue, "a protected account should have lost its access: act in the target now, then retry", false},
		{AttentionDisableOnPremises, "the account is mastered on premises and still enabled there: disable it there now; its sessions and passes are ended here again and again until then", false},
		{AttentionNoCounterpart, "the account comes from another directory and has not come yet; look at the synchronisation and the employee number there", false},
		{AttentionSyncOverdue, "the account was changed in the domain that it comes from, and the cloud does not show it in time: look at the synchronisation; of a leaver sessions and passes are ended here again and again until then", false},
		{AttentionLeavesSync, "the move takes the account out of the synchronisation, which deletes the account and the mailbox in the cloud; approve to move it all the same, or skip and correct the mapping", true},
		{AttentionOutsideSync, "the account in the domain lies in a container that is not synchronised, so that none can come to the cloud; correct the mapping or the containers, approve to wait for one all the same, or skip to leave the person without", true},
		{AttentionValueUnmapped, "HR states a value that the value map of the policy has no group for; add it to the policy, or give the group by hand and skip", false},
		{AttentionPassLate, "the pass would have expired before it could be issued; run it now to issue one that starts at once", false},
		{AttentionPolicyChange, "due only since the policy was changed; approve to run it, or skip it", true},
		{AttentionGated, "waits at a gate with others; tenure gate show says with whom and why, tenure gate approve or reject decides", false},
		{AttentionGateRejected, "was rejected at a gate; correct HR, run it now for this person, or skip it", false},
		{AttentionPaused, "waits because its target is paused, whatever is due and terminations too; tenure resume goes on", false},
	}
}

// attentionOf makes the attention for a code about a line.
func attentionOf(code, key string) Attention {
	for _, info := range Attentions() {
		if info.Code == code {
			return Attention{Code: code, Key: key, Text: info.Text, Asks: info.Asks}
		}
	}
	return Attention{Code: code, Key: key, Text: code}
}
