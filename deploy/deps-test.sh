#!/usr/bin/env bash
# Installs what some tests need and a plain machine may lack: PostgreSQL's server and
# Samba (the tests start their own, as an unprivileged user where they can). Debian, as root.
set -euo pipefail
wanted=()
if compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
  echo "PostgreSQL's server is there"
else
  wanted+=(postgresql)
fi
if [ -x /usr/sbin/samba ] && /usr/bin/python3 -c 'import samba.provision' 2>/dev/null && command -v socat openssl unshare ip >/dev/null; then
  echo "Samba is there"
else
  wanted+=(samba samba-ad-provision samba-dsdb-modules openssl socat util-linux iproute2)
fi
if [ ${#wanted[@]} -eq 0 ]; then
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "run make deps-test as root: it installs ${wanted[*]}" >&2
  exit 1
fi
# Nothing is started: the tests run servers of their own. A package asks this file first.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${wanted[@]}"
