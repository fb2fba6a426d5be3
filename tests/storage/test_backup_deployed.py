"""Copies of homes on the embedded AWS: vault and role of the stack make them, and they outlive the stack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.storage import StudioBackup, StudioKey
from tests.deployment import Deployment
from tests.rehearsal.conftest import make_studio

if TYPE_CHECKING:
    from collections.abc import Iterator

    import aws_cdk as cdk

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "restore-a-home.md"


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as embedded:
        yield embedded


@pytest.mark.slow
def test_a_copy_of_the_homes_is_made_with_the_stacks_role_and_stays_when_the_stack_goes(
    aws: EmbeddedAws,
) -> None:
    studio = make_studio(aws, aws.client("sagemaker"))
    homes = studio.sm.describe_domain(DomainId=studio.domain_id)["HomeEfsFileSystemId"]

    def build(stack: cdk.Stack) -> None:
        StudioBackup(stack, "Backup", key=StudioKey(stack, "Key").key).add_home("Homes", homes)

    deployment = Deployment(aws, "copies")
    made = deployment.deploy(build)
    backup = aws.client("backup")
    (vault,) = backup.list_backup_vaults()["BackupVaultList"]
    (plan,) = backup.list_backup_plans()["BackupPlansList"]
    (selected,) = backup.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"]
    selection = backup.get_backup_selection(
        BackupPlanId=plan["BackupPlanId"], SelectionId=selected["SelectionId"]
    )["BackupSelection"]
    (arn,) = selection["Resources"]
    assert arn.endswith(f":file-system/{homes}")
    assert selection["IamRoleArn"].rpartition("/")[2] in made.values()
    job = backup.start_backup_job(
        BackupVaultName=vault["BackupVaultName"], ResourceArn=arn, IamRoleArn=selection["IamRoleArn"]
    )
    copied = backup.describe_backup_job(BackupJobId=job["BackupJobId"])
    assert (copied["BackupVaultName"], copied["ResourceArn"]) == (vault["BackupVaultName"], arn)
    deployment.destroy()
    left = [one["BackupVaultName"] for one in backup.list_backup_vaults()["BackupVaultList"]]
    assert left == [vault["BackupVaultName"]]
    assert backup.list_backup_plans()["BackupPlansList"] == []


def test_the_restore_that_the_how_to_asks_for_is_one_that_aws_backup_takes() -> None:
    text = HOW_TO.read_text(encoding="utf-8")
    command = text.partition("aws backup start-restore-job")[2].partition("aws backup describe")[0]
    quoted = command.partition('--metadata "')[2].rpartition('"')[0].replace("\\\n", "")
    # What the shell makes of it: the quotes of the text, and the values of the variables.
    written = quoted.replace('\\\\\\"', "\x00").replace('\\"', '"').replace("\x00", '\\"')
    for variable, value in {"$FS": "fs-1", "$UID_": "200005", "$(date +%s)": "1"}.items():
        written = written.replace(variable, value)
    metadata: dict[str, Any] = json.loads(written)
    assert json.loads(metadata["ItemsToRestore"]) == ["/200005/notebooks"]
    assert metadata["newFileSystem"] == "false"
    request = {
        "RecoveryPointArn": "arn:aws:backup:us-east-1:1:recovery-point:1",
        "IamRoleArn": "arn:aws:iam::1:role/restore",
        "ResourceType": "EFS",
        "Metadata": metadata,
    }
    shape = botocore.session.get_session().get_service_model("backup").shape_for("StartRestoreJobInput")
    assert not ParamValidator().validate(request, shape).has_errors()
