# Sourced by the scripts beside it: where things are kept, which JDK, which Maven.

testbed=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$testbed/../.." && pwd)

# Its find_jdk is the only one; its maven shows progress, which is not wanted here, so one of our own follows.
top=$project
. "$project/src/build/common.sh"
find_jdk
jdk=$JAVA_HOME

# Servers that refuse to run as root must be able to read it, so for root it is not in root's home.
if [ -n "${LOGROUTE_TESTBED:-}" ]; then
  cache=$LOGROUTE_TESTBED
elif [ "$(id -u)" = 0 ]; then
  cache=/var/cache/logroute-testbed
else
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/logroute-testbed
fi

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# Once more where the network failed it; what it has by then it does not fetch again.
maven() {
  "$project/mvnw" -q -B "$@" || "$project/mvnw" -q -B "$@"
}

# Whether the class path in the file $1 can be run. Its jars lie in the local Maven repository, and may be gone from there.
jars_are_there() {
  local jar
  [ -s "$1" ] || return
  while IFS= read -r -d: jar || [ -n "$jar" ]; do
    [ -f "$jar" ] || return
  done < "$1"
}
