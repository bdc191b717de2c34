#!/usr/bin/env bash
# A Lumberjack server that nobody here wrote, for the tests of the beats sink: the one of Apache Camel.
#
#   lumberjack.sh              installs it once, from Maven Central
#   lumberjack.sh check        exit code 0 when it is installed
#   lumberjack.sh run PORT [CERTIFICATE KEY]
#                              runs it on 127.0.0.1 in the foreground, until its standard input ends
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/lumberjack" && pwd)
home=$cache/lumberjack
paths=$home/class-path-4.8.0

install() {
  jars_are_there "$paths" && return
  mkdir -p "$home"
  echo "fetching camel-lumberjack ..." >&2
  maven -f "$here/pom.xml" dependency:build-classpath -Dmdep.outputFile="$paths.part" >&2 \
    || die "cannot fetch camel-lumberjack from Maven Central; what Maven said stands above"
  mv "$paths.part" "$paths"
}

case ${1:-install} in
  install) install ;;
  check) jars_are_there "$paths" ;;
  run)
    jars_are_there "$paths" || die "the Lumberjack server is not installed; run $0"
    shift
    exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$(cat "$paths")" "$here/CamelLumberjack.java" "$@"
    ;;
  *) die "lumberjack.sh knows install, check and run" ;;
esac
