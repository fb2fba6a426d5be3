"""Permissions on a user profile, given to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_sagemaker as refs


class UserProfileGrants:
    """Permissions on one profile.

    Works on any profile: a `UserProfile`, an L1 `CfnUserProfile`, or an imported one.
    """

    @classmethod
    def from_user_profile(cls, profile: refs.IUserProfileRef) -> UserProfileGrants:
        """Start granting on `profile`."""
        return cls(profile)

    def __init__(self, profile: refs.IUserProfileRef) -> None:
        self._profile = profile

    def open_studio(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` open Studio as this person."""
        return self._grant(grantee, "sagemaker:CreatePresignedDomainUrl")

    def describe(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` see the profile's settings."""
        return self._grant(grantee, "sagemaker:DescribeUserProfile")

    def _grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=list(actions),
            resource_arns=[self._profile.user_profile_ref.user_profile_arn],
        )
