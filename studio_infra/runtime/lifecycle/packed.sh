#!/bin/bash
# Packed, because SageMaker takes no more than 12,288 bytes of plain text. To read it:
#   grep -Ex '[A-Za-z0-9+/=]{4,}' THIS_FILE | base64 -d | gzip -d
text="$(base64 -d <<'PACKED.' | gzip -d
#script
PACKED.
)"
if [[ -z "${text}" ]]; then
  echo "$(date -u +%FT%TZ) lifecycle ERROR the script cannot be unpacked, nothing was run"
  exit 0
fi
exec /bin/bash -c "${text}" lifecycle
