package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what is known of this program.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (a *app) versionCommand() *cobra.Command {
	return leaf("version", "Print the version of this program", "Print the version of this program, and what it was built with.", "",
		func(*cobra.Command, []string) error {
			b := thisBuild()
			if a.wantsJSON() {
				return a.json(b)
			}
			a.out.line("tenure %s, %s, %s", joined(" ", b.Version, b.Revision), b.Go, b.Platform)
			return nil
		})
}

func thisBuild() build {
	b := build{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = or(info.Main.Version, b.Version)
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			b.Revision = setting.Value
		}
	}
	return b
}
