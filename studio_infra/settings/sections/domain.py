"""The Studio domain: who may come in, from which network, with which apps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.aws_ids import Account, ImageVersion, InstanceType, SubnetId, VpcId
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.findings import Problem, repeated
from studio_infra.settings.sections.domain_features import (
    AmazonQSettings,
    CanvasSettings,
    DefaultImageSettings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

AppType = Literal["JupyterLab", "CodeEditor", "JupyterServer", "KernelGateway"]
AuthMode = Literal["IAM", "SSO"]
Network = Literal["VpcOnly", "PublicInternetOnly"]
Removal = Literal["retain", "destroy"]
ToolName = Literal[
    "AutoMl",
    "Comet",
    "DataWrangler",
    "DeepchecksLLMEvaluation",
    "EmrClusters",
    "Endpoints",
    "Experiments",
    "FeatureStore",
    "Fiddler",
    "HyperPodClusters",
    "InferenceOptimization",
    "InferenceRecommender",
    "JumpStart",
    "LakeraGuard",
    "Models",
    "ModelEvaluation",
    "PerformanceEvaluation",
    "Pipelines",
    "Projects",
    "Training",
]

#: The app's consent: ``cdk deploy -c @studio-infra/allow-destroy=true``, or the same key in cdk.json.
ALLOW_DESTROY: Final = "@studio-infra/allow-destroy"

#: Apps of Studio Classic: AWS lets nobody create new ones, domains that run them keep them.
CLASSIC_APPS: tuple[AppType, ...] = ("JupyterServer", "KernelGateway")


class DomainSettings(Section):
    """`[domain]`: the Studio domain and its network."""

    auth_mode: AuthMode
    """Who signs people in: "IAM" (a presigned URL) or "SSO" (IAM Identity Center).
    Changing it replaces the domain."""

    network: Network
    """"VpcOnly": all traffic through your VPC.
    "PublicInternetOnly": apps reach the internet through AWS's own."""

    vpc_id: VpcId | None = None
    """VPC to use. Left out, one is made. Changing it replaces the domain."""

    subnet_ids: Annotated[Many[SubnetId], MaxLen(limits.SUBNETS[1])] = ()
    """Private subnets of `vpc_id`: needed with it, refused without it."""

    availability_zones: Annotated[int, Ge(1), Le(3)] = 2
    """Availability zones of the VPC that is made."""

    nat_gateways: Annotated[int, Ge(0), Le(3)] = 1
    """NAT gateways of the VPC that is made; 0 means no way out except through VPC endpoints."""

    apps: Annotated[Many[AppType], MinLen(1)] = ("JupyterLab", "CodeEditor")
    """Apps people may open.
    "JupyterServer" and "KernelGateway" are Studio Classic, for domains that still run it."""

    docker: bool = False
    """Whether people may run Docker in their spaces."""

    docker_trusted_accounts: Annotated[Many[Account], MaxLen(20)] = ()
    """With "VpcOnly", accounts from whose registries Docker may pull images besides AWS's own."""

    rootless_docker: bool = False
    """Whether Docker in people's spaces runs without root. CloudFormation cannot say it: with this, or with any of
    `canvas`, `amazon_q`, `trusted_identity_propagation` and `user_identity_sessions`, the studio stack has a custom
    resource with a Lambda function that tells SageMaker."""

    trusted_identity_propagation: bool = False
    """Whether calls to services that know Identity Center carry who the person is. Needs "SSO"."""

    user_identity_sessions: bool = False
    """Whether sessions of people's roles are named after the person, for CloudTrail, instead of "SageMaker"."""

    canvas: CanvasSettings | None = None
    """SageMaker Canvas. Left out, it is hidden and left alone."""

    amazon_q: AmazonQSettings | None = None
    """Amazon Q Developer. Left out, it is left alone."""

    features_revision: Annotated[int, Ge(0), Le(10_000)] = 0
    """Raise it by one to have all of these told to SageMaker once more, after somebody changed them by hand."""

    default_images: Mapping[AppType, DefaultImageSettings] = {}
    """What apps start from unless the person chooses, by app. Left out, SageMaker's own images."""

    hidden_tools: Many[ToolName] = ()
    """Entries that Studio's left navigation leaves out. Comfort, not control: roles decide what may be done."""

    hidden_image_versions: Annotated[Many[ImageVersion], MaxLen(20)] = ()
    """Versions of SageMaker Distribution that the launcher leaves out, like "2.1"."""

    landing_page: Literal["studio", "jupyterlab", "codeeditor", "classic"] = "studio"
    """Where people land."""

    lifecycle_revision: Annotated[int, Ge(0), Le(10_000)] = 0
    """Raise it by one when git or idle settings return to what they were before: SageMaker keeps old scripts under
    their names and takes no second one of the same."""

    sdk_defaults: bool = True
    """Whether the SageMaker SDK in people's spaces uses their team's role, network, key and folder for jobs."""

    removal: Removal = "retain"
    """What happens to homes, keys and buckets when the stack goes.
    "destroy" needs the app's consent as well."""

    drain_on_delete: bool = False
    """Whether deleting the studio stack empties the domain first, homes too, so that it goes in one go. That takes a
    custom resource with a Lambda function; it is made only with `removal = "destroy"` and the app's consent.
    `studio-infra drain` does the same from outside and shows a plan first."""

    final_copy: bool = True
    """Whether `drain_on_delete` copies the homes once more before anything goes: into a backup vault that stays."""

    home_backup: bool = False
    """Whether AWS Backup copies everybody's home on EFS: daily, kept for 35 days, and monthly, kept for a year.
    The copies outlive the domain."""

    default_instance_type: InstanceType = "ml.t3.medium"
    """Instance type of an app when nobody chooses one."""

    space_ebs_gb: Annotated[int, Ge(limits.EBS_GB[0]), Le(limits.EBS_GB[1])] = 20
    """Size of a new space's volume in GB."""

    space_ebs_max_gb: Annotated[int, Ge(limits.EBS_GB[0]), Le(limits.EBS_GB[1])] = 100
    """Largest size in GB that people can choose for a space's volume."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Subnets without VPC, sizes that contradict each other, things named twice."""
        named = ("apps", "subnet_ids", "hidden_tools", "hidden_image_versions", "docker_trusted_accounts")
        return (
            self._drain(),
            self._vpc(),
            self._sizes(),
            self._docker(),
            self._features(),
            self._default_images(),
            *(self._repeated(field) for field in named),
        )

    def _drain(self) -> Iterator[Problem]:
        if self.drain_on_delete and self.removal != "destroy":
            wanted = 'set removal = "destroy" as well, or leave it out'
            yield Problem(("drain_on_delete",), "removal keeps the domain", wanted, self.drain_on_delete)
        if "final_copy" in self.model_fields_set and not self.drain_on_delete:
            yield Problem(
                ("final_copy",),
                "is about drain_on_delete",
                "set that to true or leave this out",
                self.final_copy,
            )

    def _sizes(self) -> Iterator[Problem]:
        if self.space_ebs_gb > self.space_ebs_max_gb:
            yield Problem(
                ("space_ebs_gb",),
                "larger than space_ebs_max_gb",
                f"use at most {self.space_ebs_max_gb}",
                self.space_ebs_gb,
            )

    def _repeated(self, field: str) -> Iterator[Problem]:
        values: tuple[str, ...] = getattr(self, field)
        yield from repeated(values, (field,))

    def _docker(self) -> Iterator[Problem]:
        if self.docker_trusted_accounts and not self.docker:
            yield Problem(
                ("docker_trusted_accounts",),
                "is for Docker, which is off",
                "leave it out, or let docker be true",
            )

    def _features(self) -> Iterator[Problem]:
        if self.rootless_docker and not self.docker:
            yield Problem(
                ("rootless_docker",), "is for Docker, which is off", "leave it out, or let docker be true"
            )
        if self.trusted_identity_propagation and self.auth_mode != "SSO":
            yield Problem(
                ("trusted_identity_propagation",),
                "needs people who sign in through Identity Center",
                'leave it out, or let auth_mode be "SSO"',
            )

    def _default_images(self) -> Iterator[Problem]:
        for app in self.default_images:
            if app not in self.apps:
                yield Problem(("default_images", app), "the domain does not offer this app", "add it to apps")

    def _vpc(self) -> Iterator[Problem]:
        if self.vpc_id is not None and not self.subnet_ids:
            yield Problem(
                ("vpc_id",), "has no subnets", "name its private subnets in subnet_ids", self.vpc_id
            )
        if self.vpc_id is None and self.subnet_ids:
            yield Problem(
                ("subnet_ids",), "has no VPC", "name the VPC they belong to in vpc_id", self.subnet_ids
            )
        if self.vpc_id is not None:
            for field in ("availability_zones", "nat_gateways"):
                if field in self.model_fields_set:
                    yield Problem(
                        (field,),
                        "is for a VPC that is made here",
                        "leave it out or leave out vpc_id",
                        getattr(self, field),
                    )
        elif self.nat_gateways > self.availability_zones:
            allowed = f"use at most one for each of the {self.availability_zones} availability zones"
            yield Problem(
                ("nat_gateways",), "more than there are availability zones", allowed, self.nat_gateways
            )
