#!/bin/bash
# ./dev bench: what LogRoute does with a load, and what it costs. Everything stays on loopback; what is started is ended
# by its process id. docs/performance.md says what the figures mean.
set -u
here=$(readlink -f "$0")
top=${here%/src/bench/bench.sh}
. "$top/src/build/common.sh"

work=lumberjack events=3000000 warm=3000000 conns=2 runs=1 level=3 window=2048 verify=true keep=false
routes=1000 rate=50000 gib=20 seconds=10 zlib=false with= bare=false asked=()
usage() {
    cat <<'TXT'
./dev bench [WORK] [OPTION...]

  lumberjack   generator -> Lumberjack -> buffer, synced -> default route -> bulk -> stub (what is meant when nothing is said)
  discard      the same with a sink that keeps nothing: what taking in, syncing and acknowledging cost
  filters      the same into the stub with parse (JSON in a field), set, and drop of every other event
  routes       the same with 1,000 routes by service name (--routes N) in place of one
  sinks        the same with two sinks that each get everything
  rate         the same at 50,000 events a second offered (--rate N): latency of acknowledgements
  chatty       500 connections with windows of one event
  backlog      fills the buffer while the stub is away (--gib N, 20), then opens it again and drains it
  drain        fills the buffer of a router of a fleet while the stub is away (--gib N, 5), starts it again and waits until all
               is delivered: once while it serves, once while it drains, to its word that nothing is left
  all          one after the other, but for backlog, drain, jetstream, sources and controller
  start        from the start of the JVM to ready to accept: CPU seconds and wall seconds
  stub         generator -> bulk -> stub, without a router: what the receiver itself can take
  jetstream    records into the buffer on disk, the buffer on NATS JetStream, and by a plain JetStream publisher, on one
               server and on three (--seconds N for each, 10)
  sources      the works of sources other than beats, one after the other: redis, relay, nats, docker, fluent
  redis        written by the sink and taken by the source -> buffer, synced -> bulk -> stub (--events N, 1000000 there)
  relay        the same as a LogRelay has it: events say where they come from, and are counted; both ends together, too
  nats         a stream of NATS JetStream, full before: read by a plain client of jnats, and by a router's source ->
               buffer, synced -> acknowledged -> nothing (--events N, 1000000 there; --warm N, 1000000)
  docker       20 containers of a stub of Docker -> source docker -> buffer, synced -> nothing, at 50,000 lines a second
               (--rate N; 0: as fast as it goes)
  fluent       generator -> Forward protocol, in PackedForward chunks with acknowledgements -> buffer, synced -> default
               route -> bulk -> stub; with --level N CompressedPackedForward
  controller   a controller at a simulated swarm of 1,000 services and 200 configs: what a pass costs that has
               nothing to do, and how long a changed label takes to the router

  --events N   events measured, a multiple of connections x window is taken (3000000; discard 6000000)
  --warm N     events before that, not measured (3000000; discard 10000000, which take as long):
               the JVM has compiled then most of what it will
  --with NAME  filters only: one filter more in the route, dissect (six fields), grok (a combined access
               log), cel (a condition that never holds) or redact (three patterns). The same events go
               through the route without it first; what it costs on top is told
  --conns N    connections (2)
  --window N   events in a window (2048)
  --level N    zlib level, 0 for none (3; fluent 0)
  --runs N     how often (1)
  --no-libdeflate  inflates with the JDK's zlib also where libdeflate is installed
  --no-verify  the stub counts only, and costs less CPU; exactly-once is not told then
  --keep       leaves logs and data in target/bench/run
TXT
}
while [ $# -gt 0 ]; do
    case $1 in
        lumberjack | discard | filters | routes | sinks | rate | chatty | backlog | drain | all | start | stub | jetstream | sources | redis | relay | nats | docker | fluent | controller) work=$1 ;;
        --events | --warm | --conns | --window | --level | --runs | --routes | --rate | --gib | --seconds)
            asked+=("$1" "${2:-}")
            [[ ${2:-} =~ ^[0-9]+$ ]] || { say "bench: $1 needs a number"; exit 2; }
            declare "${1#--}=$2"
            shift
            ;;
        --with)
            case ${2:-} in dissect | grok | cel | redact) with=$2 ;; *) say "bench: --with takes dissect, grok, cel or redact"; exit 2 ;; esac
            asked+=("$1" "$2")
            shift
            ;;
        --no-verify) verify=false asked+=("$1") ;;
        --no-libdeflate) zlib=true asked+=("$1") ;;
        --keep) keep=true ;;
        -h | --help) usage; exit 0 ;;
        *) say "bench: there is no \"$1\"."; usage >&2; exit 2 ;;
    esac
    shift
done
if [ "$work" = all ]; then
    failed=0
    for each in discard lumberjack filters routes sinks rate chatty; do
        "$here" "$each" "${asked[@]}" || failed=1
    done
    exit "$failed"
fi
# Works of sources other than beats; each is a function further down, from_ and its name.
sources=(redis relay nats docker fluent)
if [ "$work" = sources ]; then
    failed=0
    for each in "${sources[@]}"; do
        "$here" "$each" "${asked[@]}" || failed=1
    done
    exit "$failed"
fi
is_source() { case " ${sources[*]} " in *" $work "*) return 0 ;; esac; return 1; }
given() { case " ${asked[*]} " in *" $1 "*) return 0 ;; esac; return 1; }
if [ "$work" = chatty ]; then
    given --conns || conns=500
    given --window || window=1
    given --events || events=400000
    given --warm || warm=400000
fi
if [ "$work" = discard ]; then
    given --events || events=6000000
    given --warm || warm=10000000
fi
if [ "$work" = fluent ]; then
    given --level || level=0
elif is_source && [ "$work" != docker ]; then
    given --events || events=1000000
    given --warm || warm=1000000
fi
if [ "$work" = rate ]; then
    given --events || events=1500000
fi
if [ "$work" = drain ]; then
    given --gib || gib=5
fi
[ -z "$with" ] || [ "$work" = filters ] || fail "--with goes with the work filters"
[ "$work" != filters ] || verify=false
[ "$work" != sinks ] || verify=false
[ "$work" != redis ] || verify=false
[ "$work" != relay ] || verify=false
command -v curl > /dev/null || fail "bench needs curl; install it (Debian: apt-get install curl)"

events=$((events / conns / window * conns * window))
[ "$events" -gt 0 ] || fail "--events is less than --conns x --window; give at least $((conns * window))"
warm=$((warm / conns / window * conns * window))

out=$top/target/bench/run
classes=$top/target/bench/classes
ticks=$(getconf CLK_TCK)
stub_pid= router_pid= gen_pid= crowd_pid= redis_pid= nats_pids=()

end() { # process id: asks it to end, waits at most 15 s, then makes it
    [ -n "$1" ] || return 0
    kill -TERM "$1" 2>/dev/null
    for _ in {1..150}; do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}
cleanup() {
    trap - EXIT
    end "$gen_pid"
    end "$router_pid"
    end "$stub_pid"
    end "$crowd_pid"
    end "$redis_pid"
    for each in "${nats_pids[@]}"; do end "$each"; done
    [ "$keep" = true ] || rm -rf "$out"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
give_up() {
    say "bench: $1"
    keep=true
    [ ! -s "$out/router.log" ] || { say "The router's last lines:"; tail -n 15 "$out/router.log" >&2; }
    say "Logs: $out"
    exit 1
}

cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat" 2>/dev/null; }
status_kb() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status" 2>/dev/null; }
field() { sed -n 's/.*"'"$1"'":\([0-9.-]*\).*/\1/p'; }
stats() { curl -s -m 5 "http://127.0.0.1:$stub_port/__stats"; }
millis() { date +%s%3N; }

# Waits until the command holds, at most so many seconds, as long as the process lives.
await() { # seconds, process id, command...
    local until=$(($(now) + $1)) pid=$2
    shift 2
    until "$@"; do
        kill -0 "$pid" 2>/dev/null || return 1
        [ "$(now)" -lt "$until" ] || return 1
        sleep 0.05
    done
}
stub_answers() { [ -n "$(stats)" ]; }
stub_has() { [ "$(stats | field docs)" -ge "$1" ] 2>/dev/null; }
router_ready() { [ "$(curl -s -o /dev/null -m 2 -w '%{http_code}' "http://127.0.0.1:$rest_port/q/health/ready")" = 200 ]; }

router_lives() { [ "$(curl -s -o /dev/null -m 2 -w '%{http_code}' "http://127.0.0.1:$rest_port/q/health/live")" = 200 ]; }
# What it says of itself when nothing is left, and when all is delivered.
drained() { [ "$(meter logroute_draining)" = 1 ] && delivered; }
delivered() { [ "$(meter logroute_buffer_events)" = 0 ] && stub_has "$events"; }

java() { exec "$JAVA_HOME/bin/java" "$@"; }

start_stub() {
    local proof=()
    [ "$verify" = false ] || proof=(--verify "$events")
    java -Xms1g -Xmx1g -XX:+UseParallelGC -cp "$classes" bench.EsStub --port "$stub_port" "${proof[@]}" > "$out/stub.log" 2>&1 &
    stub_pid=$!
    await 20 "$stub_pid" stub_answers || give_up "the stub did not start; see $out/stub.log"
}

# The specs of this work: the ones of the plain work, changed or added to.
write_specs() {
    local specs="$out/logroute.yaml" plain="$top/src/bench/logroute.yaml"
    case $work in
        discard) sed -e '/^  elasticsearch:/,/^    ids:/d' -e 's/^metadata: { name: stub }/&/' "$plain" \
            | awk '/^metadata: { name: stub }/ { print; getline; print; print "  discard: {}"; next } { print }' > "$specs" ;;
        filters) awk -v more="$(one_more)" '/^  to: \[stub\]/ {
                print "  filters:"
                print "    - parse: { json: { field: msg } }"
                print "    - set: { fields: { env: bench } }"
                if (more != "") print "    - " more
                print "    - drop: { when: \"event.odd == 1\" }"
            } { print }' "$plain" > "$specs" ;;
        routes) {
                sed '/^kind: LogRoute$/,$d' "$plain" | sed '$d'
                i=0
                for service in $services; do
                    i=$((i + 1))
                    named_route "r$i" "$service"
                done
                while [ "$i" -lt "$routes" ]; do
                    i=$((i + 1))
                    named_route "r$i" "team$((i % 50))_service$i"
                done
            } > "$specs" ;;
        sinks) {
                sed 's/^  to: \[stub\]/  to: [stub, stub2]/' "$plain"
                echo ---
                sed -n '/^kind: LogSink$/,/^---/p' "$plain" | sed -e '1i apiVersion: logroute/v1' -e 's/name: stub /name: stub2 /' -e 's/"bench-/"copy-/' -e '/^---/d'
            } > "$specs" ;;
        docker) sed -e '/^  elasticsearch:/,/^    ids:/d' -e 's#^    - beats: .*#    - docker: { host: "tcp://127.0.0.1:@BEATS@" }#' "$plain" \
            | awk '/^metadata: { name: stub }/ { print; getline; print; print "  discard: {}"; next } { print }' > "$specs" ;;
        fluent) sed 's/^    - beats: /    - fluent: /' "$plain" > "$specs" ;;
        backlog | drain) sed 's/maxBytes: 4GiB/maxBytes: '"$((gib + 8))"'GiB/' "$plain" > "$specs" ;;
        *) cp "$plain" "$specs" ;;
    esac
    sed -i -e "s/@BEATS@/$beats_port/" -e "s/@STUB@/$stub_port/" "$specs"
}
# The filter that --with asks for, and the messages that it is for.
one_more() {
    [ "$bare" = false ] || return 0
    case $with in
        dissect) echo 'parse: { dissect: { field: line, pattern: "%{verb} %{item} %{code} %{size} %{took} %{client}" } }' ;;
        grok) echo 'parse: { grok: { field: line, patterns: ["%{COMBINEDAPACHELOG}"] } }' ;;
        cel) echo "drop: { when: \"event.status == 418 && event.method in ['PATCH', 'GET']\" }" ;;
        redact) echo 'redact: { fields: [line], patterns: [email, card, ip] }' ;;
    esac
}
messages() {
    case $with in
        dissect) echo parts ;;
        grok) echo access ;;
        redact) echo secrets ;;
        *) echo json ;;
    esac
}
named_route() { # name, service
    printf -- '---\napiVersion: logroute/v1\nkind: LogRoute\nmetadata: { name: %s }\nspec: { router: bench, match: { service: [%s] }, to: [stub] }\n' "$1" "$2"
}

start_router() {
    write_specs
    [ "${again:-false}" = true ] || rm -rf "$out/data"
    local began
    began=$(millis)
    [ "$zlib" = false ] || export LOGROUTE_JAVA_OPTS="${LOGROUTE_JAVA_OPTS:-} -Dlogroute.libdeflate=false"
    "$top/logroute" run "$out/logroute.yaml" --port "$rest_port" --data "$out/data" > "$out/router.log" 2>&1 < /dev/null &
    router_pid=$!
    await 60 "$router_pid" router_ready || give_up "the router was not ready within 60 s"
    ready_cpu=$(cpu_ticks "$router_pid")
    ready_ms=$(($(millis) - began))
}

# The same as one instance of a fleet. Its management is open to those with the key.
start_instance() { # serve | drain
    write_specs
    mkdir -p "$out/drain"
    "$JAVA_HOME/bin/javac" -nowarn -proc:none -Xlint:none -cp "$jar" -d "$out/drain" \
        "$top/src/test/java/io/logroute/testbed/Mounted.java" 2> "$out/javac.log" \
        || give_up "what mounts the pipeline does not compile; see $out/javac.log"
    local revision
    revision=$(java -cp "$out/drain:$jar" io.logroute.testbed.Mounted "$out/logroute.yaml" bench "$out/mounted" 2> "$out/mount.log") \
        || give_up "the pipeline was not made; see $out/mount.log"
    mkdir -p "$out/data/routers/bench"
    rm -f "$out/data/routers/bench/order"
    [ "$1" = serve ] || echo "logroute-order 1 $1" > "$out/data/routers/bench/order"
    "$top/logroute" router --router bench --instance 0 --revision "$revision" --generation 1 --pipeline "$out/mounted" \
        --data "$out/data" --host 127.0.0.1 --port "$rest_port" > "$out/router.log" 2>&1 < /dev/null &
    router_pid=$!
    await 60 "$router_pid" router_lives || give_up "the router did not start within 60 s"
}

# Sends so many events and waits until the stub has them; the generator's line lands in $out/gen.json.
load() { # events, warm or measured
    local proto=lumberjack port=$beats_port
    [ "$work" != stub ] || { proto=bulk; port=$stub_port; }
    [ "$work" != fluent ] || proto=forward
    curl -s -m 5 -X POST "http://127.0.0.1:$stub_port/__reset" > /dev/null
    local more=()
    [ "$work" != filters ] || more=(--msg "$(messages)")
    [ "$work $2" != "rate measured" ] || more=(--rate "$rate")
    java -Xmx3g -XX:+UseParallelGC -cp "$classes" bench.LoadGen --proto "$proto" --port "$port" --conns "$conns" --events "$1" \
        --batch "$window" --level "$level" --timeout 600 "${more[@]}" > "$out/gen.json" 2> "$out/gen.log" &
    gen_pid=$!
    wait "$gen_pid"
    local code=$?
    gen_pid=
    [ "$code" -eq 0 ] || give_up "the generator was not acknowledged for all: $(cat "$out/gen.json" "$out/gen.log")"
    expected=$1
    case $work in
        filters) expected=$(($1 / 2)) ;;
        sinks) expected=$(($1 * 2)) ;;
        discard | backlog | drain) sleep 1; return ;;
    esac
    await 300 "${router_pid:-$stub_pid}" stub_has "$expected" || give_up "the stub has not all events after 300 s: $(stats)"
    # What comes now would be duplicates.
    sleep 1
}

per() { LC_ALL=C awk -v a="$1" -v b="$2" -v d="$3" 'BEGIN { printf("%." d "f", (b > 0 ? a / b : 0)) }'; }
row() { printf '  %-34s %s\n' "$1" "$2"; }

report() { # number of the run
    local told gen
    told=$(stats)
    gen=$(cat "$out/gen.json")
    local docs last start
    docs=$(field docs <<< "$told")
    last=$(field last_ms <<< "$told")
    start=$(field start_ms <<< "$gen")
    echo
    echo "$work${with:+$([ "$bare" = true ] && echo " without $with" || echo " with $with")}, run $1 of $runs: $conns connections, window $window, zlib $level"
    row "events" "$events"
    if [ "$work" = discard ]; then
        row "events a second" "$(field eps <<< "$gen")"
    elif [ "$verify" = true ]; then
        local missing duplicates
        missing=$(field missing <<< "$told")
        duplicates=$(field duplicates <<< "$told")
        if [ "$missing $duplicates $docs" = "0 0 $events" ]; then
            row "exactly once" "yes"
        else
            row "exactly once" "NO: $missing missing, $duplicates duplicates, $(field strange <<< "$told") without a number"
            all_well=1
        fi
    elif [ "$docs" -ne "$expected" ]; then
        row "documents at the stub" "NO: $docs, not $expected"
        all_well=1
    else
        row "documents at the stub" "$docs, as many as should be"
    fi
    [ "$work" = discard ] || row "events a second" "$(per "$((events * 1000))" "$((last - start))" 0)"
    row "acknowledged after, p50 / p99" "$(field ack_ms_p50 <<< "$gen") / $(field ack_ms_p99 <<< "$gen") ms"
    row "sent again" "$(field resent <<< "$gen")"
    [ -z "$router_pid" ] || row "router CPU, s per million events" "$(per "$((router_after - router_before))e6" "$((ticks * events))" 2)"
    row "stub CPU, s per million events" "$(per "$((stub_after - stub_before))e6" "$((ticks * events))" 2)"
    row "generator CPU, s per million events" "$(per "$(field cpu_s <<< "$gen")e6" "$events" 2)"
    [ -z "$router_pid" ] || row "router memory, now / highest" "$(($(status_kb "$router_pid" VmRSS) / 1024)) / $(($(status_kb "$router_pid" VmHWM) / 1024)) MB"
}

# Fills the buffer while the stub is away, and has it delivered by an instance that serves, then by one that drains.
drain() {
    local each=$((2000000 / conns / window * conns * window)) how first bytes begun took cpu told
    for how in serve drain; do
        [ -z "$stub_pid" ] || end "$stub_pid"
        stub_pid=
        rm -rf "$out/data"
        start_instance serve
        await 60 "$router_pid" router_ready || give_up "the router was not ready within 60 s"
        first=0 bytes=0
        while [ "$bytes" -lt $((gib << 30)) ]; do
            java -Xmx3g -XX:+UseParallelGC -cp "$classes" bench.LoadGen --port "$beats_port" --conns "$conns" --events "$each" \
                --first "$first" --batch "$window" --level "$level" --timeout 600 > "$out/gen.json" 2> "$out/gen.log" &
            gen_pid=$!
            wait "$gen_pid" || give_up "the generator was not acknowledged for all: $(cat "$out/gen.json" "$out/gen.log")"
            first=$((first + each))
            gen_pid=
            bytes=$(du -sb "$out/data/routers/bench/buffer" | cut -f1)
        done
        end "$router_pid"
        events=$first
        start_stub
        begun=$(millis)
        start_instance "$how"
        await 900 "$router_pid" "$([ "$how" = serve ] && echo delivered || echo drained)" \
            || give_up "not all is delivered after 900 s: $(stats)"
        took=$(($(millis) - begun))
        cpu=$(cpu_ticks "$router_pid")
        told=$(stats)
        [ "$how" = drain ] || echo
        [ "$how" = drain ] || echo "drain: $(per "$bytes" $((1 << 30)) 2) GiB in $events events, from the start of the router"
        row "$([ "$how" = serve ] && echo serving || echo draining)" \
            "$(per "$took" 1000 1) s, $(per "$bytes" $((took * 1000)) 0) MB/s, CPU $(per "${cpu}e6" "$((ticks * events))" 2) s per million events"
        if [ "$(field missing <<< "$told") $(field duplicates <<< "$told")" != "0 0" ]; then
            row "exactly once" "NO: $(field missing <<< "$told") missing, $(field duplicates <<< "$told") duplicates"
            all_well=1
        fi
        end "$router_pid"
        router_pid=
    done
}

# Fills the buffer while the stub is away, opens it again, and drains it.
backlog() {
    end "$stub_pid"
    stub_pid=
    local each=$((8000000 / conns / window * conns * window)) bytes=0 first=0
    start_router
    while [ "$bytes" -lt $((gib << 30)) ]; do
        java -Xmx3g -XX:+UseParallelGC -cp "$classes" bench.LoadGen --port "$beats_port" --conns "$conns" --events "$each" \
            --first "$first" --batch "$window" --level "$level" --timeout 600 > "$out/gen.json" 2> "$out/gen.log" &
        gen_pid=$!
        wait "$gen_pid" || give_up "the generator was not acknowledged for all: $(cat "$out/gen.json" "$out/gen.log")"
        first=$((first + each))
        gen_pid=
        bytes=$(du -sb "$out/data/routers/bench/buffer" | cut -f1)
    done
    local before
    before=$(($(status_kb "$router_pid" VmHWM) / 1024))
    end "$router_pid"
    events=$first
    start_stub
    again=true
    start_router
    again=false
    local begun ended cpu
    begun=$(millis)
    cpu=$(cpu_ticks "$router_pid")
    await 900 "$router_pid" stub_has "$events" || give_up "the stub has not all events after 900 s: $(stats)"
    ended=$(millis)
    cpu=$(($(cpu_ticks "$router_pid") - cpu))
    local told
    told=$(stats)
    echo
    echo "backlog: $(per "$bytes" $((1 << 30)) 1) GiB in $events events"
    if [ "$(field missing <<< "$told") $(field duplicates <<< "$told")" = "0 0" ]; then
        row "exactly once" "yes"
    else
        row "exactly once" "NO: $(field missing <<< "$told") missing, $(field duplicates <<< "$told") duplicates"
        all_well=1
    fi
    row "start to ready with the backlog" "$(per "$ready_ms" 1000 2) s, of which CPU $(per "$ready_cpu" "$ticks" 2) s"
    row "drained, events a second" "$(per "$((events * 1000))" "$((ended - begun))" 0)"
    row "router CPU, s per million events" "$(per "${cpu}e6" "$((ticks * events))" 2)"
    row "router memory, filling / draining" "$before / $(($(status_kb "$router_pid" VmHWM) / 1024)) MB"
    end "$router_pid"
    router_pid=
}

# ---- controller

crowd() { curl -s -m 70 "http://127.0.0.1:$crowd_port/$1"; }
crowd_is_there() { [ -s "$out/crowd.url" ]; }
# Something that the controller counts, summed over its labels.
meter() { # name, and what must stand in the line
    curl -s -m 5 "http://127.0.0.1:$rest_port/metrics" | awk -v name="$1" -v has="${2:-}" \
        'index($0, name) == 1 && index($0, has) { sum += $NF } END { printf "%d", sum }'
}
settled() { [ "$(meter logroute_passes_total '"settled"')" -gt "$1" ] 2> /dev/null; }
rests() { # it made no pass for two seconds
    local before
    before=$(meter logroute_passes_total)
    sleep 2
    [ "$before" = "$(meter logroute_passes_total)" ]
}

# So many passes with nothing to do, one after the other.
idle_passes() {
    for _ in $(seq "$1"); do
        local before
        before=$(meter logroute_passes_total '"settled"')
        crowd ring > /dev/null
        await 30 "$router_pid" settled "$before" || give_up "no pass came of an event within 30 s"
    done
}

controller() {
    mkdir -p "$out/crowd"
    "$JAVA_HOME/bin/javac" -nowarn -proc:none -Xlint:none -cp "$jar" -d "$out/crowd" \
        "$top"/src/test/java/io/logroute/testbed/{Crowd,CrowdServer,SimulatedSwarm,SimulatedRouter}.java 2> "$out/javac.log" \
        || give_up "the simulated swarm does not compile; see $out/javac.log"
    # Routers are found by name at port 9600: this one has an address of its own.
    local at=127.96.$((RANDOM % 250 + 1)).$((RANDOM % 250 + 1))
    echo "$at logroute_core-0" > "$out/hosts"
    java -Xmx512m -XX:+UseSerialGC -cp "$out/crowd:$jar" io.logroute.testbed.CrowdServer "$at" 9600 > "$out/crowd.url" 2> "$out/crowd.log" &
    crowd_pid=$!
    await 30 "$crowd_pid" crowd_is_there || give_up "the simulated swarm did not start; see $out/crowd.log"
    local docker
    read -r docker crowd_port < "$out/crowd.url"
    mkdir -p "$out/data"
    LOGROUTE_JAVA_OPTS="${LOGROUTE_JAVA_OPTS:-} -Djdk.net.hosts.file=$out/hosts" "$top/logroute" controller --docker "$docker" \
        --data "$out/data" --image logroute:bench --host 127.0.0.1 --port "$rest_port" > "$out/router.log" 2>&1 < /dev/null &
    router_pid=$!
    await 300 "$router_pid" settled 0 || give_up "the controller did not settle within 300 s"
    await 60 "$router_pid" rests || give_up "the controller makes passes with nothing to do"
    idle_passes 30
    await 60 "$router_pid" rests || give_up "the controller makes passes with nothing to do"

    # What looking at the router each second costs is not of the passes.
    local cpu asked looking counted count=20
    cpu=$(cpu_ticks "$router_pid")
    sleep 10
    looking=$(($(cpu_ticks "$router_pid") - cpu))
    cpu=$(cpu_ticks "$router_pid")
    asked=$(crowd requests)
    counted=$(meter logroute_passes_total)
    local begun
    begun=$(millis)
    idle_passes "$count"
    cpu=$(($(cpu_ticks "$router_pid") - cpu - looking * ($(millis) - begun) / 10000))
    asked=$(($(crowd requests) - asked))
    counted=$(($(meter logroute_passes_total) - counted))

    local changes=()
    for _ in 1 2 3 4 5; do
        changes+=("$(crowd relabel)")
        await 60 "$router_pid" rests || give_up "the controller does not settle after a change"
    done
    echo
    echo "controller, run $run of $runs: 1,000 services, 300 of them labelled, 200 configs; 489 routes, 10 broken ones"
    row "idle passes" "$counted"
    row "CPU of an idle pass" "$(per "$cpu" "$((ticks * counted))" 3) s"
    row "Docker requests of an idle pass" "$(per "$asked" "$counted" 1)"
    row "CPU between passes, a second" "$(per "$looking" "$((ticks * 10))" 3) s"
    row "label changed to pipeline running" "${changes[*]} ms"
    "$JAVA_HOME/bin/jcmd" "$router_pid" GC.run > /dev/null
    row "heap after a collection" "$(($(meter jvm_memory_used_bytes 'area="heap"') >> 20)) MB"
    row "memory, now / highest" "$(($(status_kb "$router_pid" VmRSS) / 1024)) / $(($(status_kb "$router_pid" VmHWM) / 1024)) MB"
    for change in "${changes[@]}"; do
        [ "$change" != never ] || all_well=1
    done
    end "$router_pid"
    router_pid=
    end "$crowd_pid"
    crowd_pid=
}

# ---- redis

redis_answers() { [ "$("$top/src/testbed/redis.sh" cli -p "$1" ping 2> /dev/null)" = PONG ]; }
from_redis() { through_redis entries stream list; }
from_relay() { through_redis relay; }
through_redis() { # forms
    "$top/src/testbed/redis.sh" install > /dev/null
    mkdir -p "$out/redis-bench" "$out/redis"
    "$JAVA_HOME/bin/javac" -nowarn -proc:none -Xlint:none -cp "$jar" -d "$out/redis-bench" \
        "$top"/src/test/java/io/logroute/router/RedisBench.java 2> "$out/javac.log" \
        || give_up "the bench of Redis does not compile; see $out/javac.log"
    local port
    port=$("$JAVA_HOME/bin/java" -cp "$classes" bench.FreePorts 1)
    "$top/src/testbed/redis.sh" run "$out/redis" "$port" > "$out/redis.log" 2>&1 &
    redis_pid=$!
    await 20 "$redis_pid" redis_answers "$port" || give_up "Redis did not start; see $out/redis.log"
    echo
    echo "$work, run $run of $runs: $events events of 514 bytes, in Redis and out of it"
    "$JAVA_HOME/bin/java" $gc_flags -Xmx512m -XX:MaxDirectMemorySize=256m -cp "$out/redis-bench:$jar" \
        io.logroute.router.RedisBench "$out/data" "$port" "$redis_pid" "$stub_port" "$events" "$@" \
        2> "$out/redis-bench.log" || give_up "it failed; see $out/redis-bench.log"
    end "$redis_pid"
    redis_pid=
}

# ---- fluent

from_fluent() { measure; }

# ---- docker

received() { [ "$(meter logroute_received_events_total)" -ge "$1" ] 2> /dev/null; }
docker_answers() { [ "$(curl -s -m 2 "http://127.0.0.1:$beats_port/_ping")" = OK ]; }
from_docker() {
    local containers=20
    java -Xmx512m -cp "$classes" bench.DockerStub "$beats_port" "$containers" "$rate" "$events" > "$out/stub.log" 2>&1 &
    stub_pid=$!
    await 20 "$stub_pid" docker_answers || give_up "the stub of Docker did not start; see $out/stub.log"
    start_router
    local begun ended cpu first
    first=$(meter logroute_received_events_total)
    begun=$(millis)
    cpu=$(cpu_ticks "$router_pid")
    await 600 "$router_pid" received $((events / containers * containers)) || give_up "not all lines came within 600 s"
    ended=$(millis)
    cpu=$(($(cpu_ticks "$router_pid") - cpu))
    sleep 1
    echo
    echo "docker, run $run of $runs: $containers containers, $rate lines a second offered"
    row "lines" "$(meter logroute_received_events_total) of $((events / containers * containers))"
    received $((events / containers * containers + 1)) && { row "exactly once" NO; all_well=1; }
    row "lines a second" "$(per "$(((events - first) * 1000))" "$((ended - begun))" 0)"
    row "router CPU, s per million lines" "$(per "${cpu}e6" "$((ticks * (events - first)))" 2)"
    row "router memory, now / highest" "$(($(status_kb "$router_pid" VmRSS) / 1024)) / $(($(status_kb "$router_pid" VmHWM) / 1024)) MB"
    end "$router_pid"
    router_pid=
    end "$stub_pid"
    stub_pid=
}

# ---- jetstream

nats_answers() { # port
    local told
    { exec 3<> "/dev/tcp/127.0.0.1/$1"; } 2> /dev/null || return 1
    read -r -t 2 told <&3
    exec 3>&-
    [[ $told == INFO* ]]
}
# Servers of NATS, by the script of the tests; their URLs in `urls`.
start_nats() { # how many
    local found i node
    mapfile -t found < <("$JAVA_HOME/bin/java" -cp "$classes" bench.FreePorts $((2 * $1)))
    urls=()
    nats_pids=()
    for ((i = 0; i < $1; i++)); do
        node=()
        [ "$1" -eq 1 ] || node=("n$i" "${found[$(($1 + i))]}" "${found[@]:$1}")
        "$top/src/testbed/nats.sh" run "$out/nats-$1-$i" "${found[$i]}" "${node[@]}" > "$out/nats-$1-$i.log" 2>&1 &
        nats_pids+=($!)
        urls+=("nats://127.0.0.1:${found[$i]}")
    done
    for ((i = 0; i < $1; i++)); do
        await 20 "${nats_pids[$i]}" nats_answers "${found[$i]}" || give_up "a NATS server did not start; see $out/nats-$1-$i.log"
    done
    sleep 5 # until they have a leader
}
jetstream() {
    "$top/src/testbed/nats.sh" install > /dev/null
    mkdir -p "$out/js"
    "$JAVA_HOME/bin/javac" -nowarn -proc:none -Xlint:none -cp "$jar" -d "$out/js" \
        "$top"/src/test/java/io/logroute/buffer/jetstream/JetStreamBench.java 2> "$out/javac.log" \
        || give_up "the bench of the buffers does not compile; see $out/javac.log"
    local count each
    for count in 1 3; do
        start_nats "$count"
        "$JAVA_HOME/bin/java" $gc_flags -Xmx512m -XX:MaxDirectMemorySize=256m -cp "$out/js:$jar" \
            io.logroute.buffer.jetstream.JetStreamBench "$out/js-$count" "$count" "$seconds" "${urls[@]}" \
            2> "$out/js.log" || give_up "it failed; see $out/js.log"
        for each in "${nats_pids[@]}"; do end "$each"; done
        nats_pids=()
        rm -rf "$out"/nats-* "$out/js-$count"
    done
}

# ---- nats

nats_spec() { # streams
    printf 'apiVersion: logroute/v1\nkind: LogRouter\nmetadata: { name: bench }\nspec:\n  buffer: { maxBytes: 8GiB }\n  sources:\n'
    for each in "$@"; do printf '    - nats: { servers: ["%s"], jetstream: %s }\n' "${urls[0]}" "$each"; done
    printf -- '---\napiVersion: logroute/v1\nkind: LogSink\nmetadata: { name: nothing }\nspec: { discard: {} }\n'
    printf -- '---\napiVersion: logroute/v1\nkind: LogRoute\nmetadata: { name: all }\nspec: { router: bench, default: true, to: [nothing] }\n'
}
nats_bench() { "$JAVA_HOME/bin/java" $gc_flags -Xmx512m -cp "$out/js:$jar" io.logroute.parts.nats.NatsBench "$@" 2>> "$out/nats.log"; }
from_nats() {
    "$top/src/testbed/nats.sh" install > /dev/null
    mkdir -p "$out/js"
    "$JAVA_HOME/bin/javac" -nowarn -proc:none -Xlint:none -cp "$jar" -d "$out/js" \
        "$top"/src/test/java/io/logroute/parts/nats/NatsBench.java 2> "$out/javac.log" \
        || give_up "the bench of NATS does not compile; see $out/javac.log"
    start_nats 1
    nats_bench fill "${urls[0]}" WARM "$warm" || give_up "the stream could not be filled; see $out/nats.log"
    nats_bench fill "${urls[0]}" BENCH "$events" || give_up "the stream could not be filled; see $out/nats.log"
    nats_bench plain "${urls[0]}" WARM "$warm" > /dev/null
    nats_bench plain "${urls[0]}" BENCH "$events" > "$out/plain.json" || give_up "the plain client failed; see $out/nats.log"
    nats_spec WARM > "$out/logroute.yaml"
    "$top/logroute" run "$out/logroute.yaml" --port "$rest_port" --data "$out/data" > "$out/router.log" 2>&1 < /dev/null &
    router_pid=$!
    await 60 "$router_pid" router_ready || give_up "the router was not ready within 60 s"
    nats_bench watch "${urls[0]}" WARM "$warm" > /dev/null || give_up "the router did not read the stream; see $out/nats.log"
    nats_spec WARM BENCH > "$out/changed.yaml" # the router reads specs again when they change
    router_before=$(cpu_ticks "$router_pid")
    mv "$out/changed.yaml" "$out/logroute.yaml"
    nats_bench watch "${urls[0]}" BENCH "$events" > "$out/router.json" || give_up "the router did not read the stream; see $out/nats.log"
    router_after=$(cpu_ticks "$router_pid")
    echo
    echo "nats, run $run of $runs: $events messages in a stream of one server"
    row "plain client, events a second" "$(field eps < "$out/plain.json")"
    row "plain client CPU, s per million events" "$(per "$(field cpu_s < "$out/plain.json")e6" "$events" 2)"
    row "router, events a second" "$(field eps < "$out/router.json")"
    row "router CPU, s per million events" "$(per "$((router_after - router_before))e6" "$((ticks * events))" 2)"
    row "router memory, now / highest" "$(($(status_kb "$router_pid" VmRSS) / 1024)) / $(($(status_kb "$router_pid" VmHWM) / 1024)) MB"
    row "delivered again" "$(meter logroute_nats_redelivered_messages_total)"
    end "$router_pid"
    router_pid=
    for each in "${nats_pids[@]}"; do end "$each"; done
    nats_pids=()
    rm -rf "$out"/nats-* "$out/data"
}

# One router, warmed and measured.
measure() {
    [ "$work" = stub ] || start_router
    [ "$warm" -eq 0 ] || load "$warm" warm
    stub_before=$(cpu_ticks "$stub_pid")
    [ -z "$router_pid" ] || router_before=$(cpu_ticks "$router_pid")
    load "$events" measured
    stub_after=$(cpu_ticks "$stub_pid")
    [ -z "$router_pid" ] || router_after=$(cpu_ticks "$router_pid")
    report "$run"
    [ "$work" = stub ] || row "router CPU from start to ready" "$(per "$ready_cpu" "$ticks" 2) s"
    end "$router_pid"
    router_pid=
}

find_jdk
mkdir -p "$classes" "$out"
rm -rf "${out:?}"/*
"$JAVA_HOME/bin/javac" -Xlint:all -d "$classes" "$top"/src/bench/java/bench/*.java || fail "the tools in src/bench/java do not compile"
[ "$work" != routes ] || services=$("$JAVA_HOME/bin/java" -cp "$classes" bench.Events)
mapfile -t ports < <("$JAVA_HOME/bin/java" -cp "$classes" bench.FreePorts 3)
stub_port=${ports[0]} beats_port=${ports[1]} rest_port=${ports[2]}
if [ "$work" != stub ]; then
    ensure_jar
    [ -n "${LOGROUTE_NO_AOT:-}" ] || ensure_aot
fi
all_well=0
echo "$(uname -sr), $(nproc) processors ($(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)), JDK $(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$JAVA_HOME/release")$(aot_is_fresh && [ "$work" != stub ] && echo ', with start-up cache'); load $(cut -d' ' -f1 /proc/loadavg)"

[ "$work" = start ] || [ "$work" = controller ] || [ "$work" = jetstream ] || { is_source && [ "$work" != redis ] && [ "$work" != relay ] && [ "$work" != fluent ]; } || start_stub
for run in $(seq "$runs"); do
    if [ "$work" = start ]; then
        start_router
        echo
        echo "start, run $run of $runs"
        row "CPU to ready" "$(per "$ready_cpu" "$ticks" 2) s"
        row "wall clock to ready" "$(per "$ready_ms" 1000 2) s"
        row "memory when ready" "$(($(status_kb "$router_pid" VmRSS) / 1024)) MB"
        end "$router_pid"
        router_pid=
        continue
    fi
    if [ "$work" = backlog ]; then
        backlog
        continue
    fi
    if [ "$work" = drain ]; then
        drain
        continue
    fi
    if [ "$work" = controller ]; then
        controller
        continue
    fi
    if [ "$work" = jetstream ]; then
        jetstream
        continue
    fi
    if is_source; then
        "from_$work"
        continue
    fi
    if [ -n "$with" ]; then
        bare=true
        measure
        without=$((router_after - router_before))
        bare=false
    fi
    measure
    [ -z "$with" ] || row "$with on top, CPU s per million events" "$(per "$((router_after - router_before - without))e6" "$((ticks * events))" 2)"
done
exit "$all_well"
