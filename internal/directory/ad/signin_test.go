package ad_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
)

// absent is an account that is nowhere: who may look finds nothing.
const absent = "ffffffff-ffff-4fff-8fff-ffffffffffff"

// TestCredentialIsChanged changes the bind account's password in the domain and then
// the file: connections that are open go on, new ones are refused without locking the
// account, and take the new password by themselves.
func TestCredentialIsChanged(t *testing.T) {
	t.Parallel()
	for name, controller := range map[string]func(t *testing.T) *adtest.Controller{
		"samba": func(t *testing.T) *adtest.Controller { t.Helper(); return adtest.Samba(t) },
		"simulator": func(t *testing.T) *adtest.Controller {
			t.Helper()
			_, c := adtest.Simulated(t, simulated.Options{LockoutThreshold: 2})
			return c
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := controller(t).NewPlace(t)
			cutter := place.NewCutter(t)
			cfg := place.Through(t, cutter)
			var first directory.Secret
			cfg.BindName, first = place.AddServiceAccount(t, nil)
			file := filepath.Join(t.TempDir(), "password")
			write(t, file, first.Reveal())
			cfg.Secret, cfg.Renew = first, fromFile(file)
			var ahead atomic.Int64
			cfg.SignIns = ad.NewSignIns(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
			d := connect(t, cfg)
			wantSignedIn(t, d)

			const second = "An0ther-S3cret!"
			// Twice: a domain may take the password before this one for another hour.
			place.Set(t, cfg.BindName, "unicodePwd", encoded("Betw33n-S3cret!"))
			place.Set(t, cfg.BindName, "unicodePwd", encoded(second))
			wantSignedIn(t, d) // on the connection that is open
			d.Close()
			before := cutter.Seen(adtest.Bind)
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					if _, err := d.Account(t.Context(), absent); !errors.Is(err, directory.ErrDenied) || strings.Contains(err.Error(), first.Reveal()) {
						t.Errorf("error = %v, want it denied without the password", err)
					}
				})
			}
			all.Wait()
			if tried := cutter.Seen(adtest.Bind) - before; tried != 1 {
				t.Errorf("the old password was tried %d times, want once", tried)
			}
			ahead.Store(int64(ad.RefusedFor))
			if _, err := d.Account(t.Context(), absent); !errors.Is(err, directory.ErrDenied) || cutter.Seen(adtest.Bind)-before != 2 {
				t.Errorf("after half an hour: %v with %d tries in all, want a second one denied", err, cutter.Seen(adtest.Bind)-before)
			}
			place.Set(t, cfg.BindName, "lockoutTime", "0")
			write(t, file, second+"\n")
			wantSignedIn(t, d)
		})
	}
}

// TestCredentialFileIsGone asks no domain without a credential.
func TestCredentialFileIsGone(t *testing.T) {
	t.Parallel()
	_, controller := adtest.Simulated(t, simulated.Options{})
	place := controller.NewPlace(t)
	cutter := place.NewCutter(t)
	cfg := place.Through(t, cutter)
	file := filepath.Join(t.TempDir(), "password")
	cfg.Renew = fromFile(file)
	d := connect(t, cfg)
	if _, err := d.Account(t.Context(), absent); !errors.Is(err, directory.ErrUnavailable) || cutter.Seen(adtest.Bind) != 0 {
		t.Errorf("error = %v after %d binds, want it unavailable and none", err, cutter.Seen(adtest.Bind))
	}
	write(t, file, cfg.Secret.Reveal())
	wantSignedIn(t, d)
}

// TestKeytabIsChanged takes a new keytab by itself, and tries a wrong one once.
func TestKeytabIsChanged(t *testing.T) {
	t.Parallel()
	controller := adtest.Samba(t)
	controller.NeedKerberos(t)
	cfg := controller.NewPlace(t).Config(t)
	wrong := cfg
	wrong.Secret = directory.NewSecret("Wr0ng-Passw0rd!")
	keys := [][]byte{keysOf(t, &wrong), keysOf(t, &cfg)}
	var current atomic.Int64
	cfg.Kerberos = &ad.Kerberos{Keytab: keys[0]}
	cfg.Renew = func() (ad.Credential, error) { return ad.Credential{Keytab: keys[current.Load()]}, nil }
	d := connect(t, cfg)
	for _, says := range []string{"KDC_ERR_PREAUTH_FAILED", "is not tried again before"} {
		if _, err := d.Account(t.Context(), absent); !errors.Is(err, directory.ErrDenied) || !strings.Contains(err.Error(), says) {
			t.Errorf("error = %v, want %q", err, says)
		}
	}
	current.Store(1)
	wantSignedIn(t, d)
}

func wantSignedIn(t *testing.T, d *ad.Directory) {
	t.Helper()
	if _, err := d.Account(t.Context(), absent); !errors.Is(err, directory.ErrNotFound) {
		t.Errorf("error = %v, want that nobody is there", err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func fromFile(path string) func() (ad.Credential, error) {
	return func() (ad.Credential, error) {
		text, err := os.ReadFile(path)
		return ad.Credential{Secret: directory.NewSecret(strings.TrimSpace(string(text)))}, err
	}
}
