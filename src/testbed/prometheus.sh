#!/usr/bin/env bash
# A real Prometheus, and its promtool, for the tests.
#
#   prometheus.sh                     installs them once; prints where they are
#   prometheus.sh check               exit code 0 when they are installed
#   prometheus.sh run DIR PORT FILE   runs a server on 127.0.0.1 in the foreground with that configuration, its data below DIR;
#                                     SIGTERM ends it
#   prometheus.sh promtool ARGUMENT...
#
# They come from Debian's package prometheus, of which only the two programs are taken: nothing is installed into the system,
# and no service starts. Needs apt-get and dpkg-deb, and no root where apt-get has its lists of packages.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

home=$cache/prometheus
server=$home/prometheus
tool=$home/promtool

# A sudo that asks for a password fails at once.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

download() {
  (cd "$1" && apt-get download -q -o Acquire::Retries=3 prometheus) >&2 2> "$1/said"
}

installed() {
  [ -x "$server" ] && [ -x "$tool" ]
}

install() {
  ! installed || return 0
  command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null \
    || die "cannot install prometheus without apt-get and dpkg-deb; put the programs prometheus and promtool into $home"
  mkdir -p "$cache"
  exec 9> "$cache/.lock"
  flock -w 600 9 || die "another installation holds $cache/.lock for 10 minutes; look what it waits for"
  if ! installed; then
    echo "fetching prometheus (20 MB) ..." >&2
    local part=$cache/part-$$
    mkdir -p "$part/programs"
    download "$part" || { as_root apt-get update -q -o Acquire::Retries=3 >&2 && download "$part"; } \
      || die "apt-get could not download prometheus; run apt-get update. It said: $(tail -n 3 "$part/said")"
    dpkg-deb -x "$part"/prometheus_*.deb "$part/all"
    mv "$part/all/usr/bin/prometheus" "$part/all/usr/bin/promtool" "$part/programs"
    rm -rf "$home"
    mv "$part/programs" "$home"
    rm -rf "$part"
  fi
  chmod -R a+rX "$home"
  flock -u 9
}

run() {
  local dir=$1 port=$2 file=$3
  mkdir -p "$dir"
  exec "$server" --config.file="$file" --storage.tsdb.path="$dir/data" --web.listen-address="127.0.0.1:$port" \
    --log.level=warn
}

case ${1:-install} in
  install)
    install
    echo "$home"
    ;;
  check)
    installed
    ;;
  run)
    [ $# -eq 4 ] || die "run DIR PORT FILE"
    installed || die "not installed; run src/testbed/prometheus.sh"
    shift
    run "$@"
    ;;
  promtool)
    installed || die "not installed; run src/testbed/prometheus.sh"
    shift
    exec "$tool" "$@"
    ;;
  *)
    die "unknown verb $1; write install, check, run or promtool"
    ;;
esac
