#!/usr/bin/env bash
# A second opinion on the packaged template: cfn-lint, by the people behind CloudFormation's own checks.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=1.58.0
venv="${WITNESS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fleetmirror}/cfn-lint-$version"
if [ ! -x "$venv/bin/cfn-lint" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" -q --disable-pip-version-check install "cfn-lint==$version"
fi

passed=0 failed=0
# As a user gets it, in both spellings of a param, with and without the optional things.
lint() {
  local folder
  folder=$(mktemp -d)
  if npm run -s package -- --package "$folder" "$@" >/dev/null &&
    # W3005: osls repeats in DependsOn what a GetAtt says.
    "$venv/bin/cfn-lint" --ignore-checks W3005 --regions us-east-1 -- "$folder"/cloudformation-template-*.json; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  printf 'package %s\n' "$*"
  rm -rf "$folder"
}
lint
lint --param fleet=prod
lint --param="fleet=prod" --param="sweepEvery=1 hour" --param="logRetentionDays=365" \
  --param="alarmTopicArn=arn:aws:sns:us-east-1:111122223333:ops" \
  --param="queueKeyArn=arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000"

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
