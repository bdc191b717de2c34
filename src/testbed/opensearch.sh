#!/usr/bin/env bash
# A real OpenSearch for the tests, in a JVM of its own; nothing of it is ever on LogRoute's class path.
#
#   opensearch.sh                 fetches it once; prints where its class path is kept
#   opensearch.sh check           exit code 0 when it is installed
#   opensearch.sh run DIR PORT    runs a node on 127.0.0.1 in the foreground, with all its files below DIR; SIGTERM ends it
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

kept=$cache/opensearch.classpath

install() {
  if [ -f "$kept" ] && [ "$kept" -nt "$testbed/opensearch/pom.xml" ] && jars_are_there "$kept"; then
    return
  fi
  echo "fetching OpenSearch ..." >&2
  mkdir -p "$cache"
  maven -f "$testbed/opensearch/pom.xml" dependency:build-classpath -Dmdep.outputFile="$kept.part" >&2
  mv "$kept.part" "$kept"
}

case ${1:-install} in
  install)
    install
    echo "$kept"
    ;;
  check)
    jars_are_there "$kept"
    ;;
  run)
    [ $# -eq 3 ] || die "run DIR PORT"
    [ -f "$kept" ] || die "not installed; run src/testbed/opensearch.sh"
    mkdir -p "$2"
    cd "$2"
    exec "$jdk/bin/java" -Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$(cat "$kept")" "$testbed/opensearch/RunOpenSearch.java" "$PWD" "$3"
    ;;
  *)
    die "unknown verb $1; write install, check or run"
    ;;
esac
