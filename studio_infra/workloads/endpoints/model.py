"""A model: containers, their data, and the role and network they run with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as refs

from studio_infra.errors import InvalidInput, located
from studio_infra.settings.facts.limits import IMAGE_MAX, is_name
from studio_infra.settings.facts.regions import require_types
from studio_infra.workloads import limits
from studio_infra.workloads.permissions import for_container, for_data, for_images
from studio_infra.workloads.pipelines.pipeline_definition.data import check_place
from studio_infra.workloads.roles import allow_given_role, sagemaker_role
from studio_infra.workloads.vpc_placement import VpcPlacement, placement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_kms as kms
    from constructs import Construct

_VARIABLE_MAX: Final = 1024


@dataclass(frozen=True, kw_only=True)
class ModelContainer:
    """A container that answers requests.

    Args:
        image: The container image.
        model_data: The model in S3. Defaults to a model inside the image. SageMaker copies it when the
            endpoint starts and does not look at it again: put each version in a place of its own, or nothing
            is updated.
        environment: Environment variables.
        private_registry: Pull the image through the VPC, from a registry that only it can reach.
        many_models: `model_data` is a folder with many models; each request names the one it means.
        keep_models: Of many models, keep those in memory that were asked for. Without, each is loaded for each request:
            for models that are rarely asked twice.
        name: 1-63 letters, digits or inner hyphens: what requests call it where a model says `direct`, by
            `TargetContainerHostname`. Give it to all containers of a model, or to none.

    """

    image: str
    model_data: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    private_registry: bool = False
    many_models: bool = False
    keep_models: bool = True
    name: str | None = None

    def __post_init__(self) -> None:
        if self.name is not None and not is_name(self.name):
            raise InvalidInput(
                "ContainerName",
                f"a container is named by 1-63 letters, digits or inner hyphens, got {self.name!r}",
            )
        if not cdk.Token.is_unresolved(self.image) and not 1 <= len(self.image) <= IMAGE_MAX:
            raise InvalidInput(
                "Image", f"an image is named by 1-{IMAGE_MAX} characters, got {len(self.image)}"
            )
        if self.model_data is not None:
            check_place(self.model_data, "model_data")
        if not self.keep_models and not self.many_models:
            raise InvalidInput("ManyModels", "keep_models is about many_models: say both, or neither")
        if self.many_models and (self.model_data is None or not self.model_data.endswith("/")):
            raise InvalidInput(
                "ManyModels",
                f"many_models needs a folder as model_data, ending with a slash, got {self.model_data!r}",
            )
        if len(self.environment) > limits.ENVIRONMENT_MAX:
            raise InvalidInput(
                "ModelEnvironment",
                f"at most {limits.ENVIRONMENT_MAX} variables are possible, got {len(self.environment)}",
            )
        for name, value in self.environment.items():
            if not cdk.Token.is_unresolved(value) and len(value) > _VARIABLE_MAX:
                raise InvalidInput(
                    "ModelEnvironment",
                    f"variable {name} can be {_VARIABLE_MAX} characters long, got {len(value)}",
                )

    def to_property(self) -> sagemaker.CfnModel.ContainerDefinitionProperty:
        """The container in CloudFormation's words."""
        return sagemaker.CfnModel.ContainerDefinitionProperty(
            image=self.image,
            container_hostname=self.name,
            model_data_url=self.model_data,
            environment=dict(self.environment) or None,
            mode="MultiModel" if self.many_models else None,
            multi_model_config=(
                None
                if self.keep_models
                else sagemaker.CfnModel.MultiModelConfigProperty(model_cache_setting="Disabled")
            ),
            image_config=sagemaker.CfnModel.ImageConfigProperty(
                repository_access_mode="Vpc" if self.private_registry else "Platform"
            ),
        )


@jsii.implements(refs.IModelRef, iam.IGrantable)
class Model(cdk.Resource):
    """A model that endpoints can serve.

    It has no name of its own: any change makes a new model under a new name, endpoints follow, and the old
    one is deleted when they have.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        containers: One, or up to 15 that hand the request on from one to the next.
        vpc: Where the containers run; `None`, said out loud, for serverless endpoints, which cannot run in a
            VPC.
        key: The key of the model's data, and of the volumes of its endpoints.
        security_groups: Of the containers: 1-5, if they run in a VPC.
        subnets: Where the containers run. Defaults to the private subnets of `vpc`.
        network_isolation: No network for the containers themselves. Serverless endpoints need `False`.
        direct: Requests name the container they mean, instead of going through all of them: each needs a `name`.
        role: What the containers may do. It gets a policy with what they need, and is not changed otherwise.
            Defaults to a new role with that policy alone.

    Attributes:
        role: What the containers may do.
        containers: What answers.
        network_isolation: Whether they have no network.
        in_vpc: Whether they run in a VPC.

    Raises:
        InvalidInput: No or too many containers, or a network that the service does not take.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        containers: Sequence[ModelContainer],
        vpc: ec2.IVpc | None,
        key: kms.IKey,
        security_groups: Sequence[ec2.ISecurityGroup] = (),
        subnets: Sequence[ec2.ISubnet] | None = None,
        network_isolation: bool = True,
        direct: bool = False,
        role: iam.IRole | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        with located(self):
            require_types(cdk.Stack.of(self).region, "AWS::SageMaker::Model")
        self._check(containers, direct=direct, in_vpc=vpc is not None)
        network = (
            VpcPlacement((), ())
            if vpc is None
            else placement(self, vpc=vpc, subnets=subnets, security_groups=security_groups)
        )
        self.containers = tuple(containers)
        self.network_isolation = network_isolation
        self.in_vpc = vpc is not None
        stack = cdk.Stack.of(self)
        images = for_images(stack, (container.image for container in containers))
        data = for_data(stack, read=(container.model_data or "" for container in containers))
        needs = (
            images
            + data
            + for_container(
                stack,
                logs=["Endpoints"],
                subnet_ids=network.subnet_ids,
                security_group_ids=network.security_group_ids,
                key_arn=key.key_arn,
            )
        )
        what = "Containers of a model"
        self.role: iam.IRole = sagemaker_role(self, "Role", needs, description=what) if role is None else role
        definitions = [container.to_property() for container in containers]
        single = len(definitions) == 1
        self._resource = sagemaker.CfnModel(
            self,
            "Resource",
            execution_role_arn=self.role.role_arn,
            primary_container=definitions[0] if single else None,
            containers=None if single else definitions,
            inference_execution_config=(
                sagemaker.CfnModel.InferenceExecutionConfigProperty(mode="Direct") if direct else None
            ),
            enable_network_isolation=network_isolation,
            vpc_config=(
                sagemaker.CfnModel.VpcConfigProperty(
                    subnets=list(network.subnet_ids), security_group_ids=list(network.security_group_ids)
                )
                if self.in_vpc
                else None
            ),
        )
        if role is not None:
            policies = allow_given_role(self, "Policies", role, needs, description=what)
            self._resource.node.add_dependency(policies)

    @property
    def model_ref(self) -> refs.ModelReference:
        """What other constructs take as `IModelRef`."""
        return self._resource.model_ref

    @property
    def model_name(self) -> str:
        """The name that CloudFormation gave it."""
        return self._resource.attr_model_name

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role: granting to a model grants to its containers."""
        return self.role.grant_principal

    def _check(self, containers: Sequence[ModelContainer], *, direct: bool, in_vpc: bool) -> None:
        if not 1 <= len(containers) <= limits.CONTAINERS_MAX:
            raise InvalidInput(
                "ModelContainers",
                f"between 1 and {limits.CONTAINERS_MAX} containers are possible, got {len(containers)}",
                scope=self,
            )
        if direct and len(containers) == 1:
            raise InvalidInput(
                "ModelContainers", "direct needs two containers or more to choose from, got 1", scope=self
            )
        names = [container.name for container in containers if container.name is not None]
        if names and len(names) < len(containers):
            raise InvalidInput(
                "ModelContainers",
                f"all containers have names or none, got {len(names)} names for {len(containers)}",
                scope=self,
            )
        if direct and not names:
            raise InvalidInput(
                "ModelContainers",
                "direct lets requests name a container: give each ModelContainer a name",
                scope=self,
            )
        if len(set(names)) < len(names):
            raise InvalidInput(
                "ModelContainers",
                f"each container needs a name of its own, got {', '.join(names)}",
                scope=self,
            )
        if not in_vpc and any(container.private_registry for container in containers):
            raise InvalidInput(
                "PrivateRegistry",
                "private_registry pulls the image through the VPC: give vpc as well",
                scope=self,
            )


def model_name(model: refs.IModelRef) -> str:
    """The name of any model: ours, an L1 or an imported one."""
    if isinstance(model, Model):
        return model.model_name
    return cdk.Fn.select(1, cdk.Fn.split("/", model.model_ref.model_arn))
