"""SageMaker's client without the blinkers of its model: what this boto3 does not know is neither lost nor refused.

Lambda's boto3 can be older than a setting. It would drop that setting from what a domain has, and refuse it in an
update. Both calls are JSON, so the bodies are read and written as they are; signing, endpoints and errors stay boto3's.
"""

from __future__ import annotations

import json
from typing import Any, Final

_BEFORE: Final = "before-call.sagemaker.UpdateDomain"
_AFTER: Final = "after-call.sagemaker.DescribeDomain"
_GOOD: Final = 300


class WholeSageMaker:
    """DescribeDomain and UpdateDomain, with every setting that there is.

    Args:
        client: Of boto3, which nobody else uses: its events are changed.

    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._body = b""
        client.meta.events.register(_BEFORE, self._write)
        client.meta.events.register(_AFTER, self._read)

    def describe_domain(self, **arguments: Any) -> Any:
        """Everything that the service answers."""
        return self._client.describe_domain(**arguments)

    def update_domain(self, *, DomainId: str, **members: Any) -> Any:  # noqa: N803 - AWS's names
        """Say exactly `members`."""
        self._body = json.dumps({"DomainId": DomainId, **members}).encode()
        return self._client.update_domain(DomainId=DomainId)

    def _write(self, params: dict[str, Any], **_: Any) -> None:
        params["body"] = self._body

    def _read(self, http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
        if http_response.status_code < _GOOD:
            parsed.update(json.loads(http_response.content))
