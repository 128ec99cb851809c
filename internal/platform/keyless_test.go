package platform

import (
	"strings"
	"testing"
)

// A worker that was started without keys beside others must block the task.
func TestWithoutKeysTheTaskFailsNotTheJourney(t *testing.T) {
	t.Parallel()
	err := replay(t, NoCodec(), history(t, mustParse(t, keyFile(t, "k1", 1))))
	if err == nil || !strings.Contains(err.Error(), ErrUnknownKey.Error()) {
		t.Errorf("replay = %v, want the task to fail with %v", err, ErrUnknownKey)
	}
}
