package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Pause stops every effect in a target until somebody resumes it.
type Pause struct {
	Target string
	Number int
	At     time.Time
	Actor  string
	Reason string
	// ResumedAt is zero while the pause is in force.
	ResumedAt time.Time
	ResumedBy string
	// ResumedWhy is the reason of whoever resumed it.
	ResumedWhy string
}

const pauseColumns = `target, number, paused_at, actor, reason, resumed_at, resumed_by, resumed_why`

// PauseTarget pauses a target. ErrConflict where it is paused already.
func (s *Store) PauseTarget(ctx context.Context, pause Pause) (Pause, error) {
	if pause.Target == "" || pause.Actor == "" || pause.Reason == "" {
		return Pause{}, fmt.Errorf("pause: %w: target, actor and reason are needed", ErrInvalid)
	}
	err := s.inTx(ctx, func(tx session) error {
		if err := lockBudget(ctx, tx, Budget{Target: pause.Target}); err != nil {
			return err
		}
		if _, err := currentPause(ctx, tx, pause.Target); !errors.Is(err, ErrNotFound) {
			return errors.Join(ErrConflict, err)
		}
		number, err := get(ctx, tx, scanCount, `SELECT COUNT(*) FROM pauses WHERE target = ?`, pause.Target)
		if err != nil {
			return err
		}
		pause.Number = number + 1
		_, err = tx.exec(ctx, `INSERT INTO pauses (`+pauseColumns+`, woken) VALUES (?, ?, ?, ?, ?, NULL, '', '', ?)`,
			pause.Target, pause.Number, pause.At.UnixMicro(), clean(pause.Actor), clean(pause.Reason), true)
		return err
	})
	if err != nil {
		return Pause{}, fmt.Errorf("pause %s: %w", pause.Target, err)
	}
	return pause, nil
}

// ResumeTarget ends the pause of a target. ErrConflict where it is not paused.
func (s *Store) ResumeTarget(ctx context.Context, target, actor, reason string, at time.Time) (Pause, error) {
	if actor == "" || reason == "" {
		return Pause{}, fmt.Errorf("resume %s: %w: actor and reason are needed", target, ErrInvalid)
	}
	var ended Pause
	err := s.inTx(ctx, func(tx session) error {
		if err := lockBudget(ctx, tx, Budget{Target: target}); err != nil {
			return err
		}
		var err error
		ended, err = currentPause(ctx, tx, target)
		if errors.Is(err, ErrNotFound) {
			return ErrConflict
		}
		if err != nil {
			return err
		}
		ended.ResumedAt, ended.ResumedBy, ended.ResumedWhy = at, actor, reason
		_, err = tx.exec(ctx, `UPDATE pauses SET resumed_at = ?, resumed_by = ?, resumed_why = ?, woken = ? WHERE target = ? AND number = ?`,
			at.UnixMicro(), clean(actor), clean(reason), false, target, ended.Number)
		return err
	})
	if err != nil {
		return Pause{}, fmt.Errorf("resume %s: %w", target, err)
	}
	return ended, nil
}

func currentPause(ctx context.Context, q session, target string) (Pause, error) {
	return get(ctx, q, scanPause, `SELECT `+pauseColumns+` FROM pauses WHERE target = ? AND resumed_at IS NULL`, target)
}

// Paused returns the pause in force; paused is false where there is none.
func (s *Store) Paused(ctx context.Context, target string) (pause Pause, paused bool, err error) {
	pause, err = currentPause(ctx, s.reader(), target)
	if errors.Is(err, ErrNotFound) {
		return Pause{}, false, nil
	}
	if err != nil {
		return Pause{}, false, fmt.Errorf("read pause of %s: %w", target, err)
	}
	return pause, true, nil
}

// Pauses lists the pauses in force, by target.
func (s *Store) Pauses(ctx context.Context) ([]Pause, error) {
	pauses, err := list(ctx, s.reader(), scanPause, `SELECT `+pauseColumns+` FROM pauses WHERE resumed_at IS NULL ORDER BY target`)
	if err != nil {
		return nil, fmt.Errorf("list pauses: %w", err)
	}
	return pauses, nil
}

// AsleepResumes lists pauses that have ended and whose journeys have not all
// been told yet.
func (s *Store) AsleepResumes(ctx context.Context) ([]Pause, error) {
	pauses, err := list(ctx, s.reader(), scanPause, `SELECT `+pauseColumns+` FROM pauses WHERE NOT woken ORDER BY target, number`)
	if err != nil {
		return nil, fmt.Errorf("list ended pauses: %w", err)
	}
	return pauses, nil
}

// WokeResume records that the journeys of an ended pause were told.
func (s *Store) WokeResume(ctx context.Context, pause Pause) error {
	_, err := s.writes(ctx, `UPDATE pauses SET woken = ? WHERE target = ? AND number = ?`, true, pause.Target, pause.Number)
	if err != nil {
		return fmt.Errorf("note woken journeys of %s: %w", pause.Target, err)
	}
	return nil
}

func scanPause(row scanner) (Pause, error) {
	var p Pause
	err := row.Scan(&p.Target, &p.Number, instant{&p.At}, &p.Actor, &p.Reason, instant{&p.ResumedAt}, &p.ResumedBy, &p.ResumedWhy)
	return p, err
}
