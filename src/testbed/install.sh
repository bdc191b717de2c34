#!/usr/bin/env bash
# Installs every server that the tests run against, and the library. Quick when all is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/libdeflate.sh"
"$here/elasticsearch.sh" install
"$here/opensearch.sh" install
"$here/nats.sh" install > /dev/null
"$here/redis.sh" install > /dev/null
"$here/redis.sh" exporter > /dev/null
"$here/prometheus.sh" install > /dev/null
"$here/haproxy.sh" install > /dev/null
"$here/rsyslog.sh" install > /dev/null
"$here/lumberjack.sh" install
# Swarms take root. Without it the tests that want one are skipped and say so, or fail where CI is set.
if "$here/swarm.sh" install; then
  # Made of programs that it installed.
  "$here/base-image.sh" jre > /dev/null
  "$here/base-image.sh" tiny > /dev/null
  "$here/base-image.sh" nats > /dev/null
  "$here/base-image.sh" redis > /dev/null
  "$here/base-image.sh" prometheus > /dev/null
  "$here/base-image.sh" haproxy > /dev/null
else
  [ -z "${CI:-}" ] || exit 1
fi
