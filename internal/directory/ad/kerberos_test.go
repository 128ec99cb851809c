package ad_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/etypeID"
	"github.com/jcmturner/gokrb5/v8/keytab"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
)

// TestKerberos signs in by a ticket, for a password and for a keytab, and makes an
// account.
func TestKerberos(t *testing.T) {
	t.Parallel()
	controller := adtest.Samba(t)
	controller.NeedKerberos(t)
	for name, how := range map[string]func(t *testing.T, cfg *ad.Config){
		"password": func(_ *testing.T, cfg *ad.Config) { cfg.Kerberos = &ad.Kerberos{} },
		"account name": func(_ *testing.T, cfg *ad.Config) {
			cfg.Kerberos = &ad.Kerberos{}
			cfg.BindName, _, _ = strings.Cut(cfg.BindName, "@")
		},
		"keytab": func(t *testing.T, cfg *ad.Config) {
			t.Helper()
			cfg.Kerberos, cfg.Secret = &ad.Kerberos{Keytab: keysOf(t, cfg)}, directory.Secret{}
		},
		"starttls": func(_ *testing.T, cfg *ad.Config) {
			cfg.Kerberos, cfg.Security, cfg.Hosts = &ad.Kerberos{}, ad.StartTLS, []string{controller.PlainAddress}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := controller.NewPlace(t)
			cfg := place.Config(t)
			how(t, &cfg)
			d := connect(t, cfg)
			made := ensure(t, d, joiner(place, 0))
			if got := mustRead(t, d, made.ID); got.EmployeeID != "E0" || !got.Enabled {
				t.Errorf("the account is %+v", got)
			}
			wantWhole(t, place, 1)
		})
	}
}

// keysOf is a keytab as an administrator exports one.
func keysOf(t *testing.T, cfg *ad.Config) []byte {
	t.Helper()
	account, realm, _ := strings.Cut(cfg.BindName, "@")
	keys := keytab.New()
	const version = 1
	if err := keys.AddEntry(account, strings.ToUpper(realm), cfg.Secret.Reveal(), time.Now(), version, etypeID.AES256_CTS_HMAC_SHA1_96); err != nil {
		t.Fatalf("make keytab: %v", err)
	}
	content, err := keys.Marshal()
	if err != nil {
		t.Fatalf("write keytab: %v", err)
	}
	return content
}

// TestKerberosRefused says why a ticket is refused, and shows no secret.
func TestKerberosRefused(t *testing.T) {
	t.Parallel()
	controller := adtest.Samba(t)
	controller.NeedKerberos(t)
	const wrong = "Wr0ng-Passw0rd!"
	for says, how := range map[string]func(cfg *ad.Config){
		"KDC_ERR_PREAUTH_FAILED":      func(cfg *ad.Config) { cfg.Secret = directory.NewSecret(wrong) },
		"KDC_ERR_C_PRINCIPAL_UNKNOWN": func(cfg *ad.Config) { cfg.BindName = "nobody-" + cfg.BindName },
		"the keytab cannot be read":   func(cfg *ad.Config) { cfg.Kerberos.Keytab = []byte("no keytab") },
	} {
		cfg := controller.NewPlace(t).Config(t)
		cfg.Kerberos = &ad.Kerberos{}
		how(&cfg)
		_, err := connect(t, cfg).Account(t.Context(), "ffffffff-ffff-4fff-8fff-ffffffffffff")
		if !errors.Is(err, directory.ErrDenied) && !errors.Is(err, directory.ErrInvalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("error = %v, want %q", err, says)
		}
		if strings.Contains(err.Error(), wrong) || strings.Contains(err.Error(), "nobody") {
			t.Errorf("error %q shows the credential", err)
		}
	}
	cfg := controller.NewPlace(t).Config(t)
	cfg.Kerberos, cfg.BindName = &ad.Kerberos{}, "CN=svc,"+cfg.BaseDN
	if _, err := ad.New(cfg); err == nil || !strings.Contains(err.Error(), "no user principal name") {
		t.Errorf("New() with a distinguished name = %v", err)
	}
}

// TestKerberosWithoutAnswer ends a sign-in when the connection's time is up, though
// the realm takes the question and never answers, and leaves nothing running for long.
func TestKerberosWithoutAnswer(t *testing.T) {
	t.Parallel()
	ip, asked := silentRealm(t)
	s, err := simulated.New(simulated.Options{Password: "Adm1n-Passw0rd!", Hosts: []string{ip}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	dc, err := s.Start(t.Context(), ip+":0")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.CA())
	const connectTime = 500 * time.Millisecond
	d := connect(t, ad.Config{
		Name: "corp", Hosts: []string{strings.TrimPrefix(dc.PlainURL(), "ldap://")}, Security: ad.StartTLS, RootCAs: roots,
		BindName: s.Administrator(), Secret: directory.NewSecret("Adm1n-Passw0rd!"), Kerberos: &ad.Kerberos{}, BaseDN: s.BaseDN(),
		ConnectTimeout: connectTime, CallTimeout: time.Minute,
	})
	begin := time.Now()
	_, err = d.Account(t.Context(), "ffffffff-ffff-4fff-8fff-ffffffffffff")
	// The library alone gives each step five seconds.
	if took := time.Since(begin); !errors.Is(err, directory.ErrUnavailable) || took > 4*time.Second {
		t.Fatalf("error = %v after %s, want it unavailable after %s", err, took, connectTime)
	}
	var conn net.Conn
	select {
	case conn = <-asked:
	case <-time.After(time.Minute):
		t.Fatal("the realm was not asked")
	}
	defer func() { _ = conn.Close() }()
	// The question's connection ends by itself.
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("the library still waits for an answer: %v", err)
	}
}

// silentRealm is a Kerberos service on an address of its own that takes what is
// asked and never answers.
func silentRealm(t *testing.T) (ip string, asked <-chan net.Conn) {
	t.Helper()
	const tries = 20
	for i := range tries {
		ip := fmt.Sprintf("127.%d.%d.1", 200+i, os.Getpid()%250+1)
		listener, err := net.Listen("tcp", ip+":88")
		if errors.Is(err, os.ErrPermission) {
			t.Skipf("Kerberos has a port that only root may listen on: %v", err)
		}
		if err != nil {
			continue
		}
		t.Cleanup(func() { _ = listener.Close() })
		conns := make(chan net.Conn, 1)
		go func() {
			if conn, err := listener.Accept(); err == nil {
				conns <- conn
			}
		}()
		return ip, conns
	}
	t.Fatal("no address is free")
	return "", nil
}
