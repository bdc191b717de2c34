#!/usr/bin/env bash
# Base images for the tests, without any image registry, made of what is installed here. Prints the file of the image.
#
#   base-image.sh [jre]     jre:25, a Java runtime as eclipse-temurin:25-jre has one: what BASE of deploy/Dockerfile is
#   base-image.sh tiny      tiny:1, a shell, a web server and what else busybox has, in 2 MB: what tests run as services
#   base-image.sh nats      nats:1, the NATS server that nats.sh brings, as nats:2.10 has it: its arguments are the command
#   base-image.sh redis     redis:1, the Redis that redis.sh brings, as redis:7-alpine has it: started as root it becomes the user
#                           redis by its docker-entrypoint.sh. prometheus-redis-exporter is in it, too
#   base-image.sh prometheus
#                           prometheus:1, the Prometheus that prometheus.sh brings, as prom/prometheus has it: its options are the
#                           command
#   base-image.sh haproxy   haproxy:1, the HAProxy that haproxy.sh brings
#   base-image.sh check     exit code 0 when all are made
#
# docker load -i FILE takes it, or swarm.sh load. Needs a JDK 25 and busybox-static. The health check of the
# image finds neither curl nor a wget that works here (Debian's static one crashes when it looks up a name), but nc.
set -Eeuo pipefail
trap 'echo "${0##*/}: line $LINENO ended with code $?: $BASH_COMMAND" >&2' ERR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

me=$testbed/base-image.sh
modules=java.base,java.logging,java.net.http,java.management,java.naming,java.xml,java.sql,java.instrument
modules=$modules,java.security.jgss,jdk.crypto.ec,jdk.unsupported,jdk.jfr,jdk.management,jdk.zipfs,jdk.httpserver,jdk.net,jdk.jcmd
java_version=$(sed -n 's/^JAVA_RUNTIME_VERSION="\{0,1\}\([^"]*\).*/\1/p' "$jdk/release")
jre=$cache/base-jre-25-${java_version:-unknown}.tar
tiny=$cache/base-tiny-1.tar
nats=$cache/base-nats-1.tar
redis=$cache/base-redis-1.tar
prometheus=$cache/base-prometheus-1.tar
haproxy=$cache/base-haproxy-1.tar

is_made() { [ -s "$1" ] && [ "$1" -nt "$me" ]; }

# made FILE FUNCTION: makes it once, whoever else wants it at the same time.
made() {
  if ! is_made "$1"; then
    mkdir -p "$cache"
    exec 9> "$1.lock"
    flock -w 600 9 || die "another base-image.sh holds $1.lock for 10 minutes; look what it waits for"
    if ! is_made "$1"; then
      work=$(mktemp -d)
      trap 'rm -rf "$work"' EXIT
      "$2"
      mv "$work/image.tar" "$1"
      chmod a+r "$1"
      rm -rf "$work"
      trap - EXIT
    fi
    flock -u 9
  fi
  echo "$1"
}

# The least that programs expect, with every command of busybox.
skeleton() {
  local root=$1 command busybox
  busybox=$(command -v busybox) || die "there is no busybox; run src/testbed/swarm.sh install"
  ! ldd "$busybox" > /dev/null 2>&1 || die "$busybox is not linked statically; install the package busybox-static"
  mkdir -p "$root"/{bin,etc,tmp,proc,sys,dev,run,root,var/tmp}
  chmod 1777 "$root/tmp" "$root/var/tmp"
  cp "$busybox" "$root/bin/busybox"
  for command in $("$busybox" --list); do
    [ "$command" = busybox ] || ln -s busybox "$root/bin/$command"
  done
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' > "$root/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' > "$root/etc/group"
  echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
}

# pack NAME ENVIRONMENT...: with $entrypoint, where that is set, what lies in $work/root becomes an image file as docker save writes them.
pack() {
  local name=$1 sum config variable environment= begins=
  shift
  [ -z "${entrypoint:-}" ] || begins="\"Entrypoint\":[\"$entrypoint\"],"
  for variable in "$@"; do environment=$environment${environment:+,}\"$variable\"; done
  tar -C "$work/root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$work/layer.tar" .
  sum=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
  cat > "$work/config" <<JSON
{"architecture":"$(architecture)","os":"linux","created":"1970-01-01T00:00:00Z","config":{"Env":[$environment],$begins"Cmd":["sh"]},
"rootfs":{"type":"layers","diff_ids":["sha256:$sum"]},"history":[{"created":"1970-01-01T00:00:00Z","created_by":"base-image.sh"}]}
JSON
  config=$(sha256sum "$work/config" | cut -d' ' -f1).json
  mv "$work/config" "$work/$config"
  echo "[{\"Config\":\"$config\",\"RepoTags\":[\"$name\"],\"Layers\":[\"layer.tar\"]}]" > "$work/manifest.json"
  tar -C "$work" -cf "$work/image.tar" manifest.json "$config" layer.tar
}

architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
  esac
}

make_tiny() {
  skeleton "$work/root"
  pack tiny:1 PATH=/bin
}

make_nats() {
  local program
  program=$("$testbed/nats.sh")
  skeleton "$work/root"
  mkdir -p "$work/root/usr/sbin" "$work/root/data"
  cp "$program" "$work/root/usr/sbin/"
  copy_libraries "$program"
  entrypoint=/usr/sbin/nats-server pack nats:1 PATH=/bin:/usr/sbin
}

make_redis() {
  local home libraries root=$work/root
  home=$(dirname "$("$testbed/redis.sh")")
  skeleton "$root"
  mkdir -p "$root"/usr/{bin,lib,local/bin} "$root/data"
  # One program is server and checker, by the name that it is called.
  cp -L "$home/redis-server" "$home/redis-cli" "$root/usr/local/bin/"
  cp "$("$testbed/redis.sh" exporter)" /usr/bin/setpriv "$root/usr/bin/"
  cp -r "$home/usr/lib/." "$root/usr/lib/"
  libraries=$(dirname "$(find "$root/usr/lib" -name 'libjemalloc.so*' -print -quit)")
  LD_LIBRARY_PATH=$libraries copy_libraries "$root"/usr/local/bin/* "$root"/usr/bin/*
  echo 'redis:x:999:1000:redis:/data:/bin/sh' >> "$root/etc/passwd"
  echo 'redis:x:1000:' >> "$root/etc/group"
  cat > "$root/usr/local/bin/docker-entrypoint.sh" << 'SCRIPT'
#!/bin/sh
set -e
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . ! -user redis -exec chown redis '{}' +
  # By its path: the shell of busybox has one of its own.
  exec /usr/bin/setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
fi
umask 0077
exec "$@"
SCRIPT
  chmod 755 "$root/usr/local/bin/docker-entrypoint.sh"
  entrypoint=docker-entrypoint.sh pack redis:1 PATH=/usr/local/bin:/usr/bin:/bin
}

make_prometheus() {
  local home
  home=$("$testbed/prometheus.sh")
  skeleton "$work/root"
  mkdir -p "$work/root/prometheus"
  cp "$home/prometheus" "$home/promtool" "$work/root/bin/"
  copy_libraries "$home/prometheus" "$home/promtool"
  entrypoint=/bin/prometheus pack prometheus:1 PATH=/bin
}

make_haproxy() {
  local program libraries root=$work/root
  program=$("$testbed/haproxy.sh")
  skeleton "$root"
  mkdir -p "$root/usr/sbin" "$root/usr/lib"
  cp "$program" "$root/usr/sbin/"
  cp -r "${program%/sbin/haproxy}/lib/." "$root/usr/lib/"
  libraries=$(dirname "$(find "$root/usr/lib" -name 'liblua5.3.so*' -print -quit)")
  LD_LIBRARY_PATH=$libraries copy_libraries "$root/usr/sbin/haproxy"
  pack haproxy:1 PATH=/usr/sbin:/bin
}

# What programs link to, what the C library opens by name, and libdeflate, which the Beats source opens by name, where
# it is there.
copy_libraries() {
  local library
  {
    ldd "$@" 2> /dev/null | awk -v root="$work/root" '/=> \// && index($3, root) != 1 { print $3 } $1 ~ /^\// { print $1 }' || true
    ldconfig_paths libnss_files.so.2 libnss_dns.so.2 libresolv.so.2 libgcc_s.so.1 libz.so.1 libdeflate.so.0
  } | grep -v ':$' | sort -u > "$work/libraries"
  while read -r library; do
    mkdir -p "$work/root${library%/*}"
    cp -L "$library" "$work/root$library"
  done < "$work/libraries"
}

make_jre() {
  echo "making a Java runtime for images, once; about 20 s ..." >&2
  local root=$work/root home=/opt/java/openjdk
  skeleton "$root"
  mkdir -p "$root/opt/java"
  "$jdk/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --compress zip-6 \
    --output "$root$home" || die "$jdk/bin/jlink made no runtime; take a JDK 25 that can (Temurin: package temurin-25-jdk)"
  local programs
  mapfile -t programs < <(find "$root$home" -type f \( -name '*.so' -o -name java \))
  # As Debian and Ubuntu have it; busybox's own cannot become another user.
  if [ -x /usr/bin/setpriv ]; then
    mkdir -p "$root/usr/bin"
    cp /usr/bin/setpriv "$root/usr/bin/"
    programs+=(/usr/bin/setpriv)
  fi
  copy_libraries "${programs[@]}" "$jdk/bin/java"
  pack jre:25 "JAVA_HOME=$home" "PATH=$home/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

# Where the libraries of these names lie; those that are not installed are left out. It reads the list to its end:
# with pipefail a reader that leaves early ends the script now and then.
ldconfig_paths() {
  PATH=$PATH:/usr/sbin:/sbin ldconfig -p | awk -v names="$*" '
    BEGIN { split(names, list, " "); for (i in list) wanted[list[i]] = 1 }
    ($1 in wanted) && /x86-64|AArch64/ { delete wanted[$1]; print $NF }'
}

case ${1:-jre} in
  jre) made "$jre" make_jre ;;
  tiny) made "$tiny" make_tiny ;;
  nats) made "$nats" make_nats ;;
  prometheus) made "$prometheus" make_prometheus ;;
  haproxy) made "$haproxy" make_haproxy ;;
  redis) made "$redis" make_redis ;;
  check)
    for image in "$jre" "$tiny" "$nats" "$redis" "$prometheus" "$haproxy"; do is_made "$image" || exit 1; done
    ;;
  *) die "unknown verb $1; write jre, tiny, nats, redis, prometheus, haproxy or check" ;;
esac
