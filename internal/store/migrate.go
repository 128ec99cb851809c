package store

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date. Several processes may start at once:
// the first one migrates, the others wait and find nothing to do.
func (s *Store) migrate(ctx context.Context) error {
	if s.dialect.lockFile == "" {
		// Ask every second, for five minutes.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return fmt.Errorf("make lock: %w", err)
		}
		return s.up(ctx, goose.WithSessionLocker(locker))
	}
	unlock, err := lockSQLite(ctx, s.dialect.lockFile)
	if err != nil {
		return err
	}
	return errors.Join(s.up(ctx), unlock())
}

func (s *Store) up(ctx context.Context, options ...goose.ProviderOption) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	options = append(options, goose.WithDisableGlobalRegistry(true))
	provider, err := goose.NewProvider(s.dialect.goose, s.write, translated{files, s.dialect.types}, options...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	// The provider is not closed: that would close the pool.
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("run migrations: %w", err)
	}
	return nil
}

// lockSQLite takes a lock that lasts over several transactions, which a SQLite
// database cannot give, by an empty second one beside it. The file stays: to
// remove it would take the lock from under somebody who waits.
func lockSQLite(ctx context.Context, path string) (unlock func() error, err error) {
	db, err := openSQLite(path, "_pragma=busy_timeout(60000)&_txlock=exclusive", nil)
	if err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock: %w", err), db.Close())
	}
	return func() error { return errors.Join(tx.Rollback(), db.Close()) }, nil
}

// translated is the migrations in the words of another database.
type translated struct {
	fs.FS
	words *strings.Replacer
}

// Open implements [fs.FS].
func (t translated) Open(name string) (fs.File, error) {
	file, err := t.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return file, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return translatedFile{file, bytes.NewBufferString(t.words.Replace(string(text)))}, nil
}

type translatedFile struct {
	fs.File
	text *bytes.Buffer
}

// Read implements [fs.File].
func (f translatedFile) Read(p []byte) (int, error) { return f.text.Read(p) }
