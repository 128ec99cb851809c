package site

import (
	"context"
	"errors"
	"sync"
)

// Each works on things, at most so many at a time, and returns every error.
func Each[T any](ctx context.Context, most int, things []T, work func(context.Context, T) error) error {
	var (
		mu    sync.Mutex
		wrong []error
		wait  sync.WaitGroup
	)
	todo := make(chan T)
	for range most {
		wait.Go(func() {
			for thing := range todo {
				if err := work(ctx, thing); err != nil {
					mu.Lock()
					wrong = append(wrong, err)
					mu.Unlock()
				}
			}
		})
	}
	for _, thing := range things {
		todo <- thing
	}
	close(todo)
	wait.Wait()
	return errors.Join(wrong...)
}
