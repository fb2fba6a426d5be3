#!/bin/bash
# The head of a composed lifecycle script: parts follow, each a call of `part` with its text as input, then `finish`.
# Expects: STRICT, "true" to keep the app from starting when a part failed.
failures=0

# part NAME INTERPRETER... : runs the text on stdin in a process of its own; its failure is reported and survived.
part() {
  local name=$1 text rc=0
  shift
  text="$(cat)"
  # stdin is closed to the part, or it could swallow the parts after it.
  "$@" -c "${text}" "${name}" </dev/null || rc=$?
  if ((rc != 0)); then
    failures=$((failures + 1))
    echo "$(date -u +%FT%TZ) lifecycle ERROR part ${name} ended with ${rc}, going on"
  fi
}

finish() {
  [[ "${STRICT:-false}" == true ]] && ((failures > 0)) && exit 1
  exit 0
}
