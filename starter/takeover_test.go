package starter

import (
	"errors"
	"strings"
	"testing"

	"tenure/internal/httpapi"
	"tenure/internal/person"
)

// A starter that runs already takes over what another one had begun and left: the
// sender of the file was told that it is taken in.
func TestRunningStarterTakesOverWhatAnotherLeft(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	running := openBench(t, b.db, b.temporal)
	broken := make(chan struct{})
	b.temporal.sendErr = func(e person.Event) error {
		if key, _ := e.Record.Attributes.Get("employeeId"); key == "E-2" {
			select {
			case <-broken:
			default:
				close(broken)
			}
			return errors.New("away")
		}
		return nil
	}
	in, err := b.Import(t.Context(), httpapi.ImportRequest{
		Feed: "hr", FileName: "people.csv", AsOf: "2026-11-22T08:00:00Z", Actor: "kim", Content: strings.NewReader(hires("E-1", "E-2")),
	})
	if err != nil {
		t.Fatal(err)
	}
	<-broken
	b.background.stop()
	b.temporal.change(func() { b.temporal.sendErr = nil })

	stood, err := running.takeOverStalled(t.Context(), nil)
	if err != nil || len(stood) != 1 || running.sends(in.ID) {
		t.Fatalf("first look = %v, %v, want the import seen and left alone: it may be moving", stood, err)
	}
	if stood, err = running.takeOverStalled(t.Context(), stood); err != nil || len(stood) != 0 {
		t.Fatalf("second look = %v, %v, want it taken over", stood, err)
	}
	running.background.work.Wait()
	if got := running.status(in.ID); got.State != httpapi.ImportAccepted {
		t.Errorf("import is %s, want accepted", got.State)
	}
	heard := b.temporal.heard()
	if heard["journey/main/E-1"] == 0 || heard["journey/main/E-2"] != 1 {
		t.Errorf("journeys heard %v, want both people", heard)
	}
	if stood, err = running.takeOverStalled(t.Context(), nil); err != nil || len(stood) != 0 {
		t.Errorf("after it is done = %v, %v", stood, err)
	}
}
