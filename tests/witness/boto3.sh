#!/usr/bin/env bash
# boto3, AWS's client for Python, walks the emulator over HTTP: nothing of it was written here.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=1.43.67
venv="${WITNESS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fleetmirror}/boto3-$version"
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import boto3' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" -q --disable-pip-version-check install "boto3==$version"
fi

log=$(mktemp)
node run.js lib/cli/main.ts emulator --port 0 >"$log" 2>&1 &
emulator=$!
trap 'kill "$emulator" 2>/dev/null || true; wait "$emulator" 2>/dev/null || true; rm -f "$log"' EXIT

endpoint=''
for _ in $(seq 100); do
  endpoint=$(sed -nE 's#^.* at (http://[^ ]+).*#\1#p' "$log")
  [ -n "$endpoint" ] && break
  kill -0 "$emulator" 2>/dev/null || break
  sleep 0.1
done
if [ -z "$endpoint" ]; then
  cat "$log"
  echo 'The emulator did not start.'
  exit 1
fi
ENDPOINT="$endpoint" "$venv/bin/python" tests/conformance/boto3_walk.py
