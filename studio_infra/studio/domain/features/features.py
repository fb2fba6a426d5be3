"""Everything that only SageMaker's API can give a domain, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import CODE_REPOSITORIES_MAX, is_code_repository, is_q_profile_arn
from studio_infra.studio.domain.features.checks import check_text

if TYPE_CHECKING:
    from studio_infra.studio.domain.apps import Json
    from studio_infra.studio.domain.connections import EmrAccess
    from studio_infra.studio.domain.features.canvas import Canvas


@dataclass(frozen=True, slots=True, kw_only=True)
class AmazonQ:
    """Amazon Q Developer in JupyterLab and Code Editor. The Pro tier needs a domain with Identity Center.

    People's roles must allow it, too: `q:SendMessage` and `codewhisperer:GenerateRecommendations`.
    https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-amazon-q-admin-guide-set-up.html

    Args:
        profile_arn: ARN of the Amazon Q Developer profile. Defaults to none: the free tier.

    Raises:
        InvalidInput: It is no ARN of such a profile.

    """

    profile_arn: str | None = None

    def __post_init__(self) -> None:
        example = "arn:aws:codewhisperer:us-east-1:123456789012:profile/ABCDEFGHIJKL"
        check_text("profile_arn", self.profile_arn, is_q_profile_arn, example)

    def as_json(self) -> Json:
        """`AmazonQSettings` of the API."""
        profile = {} if self.profile_arn is None else {"QProfileArn": self.profile_arn}
        return {"Status": "ENABLED", **profile}


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainFeatures:
    """What a domain can have and CloudFormation cannot say; everything left out is left alone.

    `DomainUpdate` brings it to a domain and takes it back when it is not here any more: switches go off, entries of
    lists go. What the API cannot unset (a place in S3, a role, a profile) may stay.

    Args:
        canvas: What Canvas may do.
        amazon_q: Amazon Q Developer.
        trusted_identity_propagation: Whether calls to services that know Identity Center carry who the person is. Only
            for domains with Identity Center. People restart their spaces for it.
        rootless_docker: Whether Docker in people's spaces runs without root. Needs `DockerAccess`.
        user_identity_sessions: Whether sessions of execution roles are named after the person who came in, instead of
            `SageMaker`, so that CloudTrail says who it was.
        emr: Roles with which everybody's JupyterLab connects to EMR clusters; profiles have options of their own.
        classic_code_repositories: https URLs that Studio Classic suggests for cloning; at most 10.

    Raises:
        InvalidInput: A repository that is not https, or more of them.

    """

    canvas: Canvas | None = None
    amazon_q: AmazonQ | None = None
    trusted_identity_propagation: bool = False
    rootless_docker: bool = False
    user_identity_sessions: bool = False
    emr: EmrAccess | None = None
    classic_code_repositories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        urls = self.classic_code_repositories
        wrong = [url for url in urls if not cdk.Token.is_unresolved(url) and not is_code_repository(url)]
        if wrong or len(urls) > CODE_REPOSITORIES_MAX:
            raise InvalidInput(
                "DomainFeatures",
                f"classic_code_repositories must be at most {CODE_REPOSITORIES_MAX} https URLs, got "
                f"{wrong[0] if wrong else len(urls)!r}",
            )

    @property
    def role_arns(self) -> tuple[str, ...]:
        """The roles that who sets this passes on."""
        return self.canvas.role_arns if self.canvas is not None else ()

    @property
    def touches_apps(self) -> bool:
        """Whether it stands in the settings of an app, next to lifecycle configurations and images."""
        return self.emr is not None or bool(self.classic_code_repositories)

    def as_json(self) -> Json:
        """Sections of DescribeDomain with blocks in the API's words; empty when nothing is wanted."""
        sections = {"DefaultUserSettings": self._user_settings(), "DomainSettings": self._domain_settings()}
        return {name: section for name, section in sections.items() if section}

    def _user_settings(self) -> Json:
        settings: Json = {}
        if self.canvas is not None and (said := self.canvas.as_json()):
            settings["CanvasAppSettings"] = said
        if self.user_identity_sessions:
            settings["StudioWebPortalSettings"] = {"ExecutionRoleSessionNameMode": "USER_IDENTITY"}
        if self.emr is not None:
            settings["JupyterLabAppSettings"] = {"EmrSettings": self.emr.as_json()}
        if self.classic_code_repositories:
            settings["JupyterServerAppSettings"] = {
                "CodeRepositories": [{"RepositoryUrl": url} for url in self.classic_code_repositories]
            }
        return settings

    def _domain_settings(self) -> Json:
        settings: Json = {}
        if self.amazon_q is not None:
            settings["AmazonQSettings"] = self.amazon_q.as_json()
        if self.trusted_identity_propagation:
            settings["TrustedIdentityPropagationSettings"] = {"Status": "ENABLED"}
        if self.rootless_docker:
            settings["DockerSettings"] = {"RootlessDocker": "ENABLED"}
        return settings
