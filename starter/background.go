package starter

import (
	"context"
	"sync"
)

// background runs work that outlives the request that began it. Work that is
// begun after stop ends at once: the next start finds it in the store.
type background struct {
	mu     sync.Mutex
	ctx    context.Context // the life of the process, not of a call
	cancel context.CancelFunc
	work   sync.WaitGroup
}

func (b *background) start(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ctx, b.cancel = context.WithCancel(context.WithoutCancel(ctx))
}

// do runs work in the background, and reports whether it does.
func (b *background) do(work func(ctx context.Context)) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx == nil || b.ctx.Err() != nil {
		return false
	}
	ctx := b.ctx
	b.work.Go(func() { work(ctx) })
	return true
}

// stop cancels all work and waits for it to end.
func (b *background) stop() {
	b.mu.Lock()
	if b.cancel != nil {
		b.cancel()
	}
	b.mu.Unlock()
	b.work.Wait()
}
