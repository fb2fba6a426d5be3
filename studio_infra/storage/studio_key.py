"""The key that everything Studio keeps is encrypted with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.storage.removal import effective_removal_policy

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_kms as refs

# KMS CreateAlias: the part after "alias/"; "aws/" is AWS's own.
_ALIAS: Final = re.compile(r"(?!aws/)[A-Za-z0-9/_-]{1,250}")


class StudioKeyGrants:
    """Permissions on a key, given to somebody else's identity policy.

    Works on any key: ours, an L1 ``CfnKey``, or an imported one. A key that is not ours must delegate to IAM,
    as the default key policy does, or these grants have no effect.
    """

    @classmethod
    def from_key(cls, key: refs.IKeyRef) -> StudioKeyGrants:
        """Start granting on ``key``."""
        return cls(key)

    def __init__(self, key: refs.IKeyRef) -> None:
        self._key_arn = key.key_ref.key_arn

    def use(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` read and write what is encrypted with the key."""
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            resource_arns=[self._key_arn],
        )

    def decrypt(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` read what is encrypted with the key."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["kms:Decrypt", "kms:DescribeKey"], resource_arns=[self._key_arn]
        )

    def attach(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` start apps and jobs whose volumes are encrypted with the key.

        SageMaker, EBS and EFS work through grants on the key that the caller makes for them. The condition
        keeps the caller from making a grant for anybody else.
        https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource
        """
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["kms:CreateGrant"],
            resource_arns=[self._key_arn],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        )


class StudioKey(Construct):
    """A KMS key that rotates every year and outlives its stack.

    Its policy delegates to the account's IAM: EFS, EBS and SageMaker use the key with the permissions of the
    role that calls them, which the ``grants`` give.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of ``scope``. Renaming it makes a new key; what is encrypted
            with the old one stays readable as long as the old key, which is retained, exists.
        alias: A name for people, without ``alias/``. Leaving it out gives none, so that two stacks never
            collide. The alias goes with the stack, the key does not.
        removal_policy: What happens to the key when it leaves the template. Defaults to ``RETAIN``.
            ``DESTROY`` counts only with the app's consent (``studio_infra.storage.removal``), and then waits
            for the longest time that KMS allows, 30 days: data under a deleted key is lost for good.

    Raises:
        InvalidInput: ``alias`` is not a name that KMS accepts.

    """

    @classmethod
    def from_key_arn(cls, scope: Construct, construct_id: str, key_arn: str) -> kms.IKey:
        """Refer to a key that somebody else owns; use ``StudioKeyGrants.from_key`` to grant on it."""
        return kms.Key.from_key_arn(scope, construct_id, key_arn)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alias: str | None = None,
        removal_policy: cdk.RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        if alias is not None and not cdk.Token.is_unresolved(alias) and not _ALIAS.fullmatch(alias):
            raise InvalidInput(
                "KeyAlias",
                "alias must be 1-250 letters, digits, '/', '_' or '-', without 'alias/' and not below "
                f"'aws/', got {alias!r}",
                scope=self,
            )
        self._key = kms.Key(
            self,
            "Resource",
            description="Encrypts what Studio keeps: homes, volumes, artifacts and logs",
            enable_key_rotation=True,
            pending_window=cdk.Duration.days(30),
            removal_policy=effective_removal_policy(self, removal_policy),
        )
        if alias is not None:
            kms.Alias(self, "Alias", alias_name=f"alias/{alias}", target_key=self._key)

    @property
    def key(self) -> kms.IKey:
        """What other constructs take as ``kms.IKey``."""
        return self._key

    @property
    def key_arn(self) -> str:
        """The key's ARN."""
        return self._key.key_arn

    @property
    def key_ref(self) -> refs.KeyReference:
        """What other constructs take as ``IKeyRef``."""
        return self._key.key_ref

    @property
    def grants(self) -> StudioKeyGrants:
        """Permissions on this key."""
        return StudioKeyGrants.from_key(self._key)
