#!/usr/bin/env bash
# A real Redis server for the tests.
#
#   redis.sh             installs it once; prints where it is
#   redis.sh check       exit code 0 when it is installed
#   redis.sh exporter    installs prometheus-redis-exporter once; prints where it is
#   redis.sh cli ARG...  redis-cli
#   redis.sh run DIR PORT [sentinel]
#                        runs a server, or a sentinel, on 127.0.0.1 in the foreground, with all its files below DIR;
#                        SIGTERM ends it. What DIR/extra.conf says (password, TLS, appendonly, cluster-enabled, what a
#                        sentinel watches) holds, too. The server keeps nothing over its end unless that says so.
#
# It comes from Debian's package redis-tools, in which the program is server and checker at once; of it and of the
# libraries that it needs only the files are taken: nothing is installed into the system, and no service starts. Needs
# apt-get and dpkg-deb, and no root where apt-get has its lists of packages.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

home=$cache/redis
# One program is server, sentinel and checker, by the name that it is called.
server=$home/redis-server
sentinel=$home/redis-sentinel
cli=$home/redis-cli

# What redis-tools needs that a small Debian lacks.
packages=(redis-tools libjemalloc2 liblzf1 libatomic1)

# A sudo that asks for a password fails at once.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

download() {
  (cd "$1" && apt-get download -q -o Acquire::Retries=3 "${packages[@]}") >&2 2> "$1/said"
}

# What tells Prometheus how a Redis does, from Debian's package of that name, in a folder of its own.
exporter=$cache/redis-exporter/prometheus-redis-exporter

install_exporter() {
  [ ! -x "$exporter" ] || return 0
  packages=(prometheus-redis-exporter)
  mkdir -p "$cache"
  exec 9> "$cache/.lock"
  flock -w 600 9 || die "another installation holds $cache/.lock for 10 minutes; look what it waits for"
  if [ ! -x "$exporter" ]; then
    echo "fetching prometheus-redis-exporter (3 MB) ..." >&2
    local part=$cache/part-$$
    mkdir -p "$part"
    download "$part" || { as_root apt-get update -q -o Acquire::Retries=3 >&2 && download "$part"; } \
      || die "apt-get could not download prometheus-redis-exporter; run apt-get update. It said: $(tail -n 3 "$part/said")"
    dpkg-deb -x "$part"/*.deb "$part/all"
    mkdir -p "${exporter%/*}"
    mv "$part/all/usr/bin/prometheus-redis-exporter" "$exporter"
    rm -rf "$part"
  fi
  chmod -R a+rX "${exporter%/*}"
  flock -u 9
}

install() {
  [ -x "$server" ] && return
  command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null \
    || die "cannot install redis-server without apt-get and dpkg-deb; put the program itself at $server, and redis-cli beside it"
  mkdir -p "$cache"
  exec 9> "$cache/.lock"
  flock -w 600 9 || die "another installation holds $cache/.lock for 10 minutes; look what it waits for"
  if [ ! -x "$server" ]; then
    echo "fetching redis-server (2 MB) ..." >&2
    local part=$cache/part-$$ package
    mkdir -p "$part"
    download "$part" || { as_root apt-get update -q -o Acquire::Retries=3 >&2 && download "$part"; } \
      || die "apt-get could not download redis-tools; run apt-get update. It said: $(tail -n 3 "$part/said")"
    for package in "$part"/*.deb; do dpkg-deb -x "$package" "$part/redis"; done
    ln -s usr/bin/redis-check-rdb "$part/redis/redis-server"
    ln -s usr/bin/redis-check-rdb "$part/redis/redis-sentinel"
    ln -s usr/bin/redis-cli "$part/redis/redis-cli"
    rm -rf "$home"
    mv "$part/redis" "$home"
    rm -rf "$part"
  fi
  chmod -R a+rX "$home"
  flock -u 9
}

with_libraries() {
  local folder
  folder=$(dirname "$(find "$home/usr/lib" -name 'libjemalloc.so*' -print -quit 2> /dev/null)")
  export LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

run() {
  local dir port=$2 mode=${3:-server}
  mkdir -p "$1"
  dir=$(cd "$1" && pwd)
  {
    echo "bind 127.0.0.1"
    echo "port $port"
    echo "dir $dir"
    echo "daemonize no"
    echo 'logfile ""'
    if [ "$mode" = server ]; then
      echo 'save ""'
    fi
    [ ! -f "$dir/extra.conf" ] || cat "$dir/extra.conf"
  } > "$dir/redis.conf.new"
  # A sentinel, and a replica that was promoted, write what they learn into theirs.
  [ "$mode" = sentinel ] && [ -f "$dir/redis.conf" ] || mv "$dir/redis.conf.new" "$dir/redis.conf"
  with_libraries
  if [ "$mode" = sentinel ]; then exec "$sentinel" "$dir/redis.conf"; fi
  exec "$server" "$dir/redis.conf"
}

case ${1:-install} in
  install)
    install
    echo "$server"
    ;;
  check)
    [ -x "$server" ]
    ;;
  exporter)
    install_exporter
    echo "$exporter"
    ;;
  cli)
    [ -x "$cli" ] || die "not installed; run src/testbed/redis.sh"
    shift
    with_libraries
    exec "$cli" "$@"
    ;;
  run)
    [ $# -ge 3 ] || die "run DIR PORT [sentinel]"
    [ -x "$server" ] || die "not installed; run src/testbed/redis.sh"
    shift
    run "$@"
    ;;
  *)
    die "unknown verb $1; write install, check, exporter, cli or run"
    ;;
esac
