package engine

import (
	"net/netip"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
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

// newServer prepares the database and builds the server on it.
func newServer(at addresses, settings Config) (temporal.Server, error) {
	stores, err := prepare(settings)
	if err != nil {
		return nil, err
	}
	cfg := serverConfig(at, stores)
	authorizer, err := authorization.GetAuthorizerFromConfig(&cfg.Global.Authorization)
	if err != nil {
		return nil, err
	}
	logger := newServerLogger(settings.Logger)
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

// namespaceConfig is the one namespace, with its search attributes.
func namespaceConfig() (*sqlite.NamespaceConfig, error) {
	ns, err := sqlite.NewNamespaceConfig(clusterName, Namespace, false, platform.SearchAttributes())
	if err != nil {
		return nil, err
	}
	ns.Detail.Config.Retention = durationpb.New(retention)
	return ns, nil
}

func serverConfig(at addresses, kept stores) *config.Config {
	const state, visibility = "state", "visibility"
	cfg := &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     state,
			VisibilityStore:  visibility,
			NumHistoryShards: kept.shards,
			DataStores: map[string]config.DataStore{
				state: {SQL: kept.state}, visibility: {SQL: kept.visibility},
			},
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
