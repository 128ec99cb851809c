package starter

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"tenure/internal/httpapi"
	"tenure/internal/platform"
	"tenure/workflows/contract"
)

// keyEntry writes a key and returns its entry in the configuration.
func keyEntry(t *testing.T, id string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), id)
	key := strings.Repeat(id[:1], 32)
	if err := os.WriteFile(path, []byte(base64.StdEncoding.EncodeToString([]byte(key))), 0o600); err != nil {
		t.Fatal(err)
	}
	return id + "=file:" + path
}

func openCodec(t *testing.T, entries ...string) *platform.Codec {
	t.Helper()
	codec, err := platform.ParseCodec(strings.Join(entries, ","))
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

// encrypted is an event of HR that was written with a codec.
func encrypted(t *testing.T, codec *platform.Codec) *historypb.HistoryEvent {
	t.Helper()
	payload, err := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec.PayloadCodecs()...).ToPayload("said")
	if err != nil {
		t.Fatal(err)
	}
	return told(contract.SignalEvent, &commonpb.Payloads{Payloads: []*commonpb.Payload{payload}})
}

// TestDoctorSaysWhichKeysAreNeeded: a key may be taken out of the configuration once
// no open workflow has anything of it, and one that is missed is called missing.
func TestDoctorSaysWhichKeysAreNeeded(t *testing.T) {
	t.Parallel()
	older, newer := keyEntry(t, "2026-11"), keyEntry(t, "3027-05")
	for _, tt := range []struct {
		name    string
		codec   []string
		history map[string][]string
		state   httpapi.CheckState
		want    []string
	}{
		{"in the clear", []string{platform.CodecNone}, nil, httpapi.CheckOK, []string{"in the clear"}},
		{"one key", []string{older}, map[string][]string{"1": {older}, "2": nil}, httpapi.CheckOK, []string{"all of 2 open workflows need 2026-11 only"}},
		{
			"rotating",
			[]string{newer, older},
			map[string][]string{"1": {newer, older}, "2": {newer}, "3": {older}},
			httpapi.CheckWarning,
			[]string{"new payloads have 3027-05", "2026-11 by 2, such as journey/main/1"},
		},
		{
			"rotated",
			[]string{newer, older},
			map[string][]string{"1": {newer}},
			httpapi.CheckOK,
			[]string{"need 3027-05 only", "not needed by what is open: 2026-11"},
		},
		{
			"too early",
			[]string{newer},
			map[string][]string{"1": {newer}, "2": {older}},
			httpapi.CheckFailed,
			[]string{"stand still", "2026-11 by 1, such as journey/main/2"},
		},
		{
			"some are in the clear",
			[]string{newer, platform.CodecAcceptPlain},
			map[string][]string{"1": {newer}, "2": {platform.CodecNone}},
			httpapi.CheckWarning,
			[]string{"what is in the clear by 1, such as journey/main/2"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.codec = openCodec(t, tt.codec...)
			b.temporal.change(func() {
				for key, entries := range tt.history {
					journey := &journeyFake{}
					for _, entry := range entries {
						journey.history = append(journey.history, encrypted(t, openCodec(t, entry)))
					}
					b.temporal.journeys[contract.JourneyID("main", key)] = journey
				}
				b.temporal.journeys[contract.JourneyID("main", "9")] = &journeyFake{
					closed: true, history: []*historypb.HistoryEvent{encrypted(t, openCodec(t, older))},
				}
			})
			for _, check := range b.Doctor(t.Context()) {
				if check.Name != "codec keys" {
					continue
				}
				if check.State != tt.state || check.OK != (tt.state != httpapi.CheckFailed) || (check.Remedy == "") != (tt.state == httpapi.CheckOK) {
					t.Errorf("check %+v, want it %s", check, tt.state)
				}
				for _, text := range tt.want {
					if !strings.Contains(check.Detail, text) {
						t.Errorf("detail %q lacks %q", check.Detail, text)
					}
				}
				return
			}
			t.Error("the doctor says nothing of keys")
		})
	}
}

// TestDoctorClaimsNothingOfKeysItDidNotSee stops before everything was looked at.
func TestDoctorClaimsNothingOfKeysItDidNotSee(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.codec = openCodec(t, keyEntry(t, "3027-05"), keyEntry(t, "2026-11"))
	b.temporal.listErr = errors.New("away")
	var found checks
	b.checkKeys(t.Context(), &found)
	if found[0].State != httpapi.CheckUnknown || !strings.Contains(found[0].Detail, "take no key out") {
		t.Errorf("check %+v, want unknown", found[0])
	}
}
