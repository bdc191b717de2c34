#!/usr/bin/env bash
# libdeflate, which the Beats source uses where it is installed; the tests compare it with the JDK's zlib. Without it that
# test is skipped, or fails where CI is set.
set -euo pipefail

found() {
  PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2> /dev/null | grep 'libdeflate\.so\.0' > /dev/null
}

# A sudo that asks for a password fails at once.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install() {
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get install -y -q -o Acquire::Retries=3 --no-install-recommends libdeflate0 >&2 \
    || { as_root apt-get update -q >&2 && as_root apt-get install -y -q -o Acquire::Retries=3 --no-install-recommends libdeflate0 >&2; }
}

found && exit
echo "installing libdeflate0 ..." >&2
if ! command -v apt-get > /dev/null || ! install || ! found; then
  echo "$(basename "$0"): libdeflate0 could not be installed; install it (Debian: apt-get install libdeflate0)" >&2
  [ -z "${CI:-}" ] || exit 1
fi
