# Sourced, after common.sh, by ./logroute and ./dev: builds the container image.

image_usage() {
    cat <<'TXT'
Usage: ./logroute image [--base IMAGE] [--tag TAG] [--host URL] [DOCKER BUILD OPTION...]
Builds the container image of LogRoute, with the jar built before where that is needed.

  --base IMAGE   what it stands on: an image with a Java 25 runtime (default: eclipse-temurin:25-jre)
  --tag TAG      its name (default: logroute:dev)
  --host URL     the Docker that builds and keeps it: unix:///..., tcp://..., ssh://...
                 (default: what DOCKER_HOST or the docker context says)

Afterwards: docker stack deploy -c deploy/logroute.yml logroute
TXT
}

build_image() {
    image_base= image_tag=logroute:dev
    while [ $# -gt 0 ]; do
        case $1 in
            -h | --help) image_usage; exit 0 ;;
            --base | --tag | --host)
                [ -n "${2:-}" ] || { say "logroute image: $1 takes a value"; image_usage >&2; exit 2; }
                case $1 in
                    --base) image_base=$2 ;;
                    --tag) image_tag=$2 ;;
                    --host) DOCKER_HOST=$2 && export DOCKER_HOST && unset DOCKER_CONTEXT ;;
                esac
                shift 2
                ;;
            --base=* | --tag=* | --host=*)
                image_option=$1
                shift
                set -- "${image_option%%=*}" "${image_option#*=}" "$@"
                ;;
            *) break ;;
        esac
    done
    command -v docker > /dev/null 2>&1 \
        || fail "there is no docker here; install it (Debian: apt-get install docker.io), or build deploy/Dockerfile elsewhere"
    timeout 30 docker version > /dev/null 2>&1 \
        || fail "docker is installed, but the daemon${DOCKER_HOST:+ at $DOCKER_HOST} does not answer; start it, let this user talk to it (group docker), or name another with --host"
    find_jdk
    ensure_jar
    [ -z "$image_base" ] || set -- --build-arg "BASE=$image_base" "$@"
    say "Building the image $image_tag; it trains its start-up cache, which takes up to a minute."
    (cd "$top" && exec docker build -f deploy/Dockerfile -t "$image_tag" "$@" .) || exit 2
    say "Built $image_tag, $(docker image inspect --format '{{.Size}}' "$image_tag" | awk '{ printf "%d MB", $1 / 1000000 }')."
}
