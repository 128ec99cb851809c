package platform

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
)

// NewConverter returns what reads and writes the payloads of histories: the data
// converter of the plugin of the same codec and inputs.
func NewConverter(codec *Codec, inputs ...any) (converter.DataConverter, error) {
	if codec == nil || !codec.valid {
		return nil, errors.New("make converter: no codec: use ParseCodec or NoCodec")
	}
	return newSealed(codec, inputs), nil
}

// PluginName is the name under which the SDK knows the plugin.
const PluginName = "tenure"

// NewPlugin returns the one plugin that client, worker and replayer share: the
// data converter and the failure converter over the codec. Set it on the client
// (workers made from the client inherit it) and on the replayer.
//
// Inputs holds a value of each workflow input type, for instance
// workflows.State{}: an input of such a type that cannot be read blocks the
// workflow task instead of failing the workflow.
func NewPlugin(codec *Codec, inputs ...any) (*temporal.SimplePlugin, error) {
	if codec == nil || !codec.valid {
		return nil, errors.New("make plugin: no codec: use ParseCodec or NoCodec")
	}
	dc := newSealed(codec, inputs)
	plugin, err := temporal.NewSimplePlugin(temporal.SimplePluginOptions{
		Name:          PluginName,
		DataConverter: dc,
		FailureConverter: temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
			DataConverter: dc,
			// Messages and stack traces may name people.
			EncodeCommonAttributes: true,
		}),
	})
	if err != nil {
		return nil, fmt.Errorf("make plugin: %w", err)
	}
	return plugin, nil
}
