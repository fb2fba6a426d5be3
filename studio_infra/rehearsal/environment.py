"""The environments of both sides: what the server is started with, what its clients need.

The server sees a small, chosen environment, because every Lambda function that it runs inherits it. Clients
get variables that point the CDK CLI and every AWS SDK at the server, and nothing of the user's own AWS
set-up: a profile or an endpoint that slipped through would aim a rehearsal at a real account.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: The account that owns everything in a rehearsal, unless another is asked for.
ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"

#: The emulator treats this access key as the account's root: it may do everything.
ROOT_KEY: Final = "test"

#: Whoever measures what our code does (coverage.py) measures the server, too.
_KEPT_FOR_SERVER: Final = ("COVERAGE_PROCESS_CONFIG", "PATH", "LANG", "LC_ALL", "SYSTEMROOT", "NODE_PATH")
_FOREIGN_PREFIXES: Final = ("AWS_", "CDK_", "SSL_CERT_", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE")


def server_environment(
    *, port: int, home: Path, account: str, region: str, certificate: Path | None, key: Path | None
) -> dict[str, str]:
    """Everything the server process is started with.

    Args:
        port: Where it listens on 127.0.0.1.
        home: Its own folder: state, temporary files and home directory in one.
        account: The account of callers that do not name one.
        region: The region of callers that do not name one.
        certificate: Certificate file of the strict mode: TLS, and IAM enforced. ``None`` is the open mode.
        key: Its private key file.

    """
    state = home / "state"
    variables = {name: os.environ[name] for name in _KEPT_FOR_SERVER if name in os.environ}
    variables |= {
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": account,
        "MINISTACK_REGION": region,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state),
        "S3_DATA_DIR": str(home / "s3"),
        "S3_PERSIST": "1",
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "DOCKER_HOST": f"unix://{home}/no-docker.sock",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if certificate is not None and key is not None:
        variables |= {
            "AUTH": "true",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(certificate),
            "MINISTACK_SSL_KEY": str(key),
            **trust(certificate),
        }
    return variables


def client_environment(
    *, endpoint: str, account: str, region: str, home: Path, certificate: Path | None
) -> dict[str, str]:
    """What the CDK CLI, boto3 and every other AWS SDK need to talk to the server."""
    nothing = str(home / "no-aws-config")
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": nothing,
        "AWS_SHARED_CREDENTIALS_FILE": nothing,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": region,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        # The CLI remembers there which account an access key belongs to, and ours is in every account.
        "CDK_HOME": str(home / "cdk"),
        **(trust(certificate) if certificate is not None else {}),
    }


def trust(certificate: Path) -> dict[str, str]:
    """The variables by which Node, botocore and Python's own TLS come to trust a certificate."""
    names = ("NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    return dict.fromkeys(names, str(certificate))


def without_foreign_aws(base: Mapping[str, str]) -> dict[str, str]:
    """``base`` without anything that could send a client to another AWS."""
    return {name: value for name, value in base.items() if not name.startswith(_FOREIGN_PREFIXES)}
