# Sourced by the scripts beside it: where things are kept, which JDK, which Maven.

testbed=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$testbed/../.." && pwd)

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

# The first JDK of version 25 or newer: JAVA_HOME, then those under /usr/lib/jvm.
find_jdk() {
  local home major
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    [ -x "$home/bin/javac" ] || continue
    major=$("$home/bin/java" -XshowSettings:properties -version 2>&1 | sed -n 's/.*java\.specification\.version = //p')
    if [ "${major%%.*}" -ge 25 ] 2>/dev/null; then
      echo "$home"
      return
    fi
  done
  die "no JDK 25 or newer; install one, or set JAVA_HOME"
}

maven() {
  JAVA_HOME=$jdk "$project/mvnw" -q -B "$@"
}

jdk=$(find_jdk)
