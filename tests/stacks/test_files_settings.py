"""What `[files]`, and sizes of volumes of teams, do to the stacks of the production settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.settings import Person, StudioSettings
from tests.stacks.test_access_settings import PRODUCTION, of_type, templates

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "sg-0123456789abcdef0"
#: A machine outside of Studio.
CLIENT = "sg-0fedcba9876543210"
#: One of a file system for each team, one for all people of two teams, one for each person, and two brought along.
FILES: dict[str, Any] = {
    "data": {"kind": "efs", "teams": ["vision", "forecasting"], "archive_after_days": 90},
    "own": {"kind": "efs", "directories": "person", "teams": ["platform"], "backup": False},
    "fast": {
        "kind": "lustre",
        "mount": False,
        "teams": ["vision"],
        "capacity_gb": 2400,
        "s3_uri": "s3://raw-example/images/",
        "clients": [CLIENT],
    },
    "old": {"kind": "efs", "file_system_id": "fs-01234567", "path": "/old", "mount": False},
    "raw": {"kind": "s3", "s3_uri": "s3://raw-example/tables/", "read_only": True, "teams": ["vision"]},
    "out": {"kind": "s3", "s3_uri": "s3://out-example/x", "teams": ["analytics"], "mount": True},
}


def person(name: str, team: str, **more: Any) -> Person:
    return Person(user_name=name, team=team, full_name=name, email=f"{name}@example.com", **more)


PEOPLE = (
    person("ana", "vision"),
    person("ben", "forecasting"),
    person("cy", "platform", posix_uid=10_001),
    person("dee", "analytics", ebs_gb=300),
)


def made(files: Mapping[str, Any] = FILES, **changes: Any) -> dict[str, dict[str, Any]]:
    values = {
        **dict(PRODUCTION),
        "roster": PEOPLE,
        "endpoints": {},
        "training": {},
        "network": {"studio_nfs_group": GROUP},
        "files": files,
    }
    return templates(StudioSettings.model_validate(values | changes))


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    return made()


def people(found: dict[str, dict[str, Any]], kind: str, name: str) -> dict[str, dict[str, Any]]:
    """Everybody's profile or private space, by its name."""
    return {one[name]: one for one in of_type(f"AWS::SageMaker::{kind}", found["research-users-1"])}


def said(configs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Kind and path, or place, of file systems in a profile."""
    return [
        (kind.removesuffix("FileSystemConfig"), one.get("FileSystemPath") or one.get("S3Uri"))
        for config in configs
        for kind, one in config.items()
    ]


def test_everybody_finds_the_directories_of_their_team_and_no_others(
    found: dict[str, dict[str, Any]],
) -> None:
    profiles = people(found, "UserProfile", "UserProfileName")
    offered = {
        name: said(profile["UserSettings"]["CustomFileSystemConfigs"]) for name, profile in profiles.items()
    }
    assert offered == {
        "ana": [("EFS", "/teams/vision"), ("FSxLustre", "/"), ("EFS", "/old")],
        "ben": [("EFS", "/teams/forecasting"), ("EFS", "/old")],
        "cy": [("EFS", "/old"), ("EFS", "/people/cy")],
        "dee": [("EFS", "/old"), ("S3", "s3://out-example/x")],
    }


def test_a_private_space_mounts_one_file_system(found: dict[str, dict[str, Any]]) -> None:
    spaces = people(found, "Space", "SpaceName")
    mounted = {name: space["SpaceSettings"]["CustomFileSystems"] for name, space in spaces.items()}
    assert {name: [*one[0]] for name, one in mounted.items()} == {
        "ana": ["EFSFileSystem"],
        "ben": ["EFSFileSystem"],
        "cy": ["EFSFileSystem"],
        "dee": ["S3FileSystem"],
    }
    assert all(len(one) == 1 for one in mounted.values())
    assert mounted["ana"] == mounted["ben"] != mounted["cy"]


def test_mount_targets_stand_in_the_domains_subnets_and_wear_the_group_of_studio(
    found: dict[str, dict[str, Any]],
) -> None:
    (domain,) = of_type("AWS::SageMaker::Domain", found["research-studio"])
    targets = of_type("AWS::EFS::MountTarget", found["research-studio"])
    assert len(targets) == 2 * len(domain["SubnetIds"])
    assert all(target["SubnetId"] in domain["SubnetIds"] for target in targets)
    assert all(GROUP in target["SecurityGroups"] for target in targets)
    (lustre,) = of_type("AWS::FSx::FileSystem", found["research-studio"])
    assert GROUP in lustre["SecurityGroupIds"]
    assert lustre["SubnetIds"] == domain["SubnetIds"][:1]
    # SageMaker's group has SageMaker's rules.
    rules = [
        *of_type("AWS::EC2::SecurityGroupIngress", *found.values()),
        *of_type("AWS::EC2::SecurityGroupEgress", *found.values()),
    ]
    assert GROUP not in json.dumps(rules)


def test_machines_outside_of_studio_reach_what_they_are_named_for_and_their_own_rules_stay(
    found: dict[str, dict[str, Any]],
) -> None:
    rules = of_type("AWS::EC2::SecurityGroupIngress", *found.values())
    let_in = {(one["FromPort"], one["ToPort"]) for one in rules if one.get("SourceSecurityGroupId") == CLIENT}
    assert let_in == {(988, 988), (1018, 1023)}
    assert CLIENT not in json.dumps(of_type("AWS::EC2::SecurityGroupEgress", *found.values()))


def test_what_settings_say_of_a_file_system_is_what_is_made(found: dict[str, dict[str, Any]]) -> None:
    systems = of_type("AWS::EFS::FileSystem", found["research-studio"])
    assert [
        ([next(iter(policy)) for policy in one["LifecyclePolicies"]], one["BackupPolicy"]["Status"])
        for one in systems
    ] == [
        (["TransitionToIA", "TransitionToArchive", "TransitionToPrimaryStorageClass"], "ENABLED"),
        (["TransitionToIA", "TransitionToPrimaryStorageClass"], "DISABLED"),
    ]
    (lustre,) = of_type("AWS::FSx::FileSystem", found["research-studio"])
    assert (lustre["StorageCapacity"], lustre["LustreConfiguration"]["PerUnitStorageThroughput"]) == (
        2400,
        125,
    )
    (linked,) = of_type("AWS::FSx::DataRepositoryAssociation", found["research-studio"])
    assert linked["DataRepositoryPath"] == "s3://raw-example/images/"


def test_every_access_point_is_closed_to_others_and_nobody_is_root_through_one(
    found: dict[str, dict[str, Any]],
) -> None:
    points = of_type("AWS::EFS::AccessPoint", *found.values())
    made_of = {
        one["RootDirectory"]["Path"]: (
            *one["RootDirectory"]["CreationInfo"].values(),
            one.get("PosixUser", {}).get("Uid"),
        )
        for one in points
    }
    assert made_of == {
        "/teams/vision": ("1001", "0", "0770", None),
        "/teams/forecasting": ("1001", "0", "0770", None),
        "/people/cy": ("10001", "10001", "0700", "10001"),
    }
    assert len(points) == 3
    retained = found["research-studio"]["Resources"].values()
    assert all(one["DeletionPolicy"] == "Retain" for one in retained if one["Type"] == "AWS::EFS::FileSystem")


def test_policies_of_a_team_name_its_own_access_point_and_folder(found: dict[str, dict[str, Any]]) -> None:
    policies = of_type("AWS::IAM::ManagedPolicy", found["research-studio"])
    mine: dict[str, list[dict[str, Any]]] = {}
    for policy in policies:
        who = "".join(policy["Description"].split(",")[:2])
        mine.setdefault(who, []).extend(
            one
            for one in policy["PolicyDocument"]["Statement"]
            if one.get("Sid", "").startswith(
                ("FindFiles", "MountFiles", "ListFolder", "ReadFolder", "WriteFolder")
            )
        )
    sids = {who: sorted(one["Sid"] for one in statements) for who, statements in mine.items() if statements}
    assert sids == {
        "Team vision data_scientist": [
            "FindFilesData", "FindFilesOld", "ListFolderRaw", "MountFilesData", "ReadFolderRaw",
        ],
        "Team vision Job role": ["ListFolderRaw", "ReadFolderRaw"],
        "Team forecasting data_scientist": ["FindFilesData", "FindFilesOld", "MountFilesData"],
        "Team analytics analyst": ["FindFilesOld", "ListFolderOut", "ReadFolderOut", "WriteFolderOut"],
        "Team platform ml_engineer": ["FindFilesOld", "FindFilesOwn"],
    }  # fmt: skip
    conditions = {
        who: one["Condition"]["ArnEquals"]["elasticfilesystem:AccessPointArn"]
        for who, statements in mine.items()
        for one in statements
        if one["Sid"] == "MountFilesData"
    }
    resources = found["research-studio"]["Resources"]
    paths = {
        who: [resources[arn["Fn::GetAtt"][0]]["Properties"]["RootDirectory"]["Path"] for arn in arns]
        for who, arns in conditions.items()
    }
    assert paths == {
        "Team vision data_scientist": ["/teams/vision"],
        "Team forecasting data_scientist": ["/teams/forecasting"],
    }


@pytest.fixture(scope="module")
def apart() -> dict[str, dict[str, Any]]:
    """A directory that two teams share, a team with a group of its own, and teams with volumes of their own size."""
    changes: dict[str, dict[str, Any]] = {
        "forecasting": {"posix_gid": 2001},
        "analytics": {"default_ebs_gb": 10, "max_ebs_gb": 200},
        "platform": {"max_ebs_gb": 500},
    }
    teams = {name: one.model_copy(update=changes.get(name, {})) for name, one in PRODUCTION.teams.items()}
    ben = person("ben", "forecasting", posix_uid=10_007, posix_gid=2001)
    files = {
        "all": {"kind": "efs", "directories": "shared", "teams": ["vision", "analytics"]},
        "data": {"kind": "efs", "teams": ["forecasting"]},
    }
    eli = person("eli", "analytics")
    return made(files, teams=teams, roster=(PEOPLE[0], ben, *PEOPLE[2:], eli))


def test_a_shared_directory_is_one_for_all_its_teams(apart: dict[str, dict[str, Any]]) -> None:
    profiles = people(apart, "UserProfile", "UserProfileName")
    assert {
        name: said(one["UserSettings"].get("CustomFileSystemConfigs", [])) for name, one in profiles.items()
    } == {
        "ana": [("EFS", "/shared")],
        "ben": [("EFS", "/teams/forecasting")],
        "cy": [],
        "dee": [("EFS", "/shared")],
        "eli": [("EFS", "/shared")],
    }
    # Whoever comes from another team brings nothing along.
    assert profiles["cy"]["UserSettings"]["CustomFileSystemConfigs"] == []
    cy = people(apart, "Space", "SpaceName")["cy"]["SpaceSettings"]
    assert cy["CustomFileSystems"] == []


def test_a_team_with_a_group_of_its_own_owns_its_directory_by_it(apart: dict[str, dict[str, Any]]) -> None:
    points = of_type("AWS::EFS::AccessPoint", *apart.values())
    owners = {
        one["RootDirectory"]["Path"]: one["RootDirectory"]["CreationInfo"]["OwnerGid"] for one in points
    }
    assert owners == {"/shared": "1001", "/teams/forecasting": "2001"}
    ben = people(apart, "UserProfile", "UserProfileName")["ben"]["UserSettings"]
    assert ben["CustomPosixUserConfig"] == {"Uid": 10_007, "Gid": 2001}


def test_a_team_has_volumes_of_its_own_size_and_a_person_another(apart: dict[str, dict[str, Any]]) -> None:
    profiles = people(apart, "UserProfile", "UserProfileName")
    sizes = {
        name: [*one["UserSettings"]["SpaceStorageSettings"]["DefaultEbsStorageSettings"].values()]
        for name, one in profiles.items()
        if "SpaceStorageSettings" in one["UserSettings"]
    }
    assert sizes == {"cy": [20, 500], "dee": [300, 300], "eli": [10, 200]}
