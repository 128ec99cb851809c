#!/usr/bin/env bash
# Installs what some tests need and a plain machine may lack: PostgreSQL's server
# (the store's tests start their own, as an unprivileged user). Debian, as root.
set -euo pipefail
if compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
  echo "PostgreSQL's server is there"
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "run make deps-test as root: it installs the package postgresql" >&2
  exit 1
fi
apt-get update -qq
# Nothing is started: the tests run servers of their own.
DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends postgresql
