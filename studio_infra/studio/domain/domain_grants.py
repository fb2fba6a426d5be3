"""Permissions on a Studio domain, given to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Fn
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_sagemaker as refs


class DomainGrants:
    """Permissions on a domain, for principals of other stacks: a help desk, a portal, a monitor.

    Works on any domain: a `StudioDomain`, an L1 `CfnDomain`, or an imported one.
    """

    @classmethod
    def from_domain(cls, domain: refs.IDomainRef) -> DomainGrants:
        """Start granting on `domain`."""
        return cls(domain)

    def __init__(self, domain: refs.IDomainRef) -> None:
        self._domain = domain

    def describe(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` see the domain, its profiles, spaces and apps."""
        return self._grant(
            grantee,
            {
                "domain": ["sagemaker:DescribeDomain"],
                "user-profile": ["sagemaker:DescribeUserProfile"],
                "space": ["sagemaker:DescribeSpace"],
                "app": ["sagemaker:DescribeApp"],
            },
        )

    def open_studio(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` open Studio as any person of the domain: for a portal, never for people."""
        return self._grant(grantee, {"user-profile": ["sagemaker:CreatePresignedDomainUrl"]})

    def stop_apps(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` stop anybody's apps. Their spaces and files stay."""
        return self._grant(grantee, {"app": ["sagemaker:DescribeApp", "sagemaker:DeleteApp"]})

    def _grant(self, grantee: iam.IGrantable, actions: dict[str, list[str]]) -> iam.Grant:
        grants = [
            iam.Grant.add_to_principal(grantee=grantee, actions=names, resource_arns=[self._arn(kind)])
            for kind, names in actions.items()
        ]
        combined = grants[0]
        for grant in grants[1:]:
            combined = combined.combine(grant)
        return combined

    def _arn(self, kind: str) -> str:
        """ARN of all `kind` of the domain: its own with another resource type."""
        arn = self._domain.domain_ref.domain_arn
        if kind == "domain":
            return arn
        # arn:aws:sagemaker:region:account:domain/d-1 -> arn:aws:sagemaker:region:account:app/d-1/*
        domain_id = self._domain.domain_ref.domain_id
        return f"{Fn.select(0, Fn.split(':domain/', arn))}:{kind}/{domain_id}/*"
