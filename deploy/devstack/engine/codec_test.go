package engine_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"tenure/deploy/devstack/engine"
	"tenure/internal/platform"
)

const (
	note     = "note"
	finish   = "finish"
	personal = "zoe@contoso.example"
)

// Diary is an input that must never fail a workflow because it is unreadable.
type Diary struct {
	Notes   []string
	Refused int
}

// Keep takes notes by signal until it is told to finish. It goes through an
// activity, a failing activity and a continue-as-new, so that each kind of
// payload is in its history.
func Keep(ctx workflow.Context, d Diary) (Diary, error) {
	notes := workflow.GetSignalChannel(ctx, note)
	for {
		var raw converter.RawValue
		notes.Receive(ctx, &raw)
		var text string
		if err := converter.GetDefaultDataConverter().FromPayload(raw.Payload(), &text); err != nil {
			d.Refused++
			continue
		}
		if text == finish {
			return d, nil
		}
		ctx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		if err := workflow.ExecuteActivity(ctx, Upper, text).Get(ctx, &text); err != nil {
			return d, err
		}
		err := workflow.ExecuteActivity(ctx, Complain, text).Get(ctx, nil)
		var app *temporal.ApplicationError
		if !errors.As(err, &app) || !strings.Contains(app.Message(), text) {
			return d, errors.New("the failure did not come back")
		}
		d.Notes = append(d.Notes, text)
		return d, workflow.NewContinueAsNewError(ctx, Keep, d)
	}
}

// Upper is an activity with a result.
func Upper(_ context.Context, s string) (string, error) { return strings.ToUpper(s), nil }

// Complain is an activity that fails with what it was given.
func Complain(_ context.Context, s string) error {
	return temporal.NewNonRetryableApplicationError("cannot mail "+s, "Complaint", nil, s)
}

// connect returns a client with the codec.
func connect(t *testing.T, e *engine.Engine, codec *platform.Codec) client.Client {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	opts, err := platform.ClientOptions(platform.ClientConfig{HostPort: e.Addr(), Logger: log, Codec: codec, Inputs: []any{Diary{}}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := platform.Dial(t.Context(), opts, 10*time.Second, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, c client.Client) worker.Worker {
	t.Helper()
	opts := platform.WorkerOptions(nil)
	opts.WorkerStopTimeout = time.Second
	w := worker.New(c, platform.TaskQueue, opts)
	w.RegisterWorkflow(Keep)
	w.RegisterActivity(Upper)
	w.RegisterActivity(Complain)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	return w
}

func codecs(t *testing.T) (one, two *platform.Codec) {
	t.Helper()
	for i, name := range []string{"ENGINE_TEST_KEY_1", "ENGINE_TEST_KEY_2"} {
		t.Setenv(name, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte(i + 1)}, 32)))
	}
	one, err := platform.ParseCodec("k1=env:ENGINE_TEST_KEY_1")
	if err != nil {
		t.Fatal(err)
	}
	two, err = platform.ParseCodec("k2=env:ENGINE_TEST_KEY_2")
	if err != nil {
		t.Fatal(err)
	}
	return one, two
}

func TestCodecOnTheRealServer(t *testing.T) {
	one, two := codecs(t)
	e := start(t, config(t, t.TempDir()))
	c := connect(t, e, one)
	w := serve(t, c)
	run, err := c.SignalWithStartWorkflow(t.Context(), "diary", note, personal, client.StartWorkflowOptions{
		TaskQueue: platform.TaskQueue, Memo: map[string]any{"title": personal}, StaticSummary: personal,
	}, Keep, Diary{})
	if err != nil {
		t.Fatal(err)
	}
	awaitNewRun(t, c, "diary", run.GetRunID())

	// A signal as the Temporal UI sends it: in clear.
	plain := dial(t, e)
	if err := plain.SignalWorkflow(t.Context(), "diary", "", note, "in clear"); err != nil {
		t.Fatal(err)
	}

	// A worker without the key blocks the journey, it does not fail it.
	w.Stop()
	stranger := serve(t, connect(t, e, two))
	if err := c.SignalWorkflow(t.Context(), "diary", "", note, finish); err != nil {
		t.Fatal(err)
	}
	awaitFailedTask(t, c, "diary")
	stranger.Stop()

	w = serve(t, c)
	t.Cleanup(w.Stop)
	var got Diary
	if err := c.GetWorkflow(t.Context(), "diary", "").Get(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Notes) != 1 || got.Notes[0] != strings.ToUpper(personal) || got.Refused != 1 {
		t.Errorf("diary = %+v, want one note and one refused signal", got)
	}
	for _, id := range []string{run.GetRunID(), ""} {
		history := c.GetWorkflowHistory(t.Context(), "diary", id, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for history.HasNext() {
			event, err := history.Next()
			if err != nil {
				t.Fatal(err)
			}
			data, err := proto.Marshal(event)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(bytes.ToLower(data), []byte(personal)) {
				t.Errorf("event %d (%s) holds personal data in clear: %v", event.GetEventId(), event.GetEventType(), event)
			}
		}
	}
}

// awaitNewRun returns when the workflow has continued in another run.
func awaitNewRun(t *testing.T, c client.Client, id, old string) {
	t.Helper()
	poll(t, func() bool {
		d, err := c.DescribeWorkflowExecution(t.Context(), id, "")
		return err == nil && d.GetWorkflowExecutionInfo().GetExecution().GetRunId() != old
	})
}

// awaitFailedTask returns when a workflow task of the newest run has failed and
// the run goes on.
func awaitFailedTask(t *testing.T, c client.Client, id string) {
	t.Helper()
	poll(t, func() bool {
		d, err := c.DescribeWorkflowExecution(t.Context(), id, "")
		if err != nil {
			t.Fatal(err)
		}
		if s := d.GetWorkflowExecutionInfo().GetStatus(); s != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
			t.Fatalf("a worker without the key ended the workflow: %s", s)
		}
		return d.GetPendingWorkflowTask().GetAttempt() > 1
	})
}

func poll(t *testing.T, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatal("it did not happen within 30 seconds")
		case <-tick.C:
		}
	}
}
