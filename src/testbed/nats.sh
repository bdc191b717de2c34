#!/usr/bin/env bash
# A real NATS server with JetStream for the tests.
#
#   nats.sh              installs it once; prints where it is
#   nats.sh check        exit code 0 when it is installed
#   nats.sh run DIR PORT [NAME ROUTE_PORT ROUTE...]
#                        runs a server on 127.0.0.1 in the foreground, with all its files below DIR (streams in
#                        DIR/store); SIGTERM ends it. With a name it is a node of the cluster "testbed": others reach it
#                        at ROUTE_PORT, and it reaches them at the ports ROUTE. What DIR/extra.conf says (users, TLS,
#                        max_payload) holds, too.
#
# It comes from Debian's package nats-server, of which only the program is taken: nothing is installed into the system,
# and no service starts. Needs apt-get and dpkg-deb, and no root where apt-get has its
# lists of packages.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

home=$cache/nats
program=$home/usr/sbin/nats-server

# A sudo that asks for a password fails at once.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

download() {
  (cd "$1" && apt-get download -q -o Acquire::Retries=3 nats-server) >&2 2> "$1/said"
}

install() {
  [ -x "$program" ] && return
  command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null \
    || die "cannot install nats-server without apt-get and dpkg-deb; put the program itself at $program"
  mkdir -p "$cache"
  exec 9> "$cache/.lock"
  flock -w 600 9 || die "another installation holds $cache/.lock for 10 minutes; look what it waits for"
  if [ ! -x "$program" ]; then
    echo "fetching nats-server (4 MB) ..." >&2
    local part=$cache/part-$$
    mkdir -p "$part"
    download "$part" || { as_root apt-get update -q -o Acquire::Retries=3 >&2 && download "$part"; } \
      || die "apt-get could not download nats-server; run apt-get update. It said: $(tail -n 3 "$part/said")"
    dpkg-deb -x "$part"/nats-server_*.deb "$part/nats"
    rm -rf "$home"
    mv "$part/nats" "$home"
    rm -rf "$part"
  fi
  chmod -R a+rX "$home"
  flock -u 9
}

run() {
  local dir port=$2
  mkdir -p "$1"
  dir=$(cd "$1" && pwd)
  shift 2
  {
    echo "listen: \"127.0.0.1:$port\""
    echo "jetstream { store_dir: \"$dir/store\", max_memory_store: 64MB, max_file_store: 64GB }"
    if [ $# -ge 2 ]; then
      echo "server_name: \"$1\""
      echo "cluster { name: testbed, listen: \"127.0.0.1:$2\", routes: ["
      shift 2
      local route
      for route in "$@"; do echo "  \"nats://127.0.0.1:$route\""; done
      echo "] }"
    fi
    [ ! -f "$dir/extra.conf" ] || cat "$dir/extra.conf"
  } > "$dir/nats.conf"
  exec "$program" -c "$dir/nats.conf"
}

case ${1:-install} in
  install)
    install
    echo "$program"
    ;;
  check)
    [ -x "$program" ]
    ;;
  run)
    [ $# -ge 3 ] || die "run DIR PORT [NAME ROUTE_PORT ROUTE...]"
    [ -x "$program" ] || die "not installed; run src/testbed/nats.sh"
    shift
    run "$@"
    ;;
  *)
    die "unknown verb $1; write install, check or run"
    ;;
esac
