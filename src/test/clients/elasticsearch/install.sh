#!/bin/sh
# Installs the clients of Elasticsearch and OpenSearch that ElasticClientsIT runs, after those of Lumberjack (which bring
# Node.js where it is missing). Safe to run again.
set -eu
cd "$(dirname "$0")"
../install.sh

# The marker is written last, and is as new as what it was made from.
if [ -f node_modules/.installed ] && cmp -s package-lock.json node_modules/.installed; then
    exit 0
fi
# Once more where the network failed it.
npm ci --no-audit --no-fund --ignore-scripts || npm ci --no-audit --no-fund --ignore-scripts
cp package-lock.json node_modules/.installed
