#!/usr/bin/env bash
# Runs a command beside a PostgreSQL server, whose address it finds in SHIGU_TEST_POSTGRES: the one that is named there already, or one of
# its own in a temporary folder, by Debian's programs. Where there is none it fails.
set -euo pipefail
if [ -z "${SHIGU_TEST_POSTGRES:-}" ]; then
  bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
  [ -n "$bin" ] || { echo "a PostgreSQL server is needed: apt-get install postgresql, or name one in SHIGU_TEST_POSTGRES" >&2; exit 1; }
  folder=$(mktemp -d)
  # the server refuses to be root
  as() { "$@"; }
  if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as() { runuser -u postgres -- "$@"; }
  fi
  finish() {
    as "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
  }
  trap finish EXIT
  cd "$folder"
  as "$bin/initdb" -D "$folder/data" -U shigu --auth=trust --locale=C.UTF-8 >/dev/null
  as "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w start \
    -o "-c listen_addresses='' -c unix_socket_directories=$folder -c fsync=off -c max_connections=600" >/dev/null \
    || { cat "$folder/log" >&2; exit 1; }
  cd - >/dev/null
  export SHIGU_TEST_POSTGRES="postgres://shigu@/postgres?host=$folder"
fi
# the tests add a schema of their own to its parameters
case "$SHIGU_TEST_POSTGRES" in *\?*) ;; *) SHIGU_TEST_POSTGRES="$SHIGU_TEST_POSTGRES?connect_timeout=5" ;; esac
export SHIGU_TEST_POSTGRES
"$@"
