package engine

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/schema"
	postgresschema "go.temporal.io/server/schema/postgresql/v12"
	"go.temporal.io/server/schema/sqlite"
)

// stores are the databases of a server.
type stores struct {
	state, visibility *config.SQL
	// shards part the workflows. SQLite has one writer anyway.
	shards int32
}

// prepare creates schema and namespace where the database has none.
func prepare(cfg Config) (stores, error) {
	if cfg.Postgres != "" {
		return preparePostgres(cfg.Postgres)
	}
	path := filepath.Join(cfg.Dir, databaseName)
	store := sqliteStore(path)
	return stores{state: store, visibility: store, shards: 1}, prepareSQLite(path, store)
}

func sqliteStore(path string) *config.SQL {
	return &config.SQL{
		PluginName:   sqliteplugin.PluginName,
		DatabaseName: path,
		ConnectAttributes: map[string]string{
			"mode": "rwc",
			// Survives a kill of the process; only a power cut may lose the
			// last moments. Three times as fast as a rollback journal.
			"journal_mode": "wal",
			"synchronous":  "normal",
			"busy_timeout": "1000",
			// A second devstack on the folder is refused instead of two servers
			// firing the same timers.
			"locking_mode": "exclusive",
		},
	}
}

// prepareSQLite creates schema and namespace in a new file. The file is built
// beside and renamed, so that a kill leaves no half of it. It also finds a folder
// that another process uses, before the server does.
func prepareSQLite(path string, store *config.SQL) error {
	ns, err := namespaceConfig()
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := createSQLite(path, store); err != nil {
			return fmt.Errorf("create database %s: %w", path, err)
		}
	}
	if err := sqlite.CreateNamespaces(store, ns); err != nil {
		return fmt.Errorf("open database %s (is another devstack running on it?): %w", path, err)
	}
	return nil
}

func createSQLite(path string, store *config.SQL) error {
	draft := *store
	draft.DatabaseName = path + ".new"
	// In one file, without journal: it is renamed while a connection is open.
	draft.ConnectAttributes = map[string]string{"mode": "rwc", "journal_mode": "off"}
	if err := os.RemoveAll(draft.DatabaseName); err != nil {
		return err
	}
	if err := sqlite.SetupSchema(&draft); err != nil {
		return err
	}
	return os.Rename(draft.DatabaseName, path)
}

// VisibilitySuffix is what the name of the second database ends with.
const VisibilitySuffix = "_visibility"

// VisibilityURL is the URL of the second database beside a first one.
func VisibilityURL(first string) (string, error) {
	parsed, err := url.Parse(first)
	if err != nil {
		return "", errors.New("the postgres URL cannot be read")
	}
	parsed.Path += VisibilitySuffix
	return parsed.String(), nil
}

const postgresShards = 4

// preparePostgres brings both databases up to the schema. An error never holds
// the URL, which may carry a password.
func preparePostgres(rawURL string) (stores, error) {
	state, err := postgresStore(rawURL)
	if err != nil {
		return stores{}, err
	}
	visibility := *state
	visibility.DatabaseName += VisibilitySuffix
	for _, part := range []struct {
		store         *config.SQL
		name, version string
	}{
		{state, "temporal", postgresschema.Version},
		{&visibility, "visibility", postgresschema.VisibilityVersion},
	} {
		if err := setUpPostgres(part.store, "postgresql/v12/"+part.name, part.version); err != nil {
			return stores{}, fmt.Errorf("create schema %s: %w", part.name, err)
		}
	}
	ns, err := namespaceConfig()
	if err != nil {
		return stores{}, err
	}
	// The function is SQLite's by its place only: it speaks to any of the databases.
	if err := sqlite.CreateNamespaces(state, ns); err != nil {
		return stores{}, fmt.Errorf("create namespace: %w", err)
	}
	return stores{state: state, visibility: &visibility, shards: postgresShards}, nil
}

func postgresStore(rawURL string) (*config.SQL, error) {
	parsed, err := url.Parse(rawURL)
	if err != nil || parsed.User == nil {
		return nil, errors.New("the postgres URL cannot be read, or names no user")
	}
	const connections = 20
	attributes := map[string]string{}
	for name := range parsed.Query() {
		attributes[name] = parsed.Query().Get(name)
	}
	password, _ := parsed.User.Password()
	address := parsed.Host
	if address != "" && parsed.Port() == "" {
		address = net.JoinHostPort(parsed.Hostname(), "5432")
	}
	return &config.SQL{
		PluginName: postgresql.PluginNamePGX, DatabaseName: strings.TrimPrefix(parsed.Path, "/"), ConnectAddr: address,
		ConnectProtocol: "tcp", ConnectAttributes: attributes, User: parsed.User.Username(), Password: password,
		MaxConns: connections, MaxIdleConns: connections,
	}, nil
}

// setUpPostgres leaves a database alone that has the schema.
func setUpPostgres(store *config.SQL, folder, version string) (err error) {
	db, err := sql.NewSQLAdminDB(sqlplugin.DbKindUnknown, store, resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if current, err := db.ReadSchemaVersion(store.DatabaseName); err == nil && current == version {
		return nil
	}
	file, err := schema.Assets().Open(folder + "/schema.sql")
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	statements, err := persistence.LoadAndSplitQueryFromReaders([]io.Reader{file})
	if err != nil {
		return err
	}
	if err := db.CreateSchemaVersionTables(); err != nil {
		return err
	}
	for _, statement := range statements {
		if err := db.Exec(statement); err != nil {
			return err
		}
	}
	return db.UpdateSchemaVersion(store.DatabaseName, version, version)
}
