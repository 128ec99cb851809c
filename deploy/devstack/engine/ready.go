package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"tenure/internal/platform"
)

const readyPoll = 50 * time.Millisecond

// awaitReady returns when a client can start and list workflows and a browser
// gets the Web UI's pages.
func (e *Engine) awaitReady(ctx context.Context) error {
	c, err := client.NewLazyClient(client.Options{HostPort: e.addr, Namespace: Namespace, Logger: platform.NewLogger(e.log)})
	if err != nil {
		return err
	}
	defer c.Close()
	for _, check := range []struct {
		what string
		ok   func(context.Context) error
	}{
		{"the frontend", func(ctx context.Context) error {
			_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		}},
		{"the namespace", func(ctx context.Context) error {
			_, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: Namespace})
			return err
		}},
		{"the search attributes", func(ctx context.Context) error {
			return platform.EnsureSearchAttributes(ctx, c.OperatorService(), Namespace)
		}},
		{"the list of workflows", func(ctx context.Context) error {
			_, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: Namespace, PageSize: 1})
			return err
		}},
		{"the web ui", e.uiAnswers},
	} {
		if err := await(ctx, check.ok); err != nil {
			return fmt.Errorf("wait for %s: %w", check.what, err)
		}
	}
	return nil
}

func await(ctx context.Context, ok func(context.Context) error) error {
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		err := ok(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-tick.C:
		}
	}
}

func (e *Engine) uiAnswers(ctx context.Context) error {
	if e.ui == nil {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.ui.addr+"/healthz", http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", resp.Status)
	}
	return nil
}
