#!/bin/sh
# Installs the clients from npm that ITs of sources run, and Node.js where it is missing. Safe to run again.
set -eu
cd "$(dirname "$0")"

if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "src/test/clients: node and npm are missing; install Node.js 18 or newer (Debian: apt-get install nodejs npm)" >&2
        exit 1
    fi
    echo "src/test/clients: installing nodejs and npm"
    apt-get update -qq -o Acquire::Retries=3
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Acquire::Retries=3 --no-install-recommends nodejs npm
fi

# The marker is written last, and is as new as what it was made from.
if [ -f node_modules/.installed ] && cmp -s package-lock.json node_modules/.installed; then
    exit 0
fi
# Once more where the network failed it.
npm ci --no-audit --no-fund --ignore-scripts || npm ci --no-audit --no-fund --ignore-scripts
cp package-lock.json node_modules/.installed
