#!/usr/bin/env bash
# HAProxy, which deploy/ has before the Docker socket, for the tests.
#
#   haproxy.sh             installs it once; prints where it is
#   haproxy.sh check       exit code 0 when it is installed
#
# It comes from Debian's package haproxy and the libraries that a small Debian lacks; only the files are taken: nothing is
# installed into the system, and no service starts. base-image.sh makes an image of it. Needs apt-get and dpkg-deb, and no
# root where apt-get has its lists of packages.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

home=$cache/haproxy
program=$home/usr/sbin/haproxy
packages=(haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1)

# A sudo that asks for a password fails at once.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

download() {
  (cd "$1" && apt-get download -q -o Acquire::Retries=3 "${packages[@]}") >&2 2> "$1/said"
}

install() {
  [ ! -x "$program" ] || return 0
  command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null \
    || die "cannot install haproxy without apt-get and dpkg-deb; put the program itself at $program, its libraries below $home/usr/lib"
  mkdir -p "$cache"
  exec 9> "$cache/.lock"
  flock -w 600 9 || die "another installation holds $cache/.lock for 10 minutes; look what it waits for"
  if [ ! -x "$program" ]; then
    echo "fetching haproxy (2 MB) ..." >&2
    local part=$cache/part-$$ package
    mkdir -p "$part"
    download "$part" || { as_root apt-get update -q -o Acquire::Retries=3 >&2 && download "$part"; } \
      || die "apt-get could not download haproxy; run apt-get update. It said: $(tail -n 3 "$part/said")"
    for package in "$part"/*.deb; do dpkg-deb -x "$package" "$part/all"; done
    rm -rf "$home"
    mv "$part/all" "$home"
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
  *)
    die "unknown verb $1; write install or check"
    ;;
esac
