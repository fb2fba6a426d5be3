"""Shared files of two teams on the embedded AWS: deployed, a person moved between the teams, destroyed.

The domain is there before, as it must be: the group that file systems wear is SageMaker's own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from botocore.exceptions import ClientError
from ministack.core import iam_evaluator

from studio_infra.access import EfsAccess, FolderAccess, Persona, TeamAccess, role_json
from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.settings import Person
from studio_infra.storage import LustreFileSystem, TeamFileSystem
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.file_systems import EfsDirectory, LustreDirectory
from studio_infra.studio.domain.user_settings import UserSettings
from studio_infra.studio.people.people import StudioPeople
from studio_infra.studio.people.person import OwnDirectory, TeamDefaults
from tests.deployment import Deployment
from tests.rehearsal.conftest import Studio, make_studio

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

#: No more than files need: a template that is sent along with the call has 50 KB.
TEAMS = {name: Persona.analyst().without("registry_read", "invoke") for name in ("vision", "speech")}
DESTROY = cdk.RemovalPolicy.DESTROY
FOLDER = "s3://raw-example/tables"


def roster(teams: dict[str, str]) -> list[Person]:
    numbers = {"una": 10_001, "eva": 10_002}
    return [
        Person(
            user_name=name,
            team=team,
            full_name=name,
            email=f"{name}@example.com",
            posix_uid=numbers[name],
            posix_gid=1001,
        )
        for name, team in teams.items()
    ]


def team_of(
    stack: cdk.Stack, name: str, domain: Any, files: TeamFileSystem, group: ec2.ISecurityGroup
) -> TeamDefaults:
    directory = files.add_team_directory(f"Team{name}", team=name)
    access = TeamAccess(
        stack,
        f"Access{name}",
        name_prefix="research",
        team=name,
        persona=TEAMS[name],
        instance_types=["ml.t3.medium"],
        domain=domain,
        subnet_ids=["subnet-1"],
        security_group_ids=[group.security_group_id],
        key=kms.Key.from_key_arn(stack, f"Key{name}", "arn:aws:kms:us-east-1:000000000000:key/1"),
        bucket=s3.Bucket.from_bucket_name(stack, f"Bucket{name}", "artifacts"),
        files=[
            EfsAccess(
                name="data",
                file_system_id=files.file_system_id,
                access_point_arn=directory.access_point.access_point_ref.access_point_arn,
            ),
            *([FolderAccess(name="raw", s3_uri=FOLDER, read_only=True)] if name == "vision" else []),
        ],
    )
    return TeamDefaults(
        team=name,
        execution_role=role_json(
            managed_policy_arns=[policy.managed_policy_arn for policy in access.managed_policies]
        ),
        settings=UserSettings(
            file_systems=[EfsDirectory(file_system_id=files.file_system_id, path=directory.path)]
        ),
    )


class World:
    """The domain, and the stack with files and people beside it."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.studio: Studio = make_studio(aws, aws.client("sagemaker"))
        name = f"security-group-for-inbound-nfs-{self.studio.domain_id}"
        found = aws.client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])
        self.group: str = found["SecurityGroups"][0]["GroupId"]
        self.deployment = Deployment(aws, "files")
        self.uids: dict[str, str] = {}

    def deploy(self, teams: dict[str, str]) -> None:
        def build(stack: cdk.Stack) -> None:
            vpc = ec2.Vpc.from_vpc_attributes(
                stack, "Vpc", vpc_id=self.studio.vpc, availability_zones=["us-east-1a", "us-east-1b"]
            )
            subnets = [
                ec2.Subnet.from_subnet_id(stack, f"Subnet{n}", one)
                for n, one in enumerate(self.studio.subnets)
            ]
            group = ec2.SecurityGroup.from_security_group_id(stack, "Group", self.group, mutable=False)
            key = kms.Key(stack, "Key")
            files = TeamFileSystem(
                stack,
                "Files",
                vpc=vpc,
                subnets=subnets,
                studio_nfs_group=group,
                key=key,
                removal_policy=DESTROY,
            )
            fast = LustreFileSystem(
                stack, "Fast", vpc=vpc, subnet=subnets[0], studio_nfs_group=group, key=key, s3_uri=FOLDER,
                removal_policy=DESTROY,
            )  # fmt: skip
            homes = TeamFileSystem(
                stack,
                "Own",
                vpc=vpc,
                subnets=subnets,
                studio_nfs_group=group,
                key=key,
                removal_policy=DESTROY,
            )
            domain = StudioDomain.from_domain_id(stack, "Domain", self.studio.domain_id)
            defaults = {name: team_of(stack, name, domain, files, group) for name in TEAMS}
            own = OwnDirectory(name="FilesOwn", file_system_id=homes.file_system_id, mounted=True)
            lustre = LustreDirectory(file_system_id=fast.file_system_id)
            both = {
                name: TeamDefaults(
                    team=name,
                    execution_role=one.execution_role,
                    settings=UserSettings(file_systems=[*(one.settings.file_systems or ()), lustre]),
                    own_directories=[own],
                )
                for name, one in defaults.items()
            }
            StudioPeople(
                stack, "People", domain=domain, name_prefix="research", people=roster(teams), teams=both
            )

        self.ids = self.deployment.deploy(build)

    def directories(self, person: str) -> list[str]:
        """The paths that a profile names."""
        profile = self.profile(person)
        return [
            one["FileSystemPath"]
            for config in profile["UserSettings"]["CustomFileSystemConfigs"]
            for one in config.values()
        ]

    def profile(self, person: str) -> dict[str, Any]:
        found: dict[str, Any] = self.studio.sm.describe_user_profile(
            DomainId=self.studio.domain_id, UserProfileName=person
        )
        return found

    def points(self) -> dict[str, dict[str, Any]]:
        """Access points by their directory."""
        found = self.aws.client("efs").describe_access_points()["AccessPoints"]
        return {one["RootDirectory"]["Path"]: one for one in found}

    def may(self, person: str, action: str, resource: str, **context: str) -> bool:
        """Whether the policies that are attached to a person's role, as AWS has them, allow it."""
        iam = self.aws.client("iam")
        role = self.profile(person)["UserSettings"]["ExecutionRole"].rpartition("/")[2]
        statements = []
        for one in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            version = iam.get_policy(PolicyArn=one["PolicyArn"])["Policy"]["DefaultVersionId"]
            document = iam.get_policy_version(PolicyArn=one["PolicyArn"], VersionId=version)
            said = document["PolicyVersion"]["Document"]
            statements.append(
                iam_evaluator.parse_policy_document(said if isinstance(said, str) else json.dumps(said))
            )
        request = iam_evaluator.EvalContext(
            principal_arn=f"arn:aws:sts::123456789012:assumed-role/{role}/SageMaker",
            principal_type="AssumedRole",
            principal_account="123456789012",
            action=action,
            resource_arn=resource,
            region="us-east-1",
            service_context={key.lower(): value for key, value in context.items()},
        )
        return bool(iam_evaluator.evaluate(request, statements).decision == "Allow")

    def mounts(self, person: str) -> set[str]:
        """The directories whose access point a person's role may mount, and write to."""
        point = "elasticfilesystem:AccessPointArn"
        return {
            path
            for path, one in self.points().items()
            for action in ("ClientMount", "ClientWrite")
            if self.may(
                person,
                f"elasticfilesystem:{action}",
                self.file_system["FileSystemArn"],
                **{point: one["AccessPointArn"]},
            )
        }

    @property
    def file_system(self) -> dict[str, Any]:
        """The one with the teams' directories."""
        point = self.points()["/teams/vision"]
        found = self.aws.client("efs").describe_file_systems(FileSystemId=point["FileSystemId"])
        made: dict[str, Any] = found["FileSystems"][0]
        return made


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with EmbeddedAws() as aws:
        made = World(aws)
        made.deploy({"una": "vision", "eva": "speech"})
        yield made


def test_it_can_be_mounted_where_the_domain_is_through_the_group_of_studio(world: World) -> None:
    efs = world.aws.client("efs")
    targets = efs.describe_mount_targets(FileSystemId=world.file_system["FileSystemId"])["MountTargets"]
    assert {one["SubnetId"] for one in targets} == set(world.studio.subnets)
    for one in targets:
        worn = efs.describe_mount_target_security_groups(MountTargetId=one["MountTargetId"])["SecurityGroups"]
        assert world.group in worn
        assert len(worn) == 2


def test_everybody_has_the_directory_of_their_team_and_their_own(world: World) -> None:
    assert world.directories("una") == ["/teams/vision", "/", "/people/una"]
    assert world.directories("eva") == ["/teams/speech", "/", "/people/eva"]
    assert {path: one["RootDirectory"]["CreationInfo"] for path, one in world.points().items()} == {
        "/teams/vision": {"OwnerUid": 0, "OwnerGid": 1001, "Permissions": "0770"},
        "/teams/speech": {"OwnerUid": 0, "OwnerGid": 1001, "Permissions": "0770"},
        "/people/una": {"OwnerUid": 10_001, "OwnerGid": 1001, "Permissions": "0700"},
        "/people/eva": {"OwnerUid": 10_002, "OwnerGid": 1001, "Permissions": "0700"},
    }
    space = world.studio.sm.describe_space(DomainId=world.studio.domain_id, SpaceName="una")
    mounted = space["SpaceSettings"]["CustomFileSystems"]
    assert mounted == [{"EFSFileSystem": {"FileSystemId": world.points()["/people/una"]["FileSystemId"]}}]


def test_by_iam_nobody_mounts_what_is_another_teams_or_another_persons(world: World) -> None:
    assert (world.mounts("una"), world.mounts("eva")) == ({"/teams/vision"}, {"/teams/speech"})
    arn = world.file_system["FileSystemArn"]
    for person in ("una", "eva"):
        # Without an access point the whole file system would be open; as root, every directory.
        assert not world.may(person, "elasticfilesystem:ClientMount", arn)
        assert not world.may(person, "elasticfilesystem:ClientRootAccess", arn)
        assert world.may(person, "elasticfilesystem:DescribeMountTargets", arn)
        assert not world.may(person, "elasticfilesystem:DescribeMountTargets", f"{arn}0")


def test_a_folder_is_open_to_its_team_to_read_and_nothing_beside_it(world: World) -> None:
    mine = "arn:aws:s3:::raw-example/tables/2026.parquet"
    reads = [
        (person, world.may(person, "s3:GetObject", mine), world.may(person, "s3:PutObject", mine))
        for person in ("una", "eva")
    ]
    assert reads == [("una", True, False), ("eva", False, False)]
    assert not world.may("una", "s3:GetObject", "arn:aws:s3:::raw-example/tables-of-others/1")
    assert not world.may("una", "s3:GetObject", "arn:aws:s3:::raw-example/tables")
    bucket = "arn:aws:s3:::raw-example"
    for prefix, allowed in (("tables/2026", True), ("tables-of-others/", False), ("", False)):
        assert world.may("una", "s3:ListBucket", bucket, **{"s3:prefix": prefix}) is allowed


def test_sagemaker_takes_a_persons_numbers_once(world: World) -> None:
    settings = {"CustomPosixUserConfig": {"Uid": 10_009, "Gid": 1001}}
    with pytest.raises(ClientError, match="cannot be applied to a user profile that exists"):
        world.studio.sm.update_user_profile(
            DomainId=world.studio.domain_id, UserProfileName="una", UserSettings=settings
        )


def test_who_moves_takes_nothing_of_the_old_team_along_and_the_rest_stays(world: World) -> None:
    before = {name: world.profile(name) for name in ("una", "eva")}
    points = {path: one["AccessPointId"] for path, one in world.points().items()}
    file_system = world.file_system["FileSystemId"]
    world.deploy({"una": "speech", "eva": "speech"})
    assert world.directories("una") == ["/teams/speech", "/", "/people/una"]
    assert world.mounts("una") == world.mounts("eva") == {"/teams/speech"}
    assert not world.may("una", "s3:GetObject", "arn:aws:s3:::raw-example/tables/2026.parquet")
    after = world.profile("una")
    for same in ("HomeEfsFileSystemUid", "CreationTime"):
        assert after[same] == before["una"][same]
    assert after["UserSettings"]["CustomPosixUserConfig"] == {"Uid": 10_001, "Gid": 1001}
    assert world.profile("eva")["UserSettings"] == before["eva"]["UserSettings"]
    assert {path: one["AccessPointId"] for path, one in world.points().items()} == points
    assert world.file_system["FileSystemId"] == file_system


def test_destroyed_with_both_consents_nothing_of_the_files_is_left_and_people_keep_their_profiles(
    world: World,
) -> None:
    assert {one["type"] for one in world.aws.control.state_only()} == {
        "AWS::FSx::DataRepositoryAssociation",
        "AWS::FSx::FileSystem",
    }
    world.deployment.destroy()
    efs, homes = world.aws.client("efs"), world.studio.sm.describe_domain(DomainId=world.studio.domain_id)
    left = [one["FileSystemId"] for one in efs.describe_file_systems()["FileSystems"]]
    assert left == [homes["HomeEfsFileSystemId"]]
    assert efs.describe_access_points()["AccessPoints"] == []
    assert world.aws.control.state_only() == []
    assert world.profile("una")["Status"] == "InService"
    groups = world.aws.client("ec2").describe_security_groups(GroupIds=[world.group])["SecurityGroups"]
    assert [one["GroupId"] for one in groups] == [world.group]
