"""What is taken for granted about a domain, its home file system, its network and its sign-in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.cli.probe.record import Fact, Unanswered, Verdict, decide, not_testable, proven
from studio_infra.runtime.functions.domain_drain.world import OWNER_TAG, group_names, is_owned_by

if TYPE_CHECKING:
    from studio_infra.cli.probe.account.seen import Seen


def _home_made(seen: Seen) -> Verdict:
    domain = seen["domain"]
    if domain.get("HomeEfsFileSystemCreation") == "Disabled":
        return not_testable("the domain has no home file system by its own settings")
    return decide(
        holds=bool(domain.get("HomeEfsFileSystemId")),
        evidence="the domain has a home file system",
        otherwise="the domain has none",
    )


def _home_tagged(seen: Seen) -> Verdict:
    domain_id, home = seen["domain"]["DomainId"], seen["home"]
    tags = {tag["Key"]: tag["Value"] for tag in home.get("Tags", ())}
    return decide(
        holds=is_owned_by(domain_id, tags.get(OWNER_TAG, "")),
        evidence=f"the home file system's tag {OWNER_TAG} is the domain's ARN",
        otherwise=f"the home file system has {'another value of' if OWNER_TAG in tags else 'no tag'} {OWNER_TAG}",
    )


def _home_outlives(seen: Seen) -> Verdict:
    alone = seen["homes_alone"]
    if not alone:
        raise Unanswered("no home file system of a deleted domain is here")
    return proven(f"{alone} home file systems are here whose domain is gone")


def _groups(seen: Seen) -> Verdict:
    domain_id = seen["domain"]["DomainId"]
    found = set(seen["groups"])
    if not found:
        raise Unanswered("no security group has the domain's id in its name")
    strange = len(found - set(group_names(domain_id)))
    return decide(
        holds=not strange,
        evidence=f"{len(found)} groups have the domain's id in their name, all of them known",
        otherwise=f"{strange} of {len(found)} groups with the domain's id in their name are not known",
    )


def _dual_stack(seen: Seen) -> Verdict:
    kind = str(seen["domain"].get("DomainSettings", {}).get("IpAddressType", ""))
    wanted = seen.answers.get("wants_dual_stack")
    if kind == "dualstack":
        return proven("the domain is dualstack")
    if wanted:
        return decide(holds=False, evidence=f"the settings say dual_stack, the domain {kind or 'nothing'}")
    return not_testable("the domain has IPv4 alone")


def _sso_application(seen: Seen) -> Verdict:
    domain = _sso_domain(seen)
    return decide(
        holds=bool(domain.get("SingleSignOnApplicationArn")),
        evidence="the domain has an application in IAM Identity Center",
        otherwise="the domain has no application in IAM Identity Center",
    )


def _sso_entered(seen: Seen) -> Verdict:
    _sso_domain(seen)
    assigned, apps = len(seen["assignments"]), len(seen["apps"])
    if not assigned:
        raise Unanswered("nothing is assigned to the domain's application")
    if not apps:
        raise Unanswered(
            f"{assigned} assignments are there, and nobody has an app yet: sign in through the portal"
        )
    return proven(f"{assigned} groups or users are assigned, and {apps} apps run in the domain")


def _sso_domain(seen: Seen) -> dict[str, str]:
    domain: dict[str, str] = seen["domain"]
    if domain["AuthMode"] != "SSO":
        raise Unanswered("the domain signs people in by IAM")
    return domain


def _profile_uid(seen: Seen) -> Verdict:
    profiles = seen["profiles"]
    if not profiles:
        raise Unanswered("nobody has a profile yet")
    uids = [one.get("HomeEfsFileSystemUid", "") for one in profiles]
    return decide(
        holds=all(uid.isdecimal() for uid in uids) and len(set(uids)) == len(uids),
        evidence=f"{len(uids)} profiles have a uid each, all different",
        otherwise=f"of {len(uids)} profiles {sum(not uid.isdecimal() for uid in uids)} have no uid, "
        f"{len(uids) - len(set(uids))} one that another has",
    )


def _shared_entry(_: Seen) -> Verdict:
    return not_testable(
        "by hand: start a shared space as one of the team, open it as somebody of another, and see who gets in"
    )


FACTS: Final = (
    Fact(
        "home-made",
        "A domain that asks for a home file system gets one.",
        "`studio/domain/domain.py`",
        "sagemaker:DescribeDomain",
        "Nothing of people's is on EFS: `[git] key_store = \"space\"`, and look at the domain's creation.",
        _home_made,
    ),
    Fact(
        "home-tagged",
        "SageMaker tags the home file system with the domain's ARN.",
        "`runtime/functions/domain_drain/observe.py` (`studio-infra drain`)",
        "elasticfilesystem:DescribeFileSystems",
        "Write down the id of the home before a drain: one that goes on after the domain is gone cannot find it.",
        _home_tagged,
    ),
    Fact(
        "home-outlives",
        "The home file system outlives a domain that CloudFormation deletes.",
        "`[domain] removal`, `studio-infra drain --delete-homes`",
        "elasticfilesystem:DescribeFileSystems, compared with sagemaker:ListDomains",
        "Keep a backup before any deletion (`[domain] home_backup`).",
        _home_outlives,
    ),
    Fact(
        "domain-groups",
        "The security groups that SageMaker makes for a domain have the three names that a drain looks for.",
        "`runtime/functions/domain_drain/world.py` (`studio-infra drain`)",
        "ec2:DescribeSecurityGroups",
        "After a drain, delete the other groups by hand, or the VPC stays.",
        _groups,
    ),
    Fact(
        "dual-stack",
        "A domain of CloudFormation's `DUALSTACK` is one of the API's `dualstack`.",
        "`studio/domain/domain_options.py` (`[network] dual_stack`)",
        "sagemaker:DescribeDomain",
        "Set `[network] dual_stack = false`.",
        _dual_stack,
    ),
    Fact(
        "sso-application",
        "A domain that signs people in by IAM Identity Center has an application there.",
        "`access/sso_assignment.py` (`[access] sso_groups`)",
        "sagemaker:DescribeDomain",
        "Assign people in the console, and leave out `sso_groups` and `sso_users` of `[access]`.",
        _sso_application,
    ),
    Fact(
        "sso-assignment",
        "Who is assigned to the domain's application gets in.",
        "`access/sso_assignment.py` (`[access] sso_groups`)",
        "sso:ListApplicationAssignments, sagemaker:ListApps",
        "Assign people in the console, and leave out `sso_groups` and `sso_users` of `[access]`.",
        _sso_entered,
    ),
    Fact(
        "profile-uid",
        "Every profile has its own uid on the home file system.",
        "`rehearsal/emulator/behaviour/people.py`, `docs/how-to/restore-a-home.md`",
        "sagemaker:DescribeUserProfile",
        "Do not restore homes by uid; say so in an issue.",
        _profile_uid,
    ),
    Fact(
        "shared-space-entry",
        "Nobody outside a team enters a shared space of the team that runs.",
        "`[teams.NAME.shared_spaces]`",
        "by hand",
        "Take what is in a shared space for visible to the domain.",
        _shared_entry,
    ),
)
