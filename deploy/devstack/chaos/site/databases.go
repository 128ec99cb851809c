package site

import (
	"context"
	"errors"
	"fmt"

	"tenure/deploy/devstack/chaos/tally"
	"tenure/deploy/devstack/engine"
	"tenure/deploy/devstack/stack"
	"tenure/internal/store/storetest"
)

// Databases are where a site keeps what Temporal and Tenure know; without URLs in
// files of its folder.
type Databases struct {
	// Engine and Store are URLs.
	Engine, Store string
	server        *storetest.Server
}

// durable are the settings of a server that keeps what it says it keeps.
const durable = "-c fsync=on -c synchronous_commit=on"

// OpenDatabases makes empty databases of a kind.
func OpenDatabases(ctx context.Context, kind string) (_ *Databases, err error) {
	d := &Databases{}
	if kind != tally.Postgres {
		return d, nil
	}
	if d.server, err = storetest.StartServer(durable); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	const first = "engine"
	if d.Engine, err = d.server.Create(ctx, first); err != nil {
		return nil, err
	}
	if _, err = d.server.Create(ctx, first+engine.VisibilitySuffix); err != nil {
		return nil, err
	}
	d.Store, err = d.server.Create(ctx, "store")
	return d, err
}

// Use makes a stack take these databases.
func (d *Databases) Use(o *stack.Options) { o.Engine, o.Store = d.Engine, d.Store }

// Close ends the server of the databases and what it kept.
func (d *Databases) Close() error {
	if d.server == nil {
		return nil
	}
	return d.server.Close()
}
