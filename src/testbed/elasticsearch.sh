#!/usr/bin/env bash
# A real Elasticsearch for the tests, without any image registry.
#
#   elasticsearch.sh              installs it once; prints where it is
#   elasticsearch.sh check        exit code 0 when it is installed
#   elasticsearch.sh run DIR HTTP_PORT TRANSPORT_PORT [secure]
#                                 runs a node on 127.0.0.1 in the foreground, with all its files below DIR; SIGTERM ends
#                                 it. secure: TLS (certificate in DIR/ca.crt) and users (elastic, password in
#                                 DIR/password).
#
# It comes from Maven Central as the zip that Elasticsearch's own tests use. That zip lacks a few modules; the small
# plugin in elasticsearch-plugin/ stands in for what GET / and the security index need of them. Elasticsearch refuses to
# run as root: for root the user "logroute-testbed" is made. Needs unzip or a JDK's jar, and nothing else.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=8.19.21
home=$cache/elasticsearch-$version
user=logroute-testbed

install() {
  [ -f "$home/.complete" ] && [ "$home/.complete" -nt "$testbed/elasticsearch-plugin/io/logroute/testbed/StandIns.java" ] && return
  mkdir -p "$cache"
  exec 9>"$cache/.lock"
  flock 9
  if [ ! -x "$home/bin/elasticsearch" ]; then
    echo "fetching Elasticsearch $version (107 MB) ..." >&2
    local part=$cache/part-$$
    maven dependency:copy -Dartifact=org.elasticsearch.distribution.integ-test-zip:elasticsearch:$version:zip \
      -DoutputDirectory="$part" >&2
    (cd "$part" && "$jdk/bin/jar" -x -f elasticsearch-$version.zip)
    chmod 755 "$part"/elasticsearch-$version/bin/*
    rm -rf "$home"
    mv "$part/elasticsearch-$version" "$home"
    rm -rf "$part"
  fi
  plugin
  chmod -R a+rX "$home"
  touch "$home/.complete"
  flock -u 9
}

plugin() {
  local into=$home/plugins/stand-ins classes
  classes=$(mktemp -d)
  "$jdk/bin/javac" --release 21 -nowarn -proc:none -cp "$home/lib/*" -d "$classes" \
    "$testbed"/elasticsearch-plugin/io/logroute/testbed/*.java 2>&1 | { grep -v '^Note:' >&2 || true; }
  rm -rf "$into"
  mkdir -p "$into"
  "$jdk/bin/jar" -c -f "$into/stand-ins.jar" -C "$classes" .
  rm -rf "$classes"
  cat > "$into/plugin-descriptor.properties" <<EOF
description=Stand-ins for modules that the zip for tests lacks
version=1
name=stand-ins
classname=io.logroute.testbed.StandIns
java.version=21
elasticsearch.version=$version
EOF
}

run() {
  local dir http=$2 transport=$3 secure=${4:-}
  mkdir -p "$1"
  dir=$(cd "$1" && pwd)
  rm -rf "$dir/config" "$dir/tmp"
  mkdir -p "$dir/tmp"
  cp -r "$home/config" "$dir/config"
  sed -i -e '/Xlog:gc/d' -e '/UseG1GC/d' "$dir/config/jvm.options"
  # Short-lived, on few cores: the quick compiler and the plain collector.
  printf -- '-Xms512m\n-Xmx512m\n-XX:TieredStopAtLevel=1\n-XX:+UseSerialGC\n' > "$dir/config/jvm.options.d/heap.options"
  cat > "$dir/config/elasticsearch.yml" <<EOF
cluster.name: testbed
node.name: one
path.data: $dir/data
path.logs: $dir/logs
network.host: 127.0.0.1
http.port: $http
transport.port: $transport
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: false
EOF
  local as=()
  if [ "$(id -u)" = 0 ]; then
    id "$user" > /dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin "$user"
    as=(setpriv --reuid "$user" --regid "$user" --clear-groups)
    chown -R "$user:" "$dir"
  fi
  local with=(env "HOME=$dir" "ES_JAVA_HOME=$jdk" "ES_PATH_CONF=$dir/config" "ES_TMPDIR=$dir/tmp")
  if [ "$secure" = secure ]; then
    secure "$dir"
    [ "$(id -u)" = 0 ] && chown -R "$user:" "$dir"
    cd "$home"
    "${as[@]}" "${with[@]}" bin/elasticsearch-keystore create > /dev/null
    "${as[@]}" "${with[@]}" bin/elasticsearch-keystore add -x bootstrap.password < "$dir/password" > /dev/null
    "${as[@]}" "${with[@]}" bin/elasticsearch-keystore add -x xpack.security.http.ssl.keystore.secure_password \
      < "$dir/password" > /dev/null
  fi
  cd "$home"
  exec "${as[@]}" "${with[@]}" bin/elasticsearch
}

# A certificate that signs itself, for localhost and 127.0.0.1, and a password.
secure() {
  local dir=$1 password=testbed-password
  printf '%s' "$password" > "$dir/password"
  rm -f "$dir/config/http.p12"
  "$jdk/bin/keytool" -genkeypair -alias http -keyalg EC -groupname secp256r1 -dname CN=testbed -validity 30 \
    -ext bc:c -ext san=dns:localhost,ip:127.0.0.1 -storetype PKCS12 -keystore "$dir/config/http.p12" \
    -storepass "$password" 2> /dev/null
  "$jdk/bin/keytool" -exportcert -rfc -alias http -keystore "$dir/config/http.p12" -storepass "$password" \
    > "$dir/ca.crt.new" 2> /dev/null
  mv "$dir/ca.crt.new" "$dir/ca.crt"
  sed -i '/^xpack.security.enabled/d' "$dir/config/elasticsearch.yml"
  cat >> "$dir/config/elasticsearch.yml" <<EOF
xpack.security.enabled: true
xpack.security.http.ssl.enabled: true
xpack.security.http.ssl.keystore.path: http.p12
xpack.security.authc.api_key.enabled: true
EOF
}

case ${1:-install} in
  install)
    install
    echo "$home"
    ;;
  check)
    [ -f "$home/.complete" ]
    ;;
  run)
    [ $# -ge 4 ] || die "run DIR HTTP_PORT TRANSPORT_PORT [secure]"
    [ -f "$home/.complete" ] || die "not installed; run src/testbed/elasticsearch.sh"
    shift
    run "$@"
    ;;
  *)
    die "unknown verb $1; write install, check or run"
    ;;
esac
