package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
	"google.golang.org/protobuf/types/known/durationpb"

	"tenure/internal/platform"
)

const (
	clusterName = "active"
	disabled    = "disabled"

	// retention keeps closed journeys readable. A virtual clock may be years
	// ahead, so the usual days would be a matter of chance.
	retention = 10 * 365 * 24 * time.Hour

	// maxSkips is the budget of a time skipping session that states none.
	maxSkips = 1000
)

// newServer prepares the database file and builds the server on it.
func newServer(at addresses, database string, log *slog.Logger) (temporal.Server, error) {
	store := sqlStore(database)
	if err := prepare(database, store); err != nil {
		return nil, err
	}
	cfg := serverConfig(at, store)
	authorizer, err := authorization.GetAuthorizerFromConfig(&cfg.Global.Authorization)
	if err != nil {
		return nil, err
	}
	logger := newServerLogger(log)
	claims, err := authorization.GetClaimMapperFromConfig(&cfg.Global.Authorization, logger)
	if err != nil {
		return nil, err
	}
	return temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		// The parts find each other without gossip: a start takes a second less.
		temporal.WithStaticHosts(map[primitives.ServiceName]static.Hosts{
			primitives.FrontendService: static.SingleLocalHost(at.frontend.String()),
			primitives.HistoryService:  static.SingleLocalHost(at.history.String()),
			primitives.MatchingService: static.SingleLocalHost(at.matching.String()),
			primitives.WorkerService:   static.SingleLocalHost(at.worker.String()),
		}),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorizer),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claims }),
		temporal.WithDynamicConfigClient(dynamicValues()),
	)
}

func sqlStore(database string) *config.SQL {
	return &config.SQL{
		PluginName:   sqliteplugin.PluginName,
		DatabaseName: database,
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

// prepare creates schema and namespace in a new file. The file is built beside
// and renamed, so that a kill leaves no half of it. It also finds a folder that
// another process uses, before the server does.
func prepare(database string, store *config.SQL) error {
	ns, err := sqlite.NewNamespaceConfig(clusterName, Namespace, false, platform.SearchAttributes())
	if err != nil {
		return err
	}
	ns.Detail.Config.Retention = durationpb.New(retention)
	if _, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) {
		if err := create(database, store); err != nil {
			return fmt.Errorf("create database %s: %w", database, err)
		}
	}
	if err := sqlite.CreateNamespaces(store, ns); err != nil {
		return fmt.Errorf("open database %s (is another devstack running on it?): %w", database, err)
	}
	return nil
}

func create(database string, store *config.SQL) error {
	draft := *store
	draft.DatabaseName = database + ".new"
	// In one file, without journal: it is renamed while a connection is open.
	draft.ConnectAttributes = map[string]string{"mode": "rwc", "journal_mode": "off"}
	if err := os.RemoveAll(draft.DatabaseName); err != nil {
		return err
	}
	if err := sqlite.SetupSchema(&draft); err != nil {
		return err
	}
	return os.Rename(draft.DatabaseName, database)
}

func serverConfig(at addresses, store *config.SQL) *config.Config {
	const storeName = "sqlite"
	cfg := &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     storeName,
			VisibilityStore:  storeName,
			NumHistoryShards: 1,
			DataStores:       map[string]config.DataStore{storeName: {SQL: store}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: at.frontend.String()},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: at.frontend.String()},
		Services: map[string]config.Service{
			string(primitives.FrontendService): service(at.frontend),
			string(primitives.HistoryService):  service(at.history),
			string(primitives.MatchingService): service(at.matching),
			string(primitives.WorkerService):   service(at.worker),
		},
	}
	cfg.Global.Membership = config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: at.frontend.Addr().String()}
	cfg.Archival.History.State, cfg.Archival.Visibility.State = disabled, disabled
	cfg.NamespaceDefaults.Archival.History.State = disabled
	cfg.NamespaceDefaults.Archival.Visibility.State = disabled
	return cfg
}

func service(at netip.AddrPort) config.Service {
	return config.Service{RPC: config.RPC{GRPCPort: int(at.Port()), BindOnIP: at.Addr().String()}}
}

// dynamicValues is the one place that names the server's dynamic keys. The
// names of the time skipping keys change with later servers.
func dynamicValues() dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		dynamicconfig.WorkflowTimeSkippingEnabled.Key():           true,
		dynamicconfig.WorkflowTimeSkippingMaxSkipPerSession.Key(): maxSkips,
		// A timer fires when it is due, not within a second after: skipping time
		// is a chain of timers. The shift guards against clocks of other hosts.
		dynamicconfig.TimerProcessorMaxTimeShift.Key(): 10 * time.Millisecond,
		// Without a least time between the runs of a chain. Server 1.32 counts the
		// skipped time twice in a continued run's start, takes the run before for
		// too short and lets the next one wait for that wrong start.
		dynamicconfig.WorkflowIdReuseMinimalInterval.Key(): time.Duration(0),
		// Search attributes that are added later are seen at once.
		dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key(): true,
		// The Web UI and tests list more often than a production cluster allows.
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 100,
		// Nothing here lives long enough to need the cleaners' workflows.
		dynamicconfig.HistoryScannerEnabled.Key():   false,
		dynamicconfig.TaskQueueScannerEnabled.Key(): false,
	}
}
