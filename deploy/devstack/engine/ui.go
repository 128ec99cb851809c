package engine

import (
	"fmt"
	"net/netip"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
)

// webUI is the running Web UI. Its pages are part of the binary.
type webUI struct {
	addr   string
	server *uiserver.Server
	done   chan struct{}
}

// startUI starts the Web UI for the frontend. The address was claimed before,
// because the UI's server ends the process when it cannot listen.
func startUI(at netip.AddrPort, frontend, codecEndpoint string) (_ *webUI, err error) {
	defer func() {
		// The UI's server panics where others return an error.
		if p := recover(); p != nil {
			err = fmt.Errorf("configure web ui: %v", p)
		}
	}()
	host := at.Addr().String()
	if at.Addr().Is6() {
		host = "[" + host + "]"
	}
	ui := &webUI{
		addr: at.String(),
		done: make(chan struct{}),
		server: uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
			Host:                host,
			Port:                int(at.Port()),
			TemporalGRPCAddress: frontend,
			DefaultNamespace:    Namespace,
			EnableUI:            true,
			HideLogs:            true,
			// No request leaves the machine.
			DisableNewsFetch: true,
			// The pages are served without TLS.
			CORS:  uiconfig.CORS{CookieInsecure: true},
			Codec: uiconfig.Codec{Endpoint: codecEndpoint},
			// The server has it switched off: a button that only fails misleads.
			WorkflowPauseDisabled: true,
		})),
	}
	go func() {
		defer close(ui.done)
		// It returns nil after stop and ends the process otherwise.
		_ = ui.server.Start()
	}()
	return ui, nil
}

func (u *webUI) stop() {
	u.server.Stop()
	<-u.done
}
