#!/bin/sh
# run.sh
#
# Copyright 2026 The Callboard authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Callboard beside Kue, Bull, BullMQ and Bee-Queue on one server of its own, in turn, so that whatever else the machine does hits
# all of them alike; then the medians and their ratios as a table.
#
#   run.sh BUILD-DIR [ROUNDS [JOBS [LINES-FILE]]]
#
# BUILD-DIR is a build with --buildtype=release. Needs Node 20, and the queues: npm ci in this folder.
set -eu

build=$(cd "$1" && pwd)
rounds=${2:-5}
jobs=${3:-20000}
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"

if ! command -v node > /dev/null || ! [ -d node_modules/kue ]; then
  echo "Node or the other queues are not installed: run npm ci in $here"
  exit 77
fi

folder=$(mktemp -d)
lines=${4:-$folder/lines}
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" > /dev/null &
server=$!
trap 'kill $server 2> /dev/null; wait $server 2> /dev/null || true; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
until redis-cli -p "$port" ping > /dev/null 2>&1; do sleep 0.1; done

round=0
while [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  for concurrency in 1 10 50; do
    "$build/tests/bench/bench-worker" --port "$port" --jobs "$jobs" --concurrency $concurrency >> "$lines"
    for engine in kue bull bullmq bee; do
      node peers.js --engine $engine --port "$port" --jobs "$jobs" --concurrency $concurrency >> "$lines"
    done
  done
  "$build/tests/bench/bench-worker" --port "$port" --jobs 200 --latency "$build/src/cli/callboardctl" >> "$lines"
  for engine in kue bull bullmq bee; do
    node peers.js --engine $engine --port "$port" --jobs 200 --concurrency 1 --latency >> "$lines"
  done
done

node table.js "$lines"
