#!/usr/bin/env bash
# Installs every server that the tests run against, and the library. Quick when all is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/libdeflate.sh"
"$here/elasticsearch.sh" install
"$here/opensearch.sh" install
