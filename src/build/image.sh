#!/bin/sh
# The door of the container image, there as `logroute` on the PATH, too: `train` while it is built, `health` for its health
# check, else java with the arguments.
set -u
top=/app
. /app/common.sh
jar=/app/logroute.jar
aot=/app/logroute.aot
if [ -z "${JAVA_HOME:-}" ]; then
    JAVA_HOME=$(readlink -f "$(command -v java)")
    JAVA_HOME=${JAVA_HOME%/bin/java}
fi
# A router that reads the logs of its node's containers begins as root, with no right but to become another user: it finds
# out which group the socket belongs to, a number that differs from host to host, and goes on as the image's user in it.
if [ -n "${LOGROUTE_DOCKER_SOCKET:-}" ] && [ "$(id -u)" = 0 ]; then
    group=$(stat -c %g "$LOGROUTE_DOCKER_SOCKET" 2>/dev/null) || group=10001
    # By its path: a busybox has one of its own, which cannot, and prefers it.
    for setpriv in /usr/bin/setpriv /bin/setpriv; do
        if [ -x "$setpriv" ] && "$setpriv" --help 2>&1 | grep -q reuid; then
            exec "$setpriv" --reuid 10001 --regid 10001 --groups "$group" sh /app/image.sh "$@"
        fi
    done
    fail "the base image has no setpriv (util-linux), which the source docker needs; take another BASE, or install it"
fi
if [ "${1:-}" = train ]; then
    command -v curl > /dev/null 2>&1 || command -v nc > /dev/null 2>&1 || command -v wget > /dev/null 2>&1 \
        || fail "the base image has neither curl nor nc nor wget, which the health check needs; take another BASE, or install one"
    mkdir -p /app/target
    if train_aot /app/target/train /app/train.yaml; then
        mv "$aot.new" "$aot"
    else
        say "no start-up cache: $(tail -n 3 /app/target/train.log)"
    fi
    rm -rf /app/target "$aot".new*
    exit 0
fi

# Where /q/health answers: LOGROUTE_PORT says it; else what the process was started with: --port, or the port of its role.
health_port() {
    [ -z "${LOGROUTE_PORT:-}" ] || { echo "$LOGROUTE_PORT"; return; }
    role= port= before=
    for word in $(tr '\000 ' '\n_' < /proc/1/cmdline); do
        case $before in
            */logroute.jar | */image.sh) [ -n "$role" ] || role=$word ;;
            --port) port=$word ;;
        esac
        case $word in --port=*) port=${word#--port=} ;; esac
        before=$word
    done
    if [ -z "$port" ]; then
        case $role in router) port=9600 ;; *) port=8080 ;; esac
    fi
    echo "$port"
}

if [ "${1:-}" = health ]; then
    # Whether the process lives, and nothing else: who kills a router because its sink is away gains nothing. Docker wants 0 or 1.
    port=$(health_port)
    if command -v curl > /dev/null 2>&1; then
        curl -fsS -m 5 -o /dev/null "http://127.0.0.1:$port/q/health/live" || exit 1
        exit 0
    fi
    if command -v nc > /dev/null 2>&1; then
        # Plain, for busybox, whose wget does not work everywhere.
        answer=$(printf 'GET /q/health/live HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' | nc -w 5 127.0.0.1 "$port" | head -n 1)
        case $answer in HTTP/1.?' 200'*) exit 0 ;; esac
        say "logroute: 127.0.0.1:$port/q/health/live answers \"$answer\""
        exit 1
    fi
    wget -q -T 5 -O /dev/null "http://127.0.0.1:$port/q/health/live" || exit 1
    exit 0
fi
case ${1:-} in
    run | controller | router) ;;
    # Commands that only answer are over before the second compiler has paid for itself.
    *) java_flags="$java_flags -XX:TieredStopAtLevel=1" ;;
esac
set -- -jar "$jar" "$@"
[ ! -s "$aot" ] || set -- "-XX:AOTCache=$aot" '-Xlog:aot*=off' '-Xlog:cds*=off' "$@"
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" $java_flags ${LOGROUTE_JAVA_OPTS:-} "$@"
