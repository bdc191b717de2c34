#!/usr/bin/env bash
# A real rsyslog for the tests.
#
#   rsyslog.sh            installs it once; prints where it is
#   rsyslog.sh check      exit code 0 when it is installed
#   rsyslog.sh run DIR    runs it in the foreground with DIR/rsyslog.conf; SIGTERM ends it
#
# It comes from Debian's packages, of which only the files are taken: nothing is installed into the system, and no service
# starts. Needs apt-get and dpkg-deb, and no root where apt-get has its lists of packages.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

home=$cache/rsyslog
program=$home/usr/sbin/rsyslogd
packages="rsyslog libestr0 libfastjson4"

# A sudo that asks for a password fails at once.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

download() {
  # shellcheck disable=SC2086 # several words
  (cd "$1" && apt-get download -q -o Acquire::Retries=3 $packages) >&2 2> "$1/said"
}

install() {
  [ -x "$program" ] && return
  command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null \
    || die "cannot install rsyslog without apt-get and dpkg-deb; put its files below $home"
  mkdir -p "$cache"
  exec 9> "$cache/.lock"
  flock -w 600 9 || die "another installation holds $cache/.lock for 10 minutes; look what it waits for"
  if [ ! -x "$program" ]; then
    echo "fetching rsyslog (1 MB) ..." >&2
    local part=$cache/part-$$ deb
    mkdir -p "$part"
    download "$part" || { as_root apt-get update -q -o Acquire::Retries=3 >&2 && download "$part"; } \
      || die "apt-get could not download rsyslog; run apt-get update. It said: $(tail -n 3 "$part/said")"
    for deb in "$part"/*.deb; do dpkg-deb -x "$deb" "$part/files"; done
    rm -rf "$home"
    mv "$part/files" "$home"
    rm -rf "$part"
  fi
  chmod -R a+rX "$home"
  flock -u 9
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
    libraries=$(dirname "$(find "$home" -name 'libfastjson.so.4*' | head -n 1)")
    modules=$(dirname "$(find "$home" -name lmnet.so | head -n 1)")
    LD_LIBRARY_PATH=$libraries exec "$program" -n -M "$modules" -f "$2/rsyslog.conf" -i "$2/rsyslog.pid"
    ;;
  *)
    die "unknown verb $1; look at the head of this file"
    ;;
esac
