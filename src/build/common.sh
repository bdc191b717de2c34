# Shared by ./logroute, ./dev and src/bench/bench.sh; POSIX sh, sourced with `top` set to the folder of the clone.
# Finds a JDK, tells whether the jar is older than its sources, runs Maven with visible progress, trains the start-up cache.

java_wanted=25
jar=$top/target/logroute-0.1.0-SNAPSHOT-runner.jar
stamp=$top/target/logroute.stamp
aot=$top/target/logroute.aot

# The collector: Serial is the smallest and spends least CPU while one or two cores do the work.
gc_flags="-XX:+UseSerialGC"
# What the compilers needed for a moment goes back to the system every 5 s.
memory_flags="-Xmx224m -Xmn80m -XX:SurvivorRatio=2 -XX:TrimNativeHeapInterval=5000"
java_flags="$gc_flags $memory_flags -XX:+ExitOnOutOfMemoryError -Djava.util.logging.manager=org.jboss.logmanager.LogManager --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"

say() { printf '%s\n' "$*" >&2; }
fail() { say "logroute: $*"; exit 2; }
on_terminal() { [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; }
now() { date +%s; }

# ---- JDK

# Prints the feature version (25) of the JDK at $1; nothing when there is none with a compiler.
jdk_version() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
    if [ -r "$1/release" ]; then
        sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9]*\).*/\1/p' "$1/release" | head -n 1
    else
        "$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1
    fi
}

# Whether the JDK at $1 is new enough; notes in `seen` what was looked at and is not.
jdk_fits() {
    jdk_v=$(jdk_version "$1")
    if [ "${jdk_v:-0}" -ge "$java_wanted" ] 2>/dev/null; then
        return 0
    fi
    case "$seen" in *"$1 is JDK"*) return 1 ;; esac
    [ -z "$jdk_v" ] || seen="$seen
  $1 is JDK $jdk_v"
    return 1
}

# Exports JAVA_HOME: what it says when that fits, then `java` on the PATH, then the lowest that fits of those installed.
find_jdk() {
    seen=
    if [ -n "${JAVA_HOME:-}" ]; then
        if jdk_fits "$JAVA_HOME"; then
            export JAVA_HOME
            return
        fi
        [ -x "$JAVA_HOME/bin/javac" ] || seen="$seen
  JAVA_HOME=$JAVA_HOME has no bin/javac"
    fi
    on_path=$(command -v java) || on_path=
    if [ -n "$on_path" ]; then
        on_path=$(readlink -f "$on_path")
        on_path=${on_path%/bin/java}
        if jdk_fits "$on_path"; then
            JAVA_HOME=$on_path
            export JAVA_HOME
            return
        fi
    fi
    best=
    for home in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* "${SDKMAN_DIR:-${HOME:-/nonexistent}/.sdkman}"/candidates/java/*; do
        [ -d "$home" ] || continue
        home=$(readlink -f "$home")
        case "$seen" in *"$home is JDK"*) continue ;; esac
        if jdk_fits "$home" && { [ -z "$best" ] || [ "$jdk_v" -lt "$best_v" ]; }; then
            best=$home
            best_v=$jdk_v
        fi
    done
    if [ -z "$best" ]; then
        say "logroute: needs a JDK $java_wanted or newer, and found none (JAVA_HOME, java on the PATH, /usr/lib/jvm, SDKMAN).${seen:+ Seen:$seen}"
        say "Install one, for instance:"
        say "  Debian, Ubuntu   apt-get install openjdk-$java_wanted-jdk-headless     where the release has it, else"
        say "                   temurin-$java_wanted-jdk, see https://adoptium.net/installation/linux"
        say "  without root     SDKMAN, see https://sdkman.io, then: sdk install java"
        say "or set JAVA_HOME to the folder of one that is installed."
        exit 2
    fi
    JAVA_HOME=$best
    export JAVA_HOME
}

# ---- Is the jar what the sources say?

# One number for all that goes into the jar, by content: touching a file or going back in git builds nothing anew.
sources_sum() {
    (
        cd "$top" || exit
        set -- pom.xml .mvn src/main
        [ ! -d mappings ] || set -- "$@" mappings
        find "$@" -type f -exec cksum {} + | LC_ALL=C sort | cksum
    )
}
jar_mark() { stat -c '%s %y' "$jar" 2>/dev/null; }

jar_is_fresh() {
    [ -f "$jar" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(sources_sum)
$(jar_mark)" ]
}

# Remembers that the jar was built from sources with the sum $1.
stamp_jar() {
    [ ! -f "$jar" ] || printf '%s\n%s\n' "$1" "$(jar_mark)" > "$stamp"
}

# ---- One build at a time

# Waits for the turn; returns with the lock held. The lock goes with the process, or with `unlock`.
lock_build() {
    mkdir -p "$top/target" || fail "cannot write to $top/target; give this user the right to, or clone elsewhere"
    if command -v flock > /dev/null 2>&1; then
        { exec 9> "$top/target/build.lock"; } || fail "cannot write $top/target/build.lock; give this user the right to"
        flock -n 9 && return
        say "Another build is under way here; waiting for it (at most 20 minutes)."
        flock -w 1200 9 || fail "the other build did not end within 20 minutes; look for a Maven in $top and stop it"
        return
    fi
    waited=0
    until mkdir "$top/target/build.lock.d" 2>/dev/null; do
        owner=$(cat "$top/target/build.lock.d/pid" 2>/dev/null) || owner=
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$top/target/build.lock.d"
            continue
        fi
        [ "$waited" -gt 0 ] || say "Another build is under way here; waiting for it (at most 20 minutes)."
        [ "$waited" -lt 1200 ] || fail "the other build did not end within 20 minutes; if there is none, remove $top/target/build.lock.d"
        sleep 1
        waited=$((waited + 1))
    done
    echo $$ > "$top/target/build.lock.d/pid"
}
unlock_build() {
    if [ -d "$top/target/build.lock.d" ]; then
        rm -rf "$top/target/build.lock.d"
    else
        exec 9>&-
    fi
}

# ---- Maven, with progress

# What Maven is at, from the log $1, in a few words.
maven_step() {
    step=$(grep -E '^\[INFO\] (--- |Running )|^Download(ed|ing) ' "$1" 2>/dev/null | tail -n 1)
    case $step in
        Download*) echo "downloading, $(grep -c '^Downloaded ' "$1") files so far" ;;
        *'Running '*) echo "testing ${step##*.}" ;;
        *jacoco*) echo "preparing" ;;
        *:resources*) echo "copying resources" ;;
        *:compile*) echo "compiling" ;;
        *:testCompile*) echo "compiling the tests" ;;
        *quarkus*:build* | *jar:*) echo "packaging" ;;
        *failsafe*) echo "tests with real servers" ;;
        *surefire*) if grep -q '^.INFO. Tests are skipped' "$1"; then echo "packaging"; else echo "tests"; fi ;;
        *'--- '*) step=${step#*--- } && echo "${step%% *}" ;;
        *) echo "starting Maven" ;;
    esac
}

# What the log $1 says of finished test classes after line $2.
finished_tests() {
    tail -n "+$(($2 + 1))" "$1" 2>/dev/null | sed -n \
        -e 's/^\[[A-Z]*\] Tests run: \([0-9]*\), Failures: 0, Errors: 0, Skipped: \([0-9]*\), Time elapsed: \([0-9.]* s\) -- in .*\.\([A-Za-z0-9_$]*\)$/  ok      \4: \1 run, \2 skipped, \3/p' \
        -e 's/^\[[A-Z]*\] Tests run: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\), .* <<< [A-Z]*!* -- in .*\.\([A-Za-z0-9_$]*\)$/  FAILED  \4: \1 run, \2 failures, \3 errors/p'
}

# maven LOG ARG...: runs ./mvnw with the arguments, everything it says into the log, its progress onto the screen: one
# line that changes on a terminal, else a line for each step and every half minute. Returns Maven's exit code.
maven() {
    log=$1
    shift
    began=$(now)
    shown= shown_at=$began lines=0
    mkdir -p "${log%/*}" && : > "$log" || fail "cannot write $log; give this user the right to"
    (cd "$top" && exec ./mvnw -B -Dstyle.color=never "$@") > "$log" 2>&1 < /dev/null 9>&- &
    maven_pid=$!
    trap 'kill "$maven_pid" 2>/dev/null; wait "$maven_pid" 2>/dev/null; say ""; say "logroute: stopped before the build was done"; exit 130' INT
    trap 'kill "$maven_pid" 2>/dev/null; wait "$maven_pid" 2>/dev/null; exit 143' TERM HUP
    while kill -0 "$maven_pid" 2>/dev/null; do
        sleep 1
        show_progress
    done
    wait "$maven_pid"
    maven_code=$?
    trap - INT TERM HUP
    show_progress
    if on_terminal; then
        printf '\r\033[K' >&2
    fi
    return "$maven_code"
}

show_progress() {
    finished=$(finished_tests "$log" "$lines")
    lines=$(wc -l < "$log")
    if [ -n "$finished" ]; then
        if on_terminal; then
            printf '\r\033[K' >&2
        fi
        say "$finished"
    fi
    is=$(maven_step "$log")
    elapsed=$(($(now) - began))
    if on_terminal; then
        printf '\r\033[K  %s s  %s' "$elapsed" "$is" >&2
        return
    fi
    case $is in testing*) return ;; downloading*) kind=downloading ;; *) kind=$is ;; esac
    if [ "$kind" != "$shown" ] || [ $((began + elapsed - shown_at)) -ge 30 ]; then
        say "  $elapsed s  $is"
        shown=$kind
        shown_at=$((began + elapsed))
    fi
}

# The lines of a failed Maven log that help: its errors when it names some, else its end.
show_failure() {
    if grep -q '^\[ERROR\] ..' "$1"; then
        sed -n -e '/^\[ERROR\] Failed to execute goal/{p;q;}' -e '/^\[ERROR\] ../p' "$1" | head -n "${2:-30}" >&2
    else
        tail -n "${2:-30}" "$1" >&2
    fi
    say "The whole log: $1"
}

# ---- The jar

# Builds the jar when it is missing or not made from these sources.
ensure_jar() {
    jar_is_fresh && return
    lock_build
    if ! jar_is_fresh; then
        if [ -f "$jar" ]; then
            say "Building LogRoute: the sources changed."
        else
            say "Building LogRoute: first use here. It downloads what it needs and takes a few minutes; later starts are quick."
        fi
        began_build=$(now)
        sum=$(sources_sum)
        if ! maven "$top/target/build.log" -Dmaven.test.skip=true package; then
            say "logroute: the build failed:"
            show_failure "$top/target/build.log"
            exit 2
        fi
        [ -f "$jar" ] || fail "the build made no $jar; see $top/target/build.log"
        stamp_jar "$sum"
        say "Built in $(($(now) - began_build)) s."
    fi
    unlock_build
}

# ---- The start-up cache (JEP 514): classes read and linked once, not at every start

aot_is_fresh() { [ -s "$aot" ] && [ "$aot" -nt "$jar" ]; }
aot_was_tried() { [ -f "$aot.tried" ] && [ "$aot.tried" -nt "$jar" ]; }

# Trains it once for each jar: a short run of a small router, in a folder of its own. Without it all works, only slower to start.
ensure_aot() {
    aot_is_fresh || aot_was_tried && return
    lock_build
    if ! aot_is_fresh && ! aot_was_tried; then
        say "Training the start-up cache, once for this build; up to a minute."
        began_training=$(now)
        if train_aot "$top/target/train" "$top/src/build/train.yaml" && mv -f "$aot.new" "$aot"; then
            say "Trained in $(($(now) - began_training)) s."
        else
            say "No start-up cache this time; starts take a second or two more (see $top/target/train.log)."
        fi
        rm -f "$aot.new" "$aot.new.config"
        : > "$aot.tried"
    fi
    unlock_build
}

# train_aot DATA SPEC: true when $aot.new was written. Every wait is bounded.
train_aot() {
    rm -rf "$1" "$aot.new" "$aot.new.config"
    mkdir -p "$1" || return 1
    # shellcheck disable=SC2086
    "$JAVA_HOME/bin/java" $java_flags -XX:AOTCacheOutput="$aot.new" -jar "$jar" \
        run "$2" --port 0 --data "$1" > "$top/target/train.log" 2>&1 < /dev/null 9>&- &
    train_pid=$!
    trap 'kill "$train_pid" 2>/dev/null; exit 130' INT
    trap 'kill "$train_pid" 2>/dev/null; exit 143' TERM HUP
    # Until its events have gone all the way to the file ...
    turns=0
    while [ ! -s "$1/trained.ndjson" ] && [ "$turns" -lt 150 ] && kill -0 "$train_pid" 2>/dev/null; do
        sleep 0.2
        turns=$((turns + 1))
    done
    # ... then stop it; the JVM writes the cache as it goes.
    kill -TERM "$train_pid" 2>/dev/null
    turns=0
    while kill -0 "$train_pid" 2>/dev/null && [ "$turns" -lt 450 ]; do
        sleep 0.2
        turns=$((turns + 1))
    done
    kill -KILL "$train_pid" 2>/dev/null
    wait "$train_pid" 2>/dev/null
    trap - INT TERM HUP
    rm -rf "$1"
    [ -s "$aot.new" ]
}
