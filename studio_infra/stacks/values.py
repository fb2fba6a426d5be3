"""From what settings say to what constructs take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra.access import RoleSharing
from studio_infra.network import GitEgress
from studio_infra.settings.fields.construct_id import construct_id
from studio_infra.studio.domain.apps import DefaultImage, StudioApp
from studio_infra.studio.domain.domain_options import DockerAccess, DomainOptions
from studio_infra.studio.domain.features import AmazonQ, Canvas, CanvasDataSource, DomainFeatures
from studio_infra.studio.domain.portal import Portal, StudioTool
from studio_infra.studio.git.git_host import CodeCommitHost, GitHost
from studio_infra.studio.git.git_ssh import GitSsh, KeyStore
from studio_infra.studio.idle.idle_shutdown import IdleEngine, IdleShutdown
from studio_infra.studio.lifecycle.sagemaker_defaults import SageMakerDefaults
from studio_infra.workloads.endpoints.endpoint_lifetime import EndpointLifetime, OfficeHours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from studio_infra.settings import EndpointSettings, StudioSettings
    from studio_infra.settings.sections.domain_features import CanvasSettings

_SSH: Final = 22
_HTTPS: Final = 443
_LANDINGS: Final = {
    "studio": "studio::",
    "jupyterlab": "app:JupyterLab:",
    "codeeditor": "app:CodeEditor:",
    "classic": "app:JupyterServer:",
}
_KNOWN_HOSTS: Final[Mapping[str, Callable[[], GitHost]]] = {
    "github.com": GitHost.github,
    "gitlab.com": GitHost.gitlab,
    "bitbucket.org": GitHost.bitbucket,
}


def removal_policy(settings: StudioSettings) -> cdk.RemovalPolicy:
    """What the settings want to happen to data when a stack goes."""
    return cdk.RemovalPolicy.DESTROY if settings.domain.removal == "destroy" else cdk.RemovalPolicy.RETAIN


def role_sharing(settings: StudioSettings) -> RoleSharing:
    """Whose an execution role is."""
    return RoleSharing.PER_TEAM if settings.access.role_sharing == "per_team" else RoleSharing.PER_PERSON


def endpoint_lifetime(endpoint: EndpointSettings) -> EndpointLifetime:
    """How long an endpoint is wanted, and when."""
    if endpoint.lifetime_days is not None:
        lifetime = EndpointLifetime.for_days(endpoint.lifetime_days)
    elif endpoint.expires is None or isinstance(endpoint.expires, str):
        lifetime = EndpointLifetime.forever()
    else:
        lifetime = EndpointLifetime.until(endpoint.expires)
    if endpoint.extendable_days is not None:
        lifetime = lifetime.extendable(endpoint.extendable_days)
    hours, idle = endpoint.office_hours, endpoint.stop_after_idle_hours
    if hours is not None:
        lifetime = lifetime.in_hours(
            OfficeHours(start=hours.start, end=hours.end, time_zone=hours.time_zone, days=hours.days)
        )
    return lifetime if idle is None else lifetime.or_idle(idle)


def domain_options(settings: StudioSettings) -> DomainOptions:
    """What the domain has for all its apps."""
    domain = settings.domain
    return DomainOptions(
        docker=DockerAccess(trusted_accounts=domain.docker_trusted_accounts) if domain.docker else None,
        dual_stack=settings.network.dual_stack,
        propagate_user_identity=role_sharing(settings) is RoleSharing.PER_TEAM,
    )


def domain_features(settings: StudioSettings) -> DomainFeatures | None:
    """What CloudFormation cannot say of the domain; nothing when the settings name none of it."""
    domain = settings.domain
    wanted = DomainFeatures(
        canvas=_canvas(domain.canvas) if domain.canvas is not None else None,
        amazon_q=AmazonQ(profile_arn=domain.amazon_q.profile_arn) if domain.amazon_q is not None else None,
        trusted_identity_propagation=domain.trusted_identity_propagation,
        rootless_docker=domain.rootless_docker,
        user_identity_sessions=domain.user_identity_sessions,
    )
    return wanted if wanted.as_json() else None


def _canvas(canvas: CanvasSettings) -> Canvas:
    return Canvas(
        s3_uri=canvas.s3_uri,
        key_id=canvas.key_id,
        direct_deploy=canvas.direct_deploy,
        document_query=canvas.document_query,
        model_register=canvas.model_register,
        model_register_role_arn=canvas.model_register_role_arn,
        forecasts=canvas.forecasts,
        forecast_role_arn=canvas.forecast_role_arn,
        bedrock_role_arn=canvas.bedrock_role_arn,
        emr_serverless_role_arn=canvas.emr_serverless_role_arn,
        data_sources=tuple(
            CanvasDataSource(name=name, secret_arn=secret) for name, secret in canvas.data_sources.items()
        ),
    )


def default_images(settings: StudioSettings) -> dict[StudioApp, DefaultImage]:
    """What apps start from unless the person chooses, where the settings say it."""
    return {
        StudioApp(app): DefaultImage(image_arn=image.image_arn, version_arn=image.version_arn)
        for app, image in settings.domain.default_images.items()
    }


def portal(settings: StudioSettings) -> Portal | None:
    """What Studio's own pages show; everything when the settings hide nothing."""
    domain = settings.domain
    shown = Portal(
        hidden_tools=tuple(StudioTool(tool) for tool in domain.hidden_tools),
        hidden_image_versions=domain.hidden_image_versions,
        landing_uri=_LANDINGS[domain.landing_page],
        canvas=domain.canvas is not None,
    )
    return None if shown == Portal() else shown


def git_ssh(settings: StudioSettings) -> GitSsh | None:
    """Git over SSH as the settings want it; nothing when they name no host."""
    git = settings.git
    hosts = [_KNOWN_HOSTS[host]() for host in git.hosts]
    hosts += [
        GitHost.custom(
            custom.host,
            port=custom.port,
            user=custom.user,
            host_keys=custom.host_keys,
            trust_on_first_use=custom.trust_on_first_use,
        )
        for custom in git.custom_hosts
    ]
    codecommit = [CodeCommitHost(region=one.region, repositories=one.repositories) for one in git.codecommit]
    if not hosts and not codecommit:
        return None
    return GitSsh(
        hosts=[*hosts, *codecommit],
        key_store=KeyStore(git.key_store),
        people=f"/{settings.name}/people",
        via_443=git.via_443,
        publish=git.publish_keys,
        sign_commits=git.sign_commits,
        https_rewrite=git.https_rewrite,
        clone=git.clone,
    )


def git_egress(settings: StudioSettings) -> GitEgress:
    """The ports of the git hosts, and 443 in any case: pip and conda go that way too."""
    git = settings.git
    ports = {_HTTPS, *(custom.port for custom in git.custom_hosts)}
    if git.hosts and not git.via_443:
        ports.add(_SSH)
    return GitEgress(ports=tuple(sorted(ports)))


def sagemaker_defaults(settings: StudioSettings) -> SageMakerDefaults | None:
    """Where spaces find the defaults of the SageMaker SDK; nothing when the settings want none."""
    if not settings.domain.sdk_defaults:
        return None
    return SageMakerDefaults(people=f"/{settings.name}/people", teams=f"/{settings.name}/teams")


def idle_shutdown(settings: StudioSettings, *, after_minutes: int | None = None) -> IdleShutdown:
    """When unused apps stop: in the whole domain, or where a team or a person has a limit of their own."""
    idle = settings.idle_shutdown
    allowed = idle.allowed_range_minutes
    return IdleShutdown(
        after=cdk.Duration.minutes(idle.after_minutes if after_minutes is None else after_minutes),
        engine=IdleEngine(idle.engine),
        allowed_range=(cdk.Duration.minutes(allowed[0]), cdk.Duration.minutes(allowed[1]))
        if allowed is not None
        else None,
        by_instance_type={
            kind: cdk.Duration.minutes(minutes) for kind, minutes in idle.by_instance_type.items()
        },
        busy_cap=cdk.Duration.hours(idle.busy_cap_hours) if idle.busy_cap_hours is not None else None,
        terminal_jobs=idle.terminal_jobs,
        hold_cap=cdk.Duration.hours(idle.hold_cap_hours),
    )


def pascal(name: str) -> str:
    """`data-science` as `DataScience`, for construct ids. The settings refuse two names that would become the same."""
    return construct_id(name)
