package worker

import (
	"context"
	"path"
	"slices"

	commandpb "go.temporal.io/api/command/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/api/token/v1"
	"google.golang.org/grpc"
)

// call stands around the answers to Temporal: a task is done when the server has
// its answer.
func (h *hooks) call(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	person, what := answered(method, req)
	h.pass(person, what+before, false)
	err := invoke(ctx, method, req, reply, conn, opts...)
	h.pass(person, what+after, false)
	return err
}

// answered says whose task a call answers, and what the call is.
func answered(method string, req any) (person, what string) {
	what = "call " + path.Base(method)
	switch r := req.(type) {
	case *workflowservice.RespondWorkflowTaskCompletedRequest:
		if slices.ContainsFunc(r.GetCommands(), renews) {
			what += " that continues as new"
		}
		return ownerOf(r.GetTaskToken()), what
	case *workflowservice.RespondActivityTaskCompletedRequest:
		return ownerOf(r.GetTaskToken()), what
	case *workflowservice.RespondActivityTaskFailedRequest:
		return ownerOf(r.GetTaskToken()), what
	default:
		return "", what
	}
}

func renews(command *commandpb.Command) bool {
	return command.GetCommandType() == enumspb.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION
}

// ownerOf reads the server's own token; the SDK does not say it.
func ownerOf(taskToken []byte) string {
	var task token.Task
	if err := task.Unmarshal(taskToken); err != nil {
		return ""
	}
	return personOf(task.GetWorkflowId())
}
