#!/usr/bin/env bash
# samba-ad.sh {up|down [--keep]|reset|status|env|run}
# A throw-away Active Directory domain controller from Samba for tests and trials: LDAP,
# LDAPS and global catalogue in one process, on loopback only, no files outside its folder.
# deploy/deps-test.sh installs what it needs.
#
#   mode direct  may bind ports below 1024 (root): ldap(s)://$SAMBA_AD_IP:389/636/3268/3269
#   mode netns   any user: the controller lives in namespaces of its own, socat forwards
#                127.0.0.1:$SAMBA_AD_PORT (LDAPS) and the port after it (LDAP with StartTLS)
#
# "run" starts the controller, prints its environment and "ready", and removes everything when
# its standard input ends: however its caller ends, nothing stays behind.
set -euo pipefail
DIR=${SAMBA_AD_DIR:-/tmp/samba-ad-$(id -u)}
REALM=${SAMBA_AD_REALM:-CORP.EXAMPLE.TEST}
DOMAIN=${SAMBA_AD_DOMAIN:-CORP}
HOST=${SAMBA_AD_HOST:-dc1}
PASS=${SAMBA_AD_ADMIN_PASSWORD:-Adm1n-Passw0rd!}
IP=${SAMBA_AD_IP:-127.77.0.1}
PORT=${SAMBA_AD_PORT:-10636}
MODE=${SAMBA_AD_MODE:-auto} # auto | direct | netns
PY=/usr/bin/python3         # Debian's: another one on the path lacks the module samba
export PATH=$PATH:/usr/sbin:/sbin
if [ "$MODE" = auto ]; then
  MODE=netns
  if [ "$(id -u)" = 0 ] || [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -le 389 ]; then MODE=direct; fi
fi
dns=$(echo "$REALM" | tr '[:upper:]' '[:lower:]')
base="DC=${dns//./,DC=}"
URL=ldaps://$IP:636
PLAIN=ldap://$IP:389
if [ "$MODE" = netns ]; then
  URL=ldaps://127.0.0.1:$PORT
  PLAIN=ldap://127.0.0.1:$((PORT + 1))
fi

wipe() { # removes nothing but a folder that this script made
  [ -e "$DIR" ] || return 0
  if [ ! -e "$DIR/.samba-ad" ] && [ -n "$(ls -A "$DIR")" ]; then
    echo "$DIR was not made by this script" >&2
    exit 1
  fi
  rm -rf "$DIR"
}

alive() { # the pid file names a live process of ours, neither another's nor a zombie
  local p
  [ -s "$1" ] && p=$(cat "$1") && [ -r "/proc/$p/status" ] || return 1
  grep -Eq '^Name:.*(samba|socat|unshare|setsid|bash)' "/proc/$p/status" && ! grep -q '^State:.Z' "/proc/$p/status"
}

listens() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

configure() {
  cat >"$DIR/etc/smb.conf" <<C
[global]
  workgroup = $DOMAIN
  realm = $REALM
  netbios name = $(echo "$HOST" | tr '[:lower:]' '[:upper:]')
  server role = active directory domain controller
  server services = ldap, kdc
  interfaces = $IP/8
  bind interfaces only = yes
  private dir = $DIR/private
  state directory = $DIR/state
  lock directory = $DIR/lock
  cache directory = $DIR/cache
  pid directory = $DIR/run
  ncalrpc dir = $DIR/ncalrpc
  binddns dir = $DIR/private
  winbindd socket directory = $DIR/run/winbindd
  ntp signd socket directory = $DIR/run/ntp_signd
  log file = $DIR/log/samba.log
  log level = ${SAMBA_AD_LOGLEVEL:-1}
  ldap server require strong auth = allow_sasl_over_tls
  ldb:nosync = yes
[sysvol]
  path = $DIR/state/sysvol
  read only = no
[netlogon]
  path = $DIR/state/sysvol/$dns/scripts
  read only = no
C
}

# Samba's own certificate names no host in the place where clients look today.
certify() {
  local t=$DIR/private/tls
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$DOMAIN test CA" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$t/ca.key" -out "$t/ca.pem" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$HOST.$dns" -keyout "$t/key.pem" -out "$t/csr.pem" 2>/dev/null
  openssl x509 -req -in "$t/csr.pem" -CA "$t/ca.pem" -CAkey "$t/ca.key" -CAcreateserial -days 30 -out "$t/cert.pem" \
    -extfile <(printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1,IP:%s\nextendedKeyUsage=serverAuth\n' "$HOST.$dns" "$IP") 2>/dev/null
  chmod 600 "$t"/*.pem "$t"/ca.key
  cp "$t/ca.pem" "$DIR/ca.pem"
}

# samba-tool insists on access lists on a share that nobody uses here and that need root
# and one more package; its library can leave them out.
populate() {
  "$PY" - "$DIR/etc/smb.conf" "$REALM" "$DOMAIN" "$HOST" "$PASS" "$IP" >"$DIR/log/provision.log" 2>&1 <<'PYTHON'
import logging, os, pwd, sys
import ldb, samba.param
from samba.samdb import SamDB
from samba.auth import system_session
from samba.provision import provision
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
conf, realm, domain, host, adminpass, ip = sys.argv[1:7]
logging.basicConfig(level=logging.WARNING)
me = pwd.getpwuid(os.getuid()).pw_name
lp = samba.param.LoadParm(); lp.load(conf)
provision(logging.getLogger("provision"), system_session(), smbconf=conf, lp=lp,
          realm=realm, domain=domain, hostname=host, hostip=ip, adminpass=adminpass,
          serverrole="active directory domain controller", dns_backend="NONE",
          dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2, root=me, nobody=me,
          skip_sysvolacl=True)
# A controller that runs for long adds the names of its services by itself.
db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(), lp=lp)
m = ldb.Message(ldb.Dn(db, "CN=%s,OU=Domain Controllers,%s" % (host.upper(), db.domain_dn())))
m["s"] = ldb.MessageElement("ldap/%s.%s" % (host, realm.lower()), ldb.FLAG_MOD_ADD, "servicePrincipalName")
db.modify(m)
if os.environ.get("SAMBA_AD_RECYCLEBIN", "0") != "1":
    sys.exit(0)
# Samba lets nobody turn the recycle bin on over LDAP. It is off unless asked for:
# with it Samba 4.17 keeps what a deleted user had, but cannot restore the user.
m = ldb.Message(ldb.Dn(db, ""))
m["f"] = ldb.MessageElement("CN=Partitions,%s:766ddcd8-acd0-445e-f3b9-a7f9b6744f2a" % db.get_config_basedn(),
                            ldb.FLAG_MOD_ADD, "enableOptionalFeature")
db.modify(m)
PYTHON
}

provision() {
  wipe
  mkdir -p "$DIR"
  chmod 700 "$DIR"
  : >"$DIR/.samba-ad"
  (cd "$DIR" && mkdir -p etc private/tls state/sysvol cache lock run ncalrpc log)
  configure
  certify
  populate || { tail -20 "$DIR/log/provision.log" >&2; exit 1; }
  touch "$DIR/provisioned"
}

# background NAME COMMAND... runs a command in a process group of its own.
background() {
  local name=$1
  shift
  setsid "$@" >>"$DIR/log/$name.log" 2>&1 </dev/null &
  echo $! >"$DIR/$name.pid"
}

start() {
  local run="samba -i -M single -s $DIR/etc/smb.conf --debug-stdout" at=${URL#ldaps://}
  if listens "${at%:*}" "${at#*:}"; then
    echo "something listens on $at already" >&2
    exit 1
  fi
  rm -f "$DIR"/run/*.pid
  if [ "$MODE" = direct ]; then
    # shellcheck disable=SC2086 # words
    background samba $run
  else
    background samba unshare --user --map-root-user --net bash -c "ip link set lo up
      socat UNIX-LISTEN:$DIR/run/ldaps.sock,fork,mode=600,unlink-early TCP:$IP:636 &
      socat UNIX-LISTEN:$DIR/run/ldap.sock,fork,mode=600,unlink-early TCP:$IP:389 &
      exec $run"
    background socat1 socat "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr,fork" "UNIX-CONNECT:$DIR/run/ldaps.sock"
    background socat2 socat "TCP-LISTEN:$((PORT + 1)),bind=127.0.0.1,reuseaddr,fork" "UNIX-CONNECT:$DIR/run/ldap.sock"
  fi
  for _ in $(seq 1200); do
    ready && return 0
    alive "$DIR/samba.pid" || break
    sleep 0.1
  done
  echo "samba did not come up:" >&2
  tail -20 "$DIR/log/samba.log" >&2
  return 1
}

# ready asks for a verified handshake: a forwarder alone is not enough.
ready() {
  openssl s_client -connect "${URL#ldaps://}" -CAfile "$DIR/ca.pem" -verify_return_error -brief </dev/null >/dev/null 2>&1
}

stop() {
  local f p
  for f in samba socat1 socat2; do
    [ -s "$DIR/$f.pid" ] || continue
    p=$(cat "$DIR/$f.pid")
    if alive "$DIR/$f.pid"; then
      kill -TERM -- "-$p" 2>/dev/null || true # setsid: the process leads its group
      for _ in $(seq 50); do
        alive "$DIR/$f.pid" || break
        sleep 0.1
      done
      kill -KILL -- "-$p" 2>/dev/null || true
      for _ in $(seq 50); do
        alive "$DIR/$f.pid" || break
        sleep 0.1
      done
    fi
    rm -f "$DIR/$f.pid"
  done
}

environment() {
  echo "AD_URL=$URL"
  echo "AD_PLAIN_URL=$PLAIN"
  echo "AD_CA=$DIR/ca.pem"
  echo "AD_BASE_DN=$base"
  echo "AD_BIND_DN=Administrator@$dns"
  echo "AD_BIND_PASSWORD='$PASS'"
}

up() {
  if alive "$DIR/samba.pid"; then
    echo "it is up already" >&2
  else
    [ -e "$DIR/provisioned" ] || provision
    start
  fi
  environment
}

case "${1:-}" in
up) up ;;
down)
  stop
  [ "${2:-}" = --keep ] || wipe
  ;;
reset)
  stop
  wipe
  up
  ;;
run)
  trap 'stop; wipe' EXIT
  trap '' INT TERM
  up
  echo ready
  cat >/dev/null
  ;;
status)
  if alive "$DIR/samba.pid" && ready; then
    echo "up mode=$MODE $URL pid=$(cat "$DIR/samba.pid")"
  else
    echo down
    exit 3
  fi
  ;;
env) environment ;;
*)
  echo "usage: $0 {up|down [--keep]|reset|status|env|run}" >&2
  exit 2
  ;;
esac
