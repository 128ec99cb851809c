package workflows_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/sdk/converter"

	"tenure/internal/platform"
)

const (
	// sealedFolder holds histories as a worker with keys left them.
	sealedFolder = "sealed"
	// sealedKey opens them. It guards nothing but invented people.
	sealedKey = "fixtures=file:" + replayFolder + "/" + sealedFolder + "/key"
)

// TestReplayWithCodec: each recorded journey replays too where all that is in its
// history went through the codec. A codec that changed a value, its encoding or
// the way in which the SDK reads it would hang journeys that the plain corpus
// does not show.
func TestReplayWithCodec(t *testing.T) {
	t.Parallel()
	codec := sealing(t)
	for _, file := range fixtures(t, "*") {
		tag := filepath.Base(filepath.Dir(file))
		if tag == brokenFolder || tag == sealedFolder {
			continue
		}
		t.Run(tag+"/"+filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			history := readHistory(t, file)
			if n := seal(t, codec, history); n == 0 {
				t.Fatalf("%s holds no payload: nothing went through the codec", file)
			}
			if err := replayHistory(t, codec, history); err != nil {
				t.Errorf("replay %s with keys: %v; a journey would hang once a key is configured", file, err)
			}
			if err := replayHistory(t, platform.NoCodec(), history); err == nil {
				t.Errorf("replay %s without keys went well: nothing in it is encrypted", file)
			}
		})
	}
}

// seal encodes every payload as a worker with the codec would have, and returns
// how many there were.
func seal(t *testing.T, codec *platform.Codec, history *historypb.History) int {
	t.Helper()
	count := 0
	err := proxy.VisitPayloads(t.Context(), history, proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			count += len(payloads)
			for _, one := range slices.Backward(codec.PayloadCodecs()) {
				var err error
				if payloads, err = one.Encode(payloads); err != nil {
					return nil, err
				}
			}
			return payloads, nil
		},
	})
	if err != nil {
		t.Fatalf("encode history: %v", err)
	}
	return count
}

// TestSealedHistoriesAreSealed: what was recorded with keys shows nothing without
// them, and what a worker with another key meets blocks it.
func TestSealedHistoriesAreSealed(t *testing.T) {
	t.Parallel()
	files := fixtures(t, sealedFolder)
	if len(files) == 0 {
		t.Fatalf("%s/%s is empty: make fixtures records it", replayFolder, sealedFolder)
	}
	for _, file := range files {
		history := readHistory(t, file)
		err := proxy.VisitPayloads(t.Context(), history, proxy.VisitPayloadsOptions{
			SkipSearchAttributes: true,
			Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
				for _, p := range payloads {
					if string(p.GetMetadata()[platform.MetadataKeyID]) != "fixtures" || bytes.Contains(p.GetData(), []byte("contoso")) {
						return nil, errors.New("a payload is in the clear: " + string(p.GetMetadata()[converter.MetadataEncoding]))
					}
				}
				return payloads, nil
			},
		})
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if err := replayHistory(t, platform.NoCodec(), history); err == nil {
			t.Errorf("replay %s without keys went well", file)
		}
	}
}

func sealing(t *testing.T) *platform.Codec {
	t.Helper()
	codec, err := platform.ParseCodec(sealedKey)
	if err != nil {
		t.Fatalf("read key of the fixtures: %v", err)
	}
	return codec
}

// codecOf is what a fixture was recorded with.
func codecOf(t *testing.T, file string) *platform.Codec {
	t.Helper()
	if filepath.Base(filepath.Dir(file)) == sealedFolder {
		return sealing(t)
	}
	return platform.NoCodec()
}
