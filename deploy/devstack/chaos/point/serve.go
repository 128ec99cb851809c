package point

import (
	"context"
	"fmt"
	"net"
	"net/rpc"
)

// serviceName is what workers call.
const serviceName = "Gate"

// Serve answers workers on a socket until the context ends.
func (g *Gate) Serve(ctx context.Context, socket string) error {
	server := rpc.NewServer()
	if err := server.RegisterName(serviceName, &asked{g}); err != nil {
		return fmt.Errorf("serve gate: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", socket)
	if err != nil {
		return fmt.Errorf("serve gate: %w", err)
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go server.ServeConn(conn)
		}
	}()
	return nil
}

// asked is the part of a gate that workers see.
type asked struct{ gate *Gate }

// Pass is [Gate.Pass].
func (a *asked) Pass(at Passing, answer *struct{}) error { return a.gate.Pass(at, answer) }

// Client asks a gate.
type Client struct{ rpc *rpc.Client }

// Dial connects to a gate's socket.
func Dial(socket string) (*Client, error) {
	client, err := rpc.Dial("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("reach gate: %w", err)
	}
	return &Client{client}, nil
}

// Pass returns when the worker may go on.
func (c *Client) Pass(at Passing) error { return c.rpc.Call(serviceName+".Pass", at, &struct{}{}) }
