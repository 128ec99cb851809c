package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/text/unicode/norm"

	"tenure/internal/config"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

func (a *app) ledgerCommand() *cobra.Command {
	return group("ledger", "Verify the ledger",
		`Verify the ledger: one chain of hashes per person, and one of the calls of the API.`, a.ledgerVerifyCommand())
}

// verifyFlags say what is verified, and against what.
type verifyFlags struct {
	config, person, witness string
	// alone leaves the journeys out.
	alone     bool
	allowGaps bool
}

func (a *app) ledgerVerifyCommand() *cobra.Command {
	var f verifyFlags
	command := leaf("verify [FILE]", "Find rows that were changed, removed or cut off",
		`Verify every chain of the ledger, or with --person one of them: directly in the
database that the configuration names, which is only read, and without the starter.
The first row of a chain that was changed, is missing or was cut off is named.

A tail that was cut off together with its head leaves nothing to see in the database.
So the journeys are asked, over Temporal, which head each keeps in its state; a worker
must run for that. --without-journeys leaves that out. --witness compares with what an
earlier run printed with -o json, kept where nobody who can write to the database can.

With a FILE it verifies what tenure people export --evidence wrote, without a database
and without a network.

A row of the kind gap states a loss: the store was rebuilt, or replaced by an older
one. Gaps are named and count as findings unless --allow-gaps is given. It ends with 3
where there is anything to look at.`,
		`  tenure ledger verify --config tenure.yaml
  tenure ledger verify --config tenure.yaml -o json > heads.json
  tenure ledger verify --config tenure.yaml --witness heads.json --without-journeys
  tenure ledger verify --config tenure.yaml --person 1001
  tenure ledger verify 1001.json`,
		func(c *cobra.Command, args []string) error { return a.ledgerVerify(c.Context(), f, args) })
	configFlag(command, &f.config)
	flags := command.Flags()
	flags.StringVar(&f.person, "person", "", "verify the chain of this `ID` only")
	flags.StringVar(&f.witness, "witness", "", "`file` with the JSON output of an earlier run to compare with")
	flags.BoolVar(&f.alone, "without-journeys", false, "do not ask the journeys for the heads they keep")
	flags.BoolVar(&f.allowGaps, "allow-gaps", false, "losses that the ledger itself states are no findings")
	return command
}

// verification is what a check of the ledger found.
type verification struct {
	Chains []store.ChainReport `json:"chains"`
	Rows   int64               `json:"rows"`
	Broken int                 `json:"broken"`
	Gaps   int                 `json:"gaps"`
	// Witnessed counts the chains that were compared with a head kept elsewhere.
	Witnessed int `json:"witnessed"`
	// Silent are journeys that did not say which head they keep.
	Silent []string `json:"silent"`
}

func (a *app) ledgerVerify(ctx context.Context, f verifyFlags, args []string) error {
	witnesses, err := readWitnesses(f.witness)
	if err != nil {
		return err
	}
	var found verification
	if len(args) == 1 {
		found, err = verifyFile(args[0], witnesses)
	} else {
		found, err = a.verifyStore(ctx, f, witnesses)
	}
	if err != nil {
		return err
	}
	if a.wantsJSON() {
		err = a.json(found)
	} else {
		a.printVerification(found)
	}
	if err == nil && (found.Broken > 0 || len(found.Silent) > 0 || found.Gaps > 0 && !f.allowGaps) {
		return &findings{"the ledger has findings"}
	}
	return err
}

// witnesses are heads by journey.
type witnesses map[string][]store.LedgerHead

func (w witnesses) add(journey string, head store.LedgerHead) {
	if head.Seq > 0 {
		w[journey] = append(w[journey], head)
	}
}

// maxEvidence bounds what is read of a file of evidence or of heads: those of a
// hundred thousand people have a third of it.
const maxEvidence = 64 << 20

// readWitnesses reads the heads that an earlier run printed.
func readWitnesses(name string) (witnesses, error) {
	out := witnesses{}
	if name == "" {
		return out, nil
	}
	content, err := readWhole(name, maxEvidence)
	if err != nil {
		return nil, fmt.Errorf("read witness: %w", err)
	}
	var earlier verification
	if err := json.Unmarshal(content, &earlier); err != nil {
		return nil, fmt.Errorf("read witness %s: %w", name, err)
	}
	for _, chain := range earlier.Chains {
		out.add(chain.Journey, chain.Head)
	}
	return out, nil
}

func verifyFile(name string, known witnesses) (verification, error) {
	content, err := readWhole(name, maxEvidence)
	if err != nil {
		return verification{}, fmt.Errorf("read evidence: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	var evidence store.Evidence
	if err := decoder.Decode(&evidence); err != nil {
		return verification{}, &remedied{cause: fmt.Errorf("read evidence %s: %w", name, err), remedy: "name a file that tenure people export ID --evidence wrote"}
	}
	report, err := evidence.Check(known[evidence.Journey]...)
	if err != nil {
		return verification{}, err
	}
	out := verification{Silent: []string{}}
	out.add(report, evidence.Witness != nil || len(known[evidence.Journey]) > 0)
	return out, nil
}

func (v *verification) add(report store.ChainReport, witnessed bool) {
	v.Chains, v.Rows, v.Gaps = append(v.Chains, report), v.Rows+report.Rows, v.Gaps+len(report.Gaps)
	if report.Broken != nil {
		v.Broken++
	}
	if witnessed {
		v.Witnessed++
	}
}

// verifyStore reads the heads of the journeys before the rows, so that rows which
// are appended meanwhile contradict nothing.
func (a *app) verifyStore(ctx context.Context, f verifyFlags, known witnesses) (verification, error) {
	out := verification{Chains: []store.ChainReport{}, Silent: []string{}}
	loaded, err := loadConfig(f.config)
	if err != nil {
		return out, err
	}
	journey := ""
	if f.person != "" {
		id, err := parseID(f.person)
		if err != nil {
			return out, err
		}
		journey = contract.JourneyID(id.Realm, norm.NFC.String(id.Key))
	}
	if !f.alone {
		heads, silent, err := a.env.Heads(ctx, loaded, a.log("ledger"), journey)
		if err != nil {
			return out, &remedied{cause: err, remedy: "start a worker, or leave the journeys out with --without-journeys: then a tail cut off with its head is not seen"}
		}
		out.Silent = append(out.Silent, silent...)
		for name, head := range heads {
			known.add(name, head)
		}
	}
	db, err := openToRead(ctx, loaded)
	if err != nil {
		return out, err
	}
	chains, err := chainsOf(ctx, db, journey, known)
	for i := 0; i < len(chains) && err == nil; i++ {
		var report store.ChainReport
		if report, err = db.Check(ctx, chains[i], known[chains[i]]...); err == nil {
			out.add(report, len(known[chains[i]]) > 0)
		}
	}
	return out, errors.Join(err, db.Close())
}

func openToRead(ctx context.Context, c config.Config) (*store.Store, error) {
	url, err := config.Environment().Resolve(c.Store)
	if err != nil {
		return nil, err
	}
	return store.OpenToRead(ctx, url)
}

// chainsOf lists the chains to verify: those of the database, and those that were
// witnessed and are not there any more.
func chainsOf(ctx context.Context, db *store.Store, journey string, known witnesses) ([]string, error) {
	if journey != "" {
		return []string{journey}, nil
	}
	chains, err := db.Chains(ctx)
	if err != nil {
		return nil, err
	}
	for name := range known {
		chains = append(chains, name)
	}
	slices.Sort(chains)
	return slices.Compact(chains), nil
}

func (a *app) printVerification(found verification) {
	for _, chain := range found.Chains {
		if broken := chain.Broken; broken != nil {
			a.out.line("BROKEN  %s  row %d: %s", chain.Journey, broken.Seq, broken.Reason)
		}
		for _, gap := range chain.Gaps {
			if gap.From > gap.To {
				a.out.line("GAP     %s  row %d: rows that nobody had witnessed may be lost, stated %s", chain.Journey, gap.Row, showUTC(gap.At))
				continue
			}
			a.out.line("GAP     %s  row %d: rows %d to %d are lost, stated %s", chain.Journey, gap.Row, gap.From, gap.To, showUTC(gap.At))
		}
	}
	for _, journey := range found.Silent {
		a.out.line("SILENT  %s  did not say which head it keeps", journey)
	}
	summary := fmt.Sprintf("%s, %s: %d broken, %s. %d compared with a head that is kept elsewhere.",
		count(len(found.Chains), "chain", "chains"), count(int(found.Rows), "row", "rows"), found.Broken, count(found.Gaps, "gap", "gaps"), found.Witnessed)
	a.out.line("%s", summary)
}
