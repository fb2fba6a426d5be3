#!/bin/bash
# Leaves a process behind that watches whether the app is used, and returns at once.
# Expects: IDLE, its settings as JSON. Fails open: the app starts in any case.
for python in /opt/conda/bin/python3 python3 /usr/bin/python3; do
  command -v "${python}" >/dev/null && break
done
timeout 20 "${python}" -I -S - "${IDLE}" <<'PROGRAM' ||
#program
PROGRAM
  TZ=UTC printf '%(%FT%TZ)T idle ERROR not watching, code %s\n' -1 "$?"
exit 0
