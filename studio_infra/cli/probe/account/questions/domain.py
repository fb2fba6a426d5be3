"""A domain: its people and apps, its home file system, its security groups, its place in IAM Identity Center."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from studio_infra.cli.probe.account.look import MANY
from studio_infra.runtime.functions.domain_drain.world import OWNER_TAG

if TYPE_CHECKING:
    from studio_infra.cli.probe.account.look import Account

    Answer = dict[str, Any]


def ask_about_people(account: Account, domain_id: str) -> None:
    """Profiles, and apps in service."""

    def listed(kind: str) -> list[Answer]:
        return list(
            account.pages("sagemaker", f"list_{kind}", _KEYS[kind], DomainIdEquals=domain_id, MaxResults=100)
        )

    def described() -> list[Answer]:
        return [
            account.read(
                "sagemaker",
                "describe_user_profile",
                DomainId=domain_id,
                UserProfileName=one["UserProfileName"],
            )
            for one in listed("user_profiles")[:MANY]
        ]

    def apps() -> list[Answer]:
        running = [one for one in listed("apps") if one["Status"] == "InService"]
        return [account.read("sagemaker", "describe_app", **_app(one)) for one in running[:MANY]]

    account.ask("profiles", "DescribeUserProfile", described)
    account.ask("apps", "DescribeApp", apps)


_KEYS: Final = {"user_profiles": "UserProfiles", "apps": "Apps"}


def _app(one: Answer) -> Answer:
    keys = ("DomainId", "SpaceName", "UserProfileName", "AppType", "AppName")
    # An app has a space or a profile; asking with both is a mistake.
    return {
        key: one[key]
        for key in keys
        if one.get(key) and not (key == "UserProfileName" and one.get("SpaceName"))
    }


def ask_about_home(account: Account, domain: Answer) -> None:
    """The home file system, the security groups, and who is assigned."""
    home_id = domain.get("HomeEfsFileSystemId")
    if home_id:
        account.ask(
            "home",
            "DescribeFileSystems",
            lambda: account.read("efs", "describe_file_systems", FileSystemId=home_id)["FileSystems"][0],
        )

    def alone() -> int:
        known = {one["DomainArn"] for one in account.pages("sagemaker", "list_domains", "Domains")}
        systems = account.pages(
            "efs",
            "describe_file_systems",
            "FileSystems",
            token="Marker",  # noqa: S106 - of the next page
            answer_token="NextMarker",  # noqa: S106 - the same
        )
        owners = [tag["Value"] for one in systems for tag in one.get("Tags", ()) if tag["Key"] == OWNER_TAG]
        return sum(owner not in known for owner in owners)

    account.ask("homes_alone", "DescribeFileSystems", alone)
    wanted = [{"Name": "vpc-id", "Values": [domain["VpcId"]]}]
    account.ask(
        "groups",
        "DescribeSecurityGroups",
        lambda: [
            one["GroupName"]
            for one in account.pages("ec2", "describe_security_groups", "SecurityGroups", Filters=wanted)
            if domain["DomainId"] in one["GroupName"]
        ],
    )
    application = domain.get("SingleSignOnApplicationArn")
    if application:
        account.ask(
            "assignments",
            "ListApplicationAssignments",
            lambda: [
                one["PrincipalType"]
                for one in account.pages(
                    "sso-admin",
                    "list_application_assignments",
                    "ApplicationAssignments",
                    ApplicationArn=application,
                )
            ],
        )
