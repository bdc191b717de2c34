#!/bin/sh
# The door of the container image: `train` while it is built, `health` for its health check, else java with the arguments.
set -u
top=/app
. /app/common.sh
jar=/app/logroute.jar
aot=/app/logroute.aot
if [ -z "${JAVA_HOME:-}" ]; then
    JAVA_HOME=$(readlink -f "$(command -v java)")
    JAVA_HOME=${JAVA_HOME%/bin/java}
fi
if [ "${1:-}" = train ]; then
    command -v curl > /dev/null 2>&1 || command -v wget > /dev/null 2>&1 \
        || fail "the base image has neither curl nor wget, which the health check needs; take another BASE, or install one"
    mkdir -p /app/target
    if train_aot /app/target/train /app/train.yaml; then
        mv "$aot.new" "$aot"
    else
        say "no start-up cache: $(tail -n 3 /app/target/train.log)"
    fi
    rm -rf /app/target "$aot".new*
    exit 0
fi
if [ "${1:-}" = health ]; then
    # Whether the process lives, and nothing else: who kills a router because its sink is away gains nothing.
    url=http://127.0.0.1:${LOGROUTE_PORT:-8080}/q/health/live
    if command -v curl > /dev/null 2>&1; then
        exec curl -fsS -m 5 -o /dev/null "$url"
    fi
    exec wget -q -T 5 -O /dev/null "$url"
fi
set -- -jar "$jar" "$@"
[ ! -s "$aot" ] || set -- "-XX:AOTCache=$aot" '-Xlog:aot*=off' '-Xlog:cds*=off' "$@"
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" $java_flags ${LOGROUTE_JAVA_OPTS:-} "$@"
