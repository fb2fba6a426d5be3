"""Execution roles: who the code of a person, a team or a job is.

`role_json` says a role in CloudFormation's words and `StudioExecutionRole` makes the same role as a
construct, so that a roster of thousands and a single construct cannot differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from studio_infra.access.policy_packing import MAX_POLICIES
from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_name, is_role_path, is_team_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from studio_infra.access.policy_file import Json

#: Tags of a role; policies ask for the first as `${aws:PrincipalTag/studio:user}`.
USER_TAG: Final = "studio:user"
TEAM_TAG: Final = "studio:team"

_SERVICE: Final = "sagemaker.amazonaws.com"
#: Above the 100 of `Tags.of(…).add`: policies rest on our tags, so nobody replaces them by accident.
_TAG_PRIORITY: Final = 1000
#: Keeps CDK from merging it into the statement before, which would make the role depend on a feature flag.
_SOURCE_IDENTITY_SID: Final = "SayWhoActs"


def trust_policy() -> Json:
    """Who may become the role: SageMaker, and only on behalf of this account.

    SageMaker names the person as source identity when the domain passes it on; CloudTrail shows it then.
    """
    account = {"Ref": "AWS::AccountId"}
    parts = ["arn:", {"Ref": "AWS::Partition"}, ":sagemaker:", {"Ref": "AWS::Region"}, ":", account, ":*"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": _SERVICE},
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            # Not one domain or job: Studio does not say which of its resources asks.
            "ArnLike": {"aws:SourceArn": {"Fn::Join": ["", parts]}},
        },
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {**statement, "Action": "sts:AssumeRole"},
            {**statement, "Action": "sts:SetSourceIdentity", "Sid": _SOURCE_IDENTITY_SID},
        ],
    }


def role_json(
    *,
    managed_policy_arns: Sequence[Any] = (),
    permissions_boundary_arn: str | None = None,
    path: str | None = None,
    user_name: str | None = None,
    team: str | None = None,
) -> Json:
    """Properties of an `AWS::IAM::Role`: the very role that `StudioExecutionRole` makes.

    Args:
        managed_policy_arns: What the role may do; tokens and intrinsic functions are fine. Defaults to
            nothing.
        permissions_boundary_arn: Policy that limits what the role may ever do. Defaults to none.
        path: Path in front of the role's name, `/studio/`. Defaults to IAM's `/`.
        user_name: The one person whose role it is, as a tag. Defaults to nobody in particular.
        team: Team as a tag. Defaults to none.

    """
    tags = {TEAM_TAG: team, USER_TAG: user_name}
    properties: Json = {
        "AssumeRolePolicyDocument": trust_policy(),
        "ManagedPolicyArns": list(managed_policy_arns),
        "Path": path,
        "PermissionsBoundary": permissions_boundary_arn,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items() if value is not None],
    }
    return {key: value for key, value in properties.items() if value is not None and value != []}


class StudioExecutionRole(iam.Role):
    """What code in Studio runs as: an app of one person, of a team, or a job.

    Bring a role of your own with `StudioExecutionRole.from_role_arn`, as with any `iam.Role`.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it replaces the role.
        managed_policies: What the code may do, for example `TeamAccess.managed_policies`; at most 10.
            Defaults to nothing: grant it more like any role, `bucket.grant_read(role)`.
        user_name: The one person whose role it is. Policies recognise them by the tag `studio:user`. Defaults
            to nobody in particular: a shared role, where the source identity says who acts.
        team: The team it works for, as the tag `studio:team`. Defaults to none.
        permissions_boundary: Policy that limits what the role may ever do. Defaults to none.
        path: Path in front of the role's name, for example `/studio/`. Defaults to `/`. Changing it replaces
            the role.
        description: For people who look at the role. Defaults to none.

    Raises:
        InvalidInput: A user name that SageMaker would refuse, a team name that is none, a bad path, or more
            policies than a role can hold.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        managed_policies: Sequence[iam.IManagedPolicy] = (),
        user_name: str | None = None,
        team: str | None = None,
        permissions_boundary: iam.IManagedPolicy | None = None,
        path: str | None = None,
        description: str | None = None,
    ) -> None:
        _check(scope, user_name=user_name, team=team, path=path, policies=len(managed_policies))
        super().__init__(
            scope,
            construct_id,
            assumed_by=_sagemaker(),
            managed_policies=list(managed_policies) if managed_policies else None,
            permissions_boundary=permissions_boundary,
            path=path,
            description=description,
        )
        if self.assume_role_policy is not None:
            self.assume_role_policy.add_statements(
                iam.PolicyStatement(
                    sid=_SOURCE_IDENTITY_SID, actions=["sts:SetSourceIdentity"], principals=[_sagemaker()]
                )
            )
        for key, value in ((TEAM_TAG, team), (USER_TAG, user_name)):
            if value is not None:
                cdk.Tags.of(self).add(key, value, priority=_TAG_PRIORITY)


def _sagemaker() -> iam.ServicePrincipal:
    """SageMaker with the conditions of `trust_policy`."""
    arn = f"arn:{cdk.Aws.PARTITION}:sagemaker:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:*"
    conditions = {
        "StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID},
        "ArnLike": {"aws:SourceArn": arn},
    }
    return iam.ServicePrincipal(_SERVICE, conditions=conditions)


def _check(
    scope: Construct, *, user_name: str | None, team: str | None, path: str | None, policies: int
) -> None:
    if user_name is not None and not cdk.Token.is_unresolved(user_name) and not is_name(user_name):
        raise InvalidInput(
            "ExecutionRoleUserName",
            f"user_name must be 1-63 letters, digits or inner hyphens, got {user_name!r}",
            scope=scope,
        )
    if team is not None and not cdk.Token.is_unresolved(team) and not is_team_name(team):
        raise InvalidInput(
            "ExecutionRoleTeam",
            f"team must be 1-32 lower-case letters, digits or single inner hyphens, got {team!r}",
            scope=scope,
        )
    if path is not None and not cdk.Token.is_unresolved(path) and not is_role_path(path):
        raise InvalidInput(
            "ExecutionRolePath",
            f"path must start and end with a slash, like '/studio/', got {path!r}",
            scope=scope,
        )
    if policies > MAX_POLICIES:
        raise InvalidInput(
            "ExecutionRolePolicies",
            f"a role holds {MAX_POLICIES} managed policies, got {policies}",
            scope=scope,
        )
