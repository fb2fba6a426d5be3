"""An image of one's own in Studio's launcher."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as refs

from studio_infra.access.policy_file import PolicyFile
from studio_infra.access.policy_packing import policy_document
from studio_infra.access.wildcards import acknowledge_wildcards
from studio_infra.errors import InvalidInput, located, one_of
from studio_infra.settings.facts.limits import IMAGE_MAX, is_image
from studio_infra.settings.facts.regions import require_types
from studio_infra.studio.domain.apps import CustomImage, StudioApp
from studio_infra.studio.people.l1 import properties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from studio_infra.studio.images.container import AppContainer, Kernel

#: `ImageName` of the registry; a configuration's name is the image's, a hyphen and the app.
_NAME: Final = re.compile(r"[a-zA-Z0-9](?:-*[a-zA-Z0-9])*", re.ASCII)
_NAME_MAX: Final = 63
_APPS: Final = {
    StudioApp.JUPYTER_LAB: ("jupyter_lab_app_image_config", "JupyterLabAppImageConfigProperty", "jl"),
    StudioApp.CODE_EDITOR: ("code_editor_app_image_config", "CodeEditorAppImageConfigProperty", "ce"),
    StudioApp.KERNEL_GATEWAY: ("kernel_gateway_image_config", "KernelGatewayImageConfigProperty", "kg"),
}
_ECR: Final = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z.]+/(?P<name>[^:@]+)"
)


@jsii.implements(refs.IImageRef)
class StudioImage(cdk.Resource):
    """An image, its newest version, and how each app starts it: pass it to `StudioDomain(images=[…])`.

    A new `container_image` makes a new version and keeps the old ones, because apps may run from them. Apps start from
    the newest version unless their space names another.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it makes a new image of the same name, which fails.
        image_name: Name of the image, unique in the account and region: 1 to 60 letters, digits and inner hyphens.
            Changing it replaces the image.
        container_image: The image in Amazon ECR, in the same account or one that lets this account pull:
            `123456789012.dkr.ecr.eu-west-1.amazonaws.com/lab:1`, or `DockerImageAsset.image_uri`. Name a tag or digest
            that is never used again: CloudFormation sees no change behind a moving tag.
        apps: Which apps can run it. Defaults to JupyterLab.
        container: How JupyterLab and Code Editor start it. Defaults to the image's own way.
        kernel: What it offers to Studio Classic; needed there, and only there.
        idle_extension: Whether the image has `jupyter-activity-monitor-extension` 0.3.1 or newer, or is built on
            SageMaker Distribution 2 or newer, which has it. Without it, Studio itself never sees the app idle.
            https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-idle-shutdown.html
        display_name: What people read in the launcher. Defaults to `image_name`.
        description: What the image is for. Defaults to none.
        aliases: Names for this version, such as `"1.4"`. Defaults to none.

    Raises:
        InvalidInput: A name that SageMaker would refuse, no image in ECR, or an app that runs no image of one's own.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image_name: str,
        container_image: str,
        apps: Sequence[StudioApp] = (StudioApp.JUPYTER_LAB,),
        container: AppContainer | None = None,
        kernel: Kernel | None = None,
        idle_extension: bool = False,
        display_name: str | None = None,
        description: str | None = None,
        aliases: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id, physical_name=image_name)
        with located(self):
            require_types(cdk.Stack.of(self).region, "AWS::SageMaker::Image", "AWS::SageMaker::ImageVersion")
        self.apps: Final = tuple(one_of(StudioApp, "apps", app, scope=self) for app in apps)
        self._check(image_name, container_image, kernel)
        self.image_name: Final = image_name
        #: Whether Studio itself can see that nobody uses an app of this image.
        self.idle_extension: Final = idle_extension
        #: What SageMaker pulls the image as.
        self.role: Final = self._pulling_role(container_image)
        self._resource = sagemaker.CfnImage(
            self,
            "Resource",
            image_name=image_name,
            image_role_arn=self.role.role_arn,
            image_display_name=display_name if display_name is not None else image_name,
            image_description=description,
        )
        self._resource.node.add_dependency(self.role)
        #: The version of `container_image`. Older ones are kept: apps may run from them.
        self.version: Final = sagemaker.CfnImageVersion(
            self,
            "Version",
            image_name=image_name,
            base_image=container_image,
            aliases=list(aliases) or None,
        )
        self.version.node.add_dependency(self._resource)
        self.version.cfn_options.update_replace_policy = cdk.CfnDeletionPolicy.RETAIN
        self.version.cfn_options.deletion_policy = cdk.CfnDeletionPolicy.DELETE
        self._configs = {app: self._config(app, container, kernel) for app in self.apps}

    @property
    def image_ref(self) -> refs.ImageReference:
        """What other constructs take as `IImageRef`."""
        return self._resource.image_ref

    def for_app(self, app: StudioApp) -> CustomImage | None:
        """How a domain names the image to one of its apps; None if that app cannot run it."""
        config = self._configs.get(app)
        return (
            None if config is None else CustomImage(image_name=self.image_name, app_image_config_name=config)
        )

    def _config(self, app: StudioApp, container: AppContainer | None, kernel: Kernel | None) -> str:
        option, kind, short = _APPS[app]
        name = f"{self.image_name}-{short}"
        if app is StudioApp.KERNEL_GATEWAY:
            settings = kernel.as_json() if kernel is not None else {}
        else:
            settings = {} if container is None else {"ContainerConfig": container.as_json()}
        value = properties(getattr(sagemaker.CfnAppImageConfig, kind), settings)
        sagemaker.CfnAppImageConfig(self, f"{app}Config", app_image_config_name=name, **{option: value})
        return name

    def _pulling_role(self, container_image: str) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            description="Lets SageMaker pull one image for Studio",
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            ),
        )
        file = PolicyFile.shipped("image_role")
        statements = file.filled({"Repository": self._repository_arn(container_image)})
        policy = iam.CfnManagedPolicy(
            role,
            "Policy",
            description="Pulls one image",
            policy_document=policy_document(statements),
            roles=[role.role_name],
        )
        unknown = {"PullImage": "the image's repository is not known before it is deployed"}
        acknowledge_wildcards(policy, statements, {**file.reasons, **unknown})
        return role

    def _repository_arn(self, container_image: str) -> str:
        stack, found = cdk.Stack.of(self), _ECR.match(container_image)
        if found is None:  # not known before the deployment: a repository of this account
            return stack.format_arn(service="ecr", resource="repository", resource_name="*")
        return stack.format_arn(
            service="ecr",
            account=found["account"],
            region=found["region"],
            resource="repository",
            resource_name=found["name"],
        )

    def _check(self, image_name: str, container_image: str, kernel: Kernel | None) -> None:
        longest = _NAME_MAX - len("-jl")
        if not cdk.Token.is_unresolved(image_name) and (
            _NAME.fullmatch(image_name) is None or len(image_name) > longest
        ):
            raise InvalidInput(
                "ImageName",
                f"image_name must be 1-{longest} letters, digits or inner hyphens, got {image_name!r}",
                scope=self,
            )
        if not cdk.Token.is_unresolved(container_image) and not is_image(container_image):
            raise InvalidInput(
                "ContainerImage",
                "container_image must be an image in Amazon ECR, at most "
                f"{IMAGE_MAX} characters, got {container_image!r}",
                scope=self,
            )
        unknown = [app for app in self.apps if app not in _APPS]
        if unknown or not self.apps:
            raise InvalidInput(
                "ImageApps",
                f"apps must be one or more of {', '.join(_APPS)}, got {', '.join(self.apps) or 'none'}",
                scope=self,
            )
        if (StudioApp.KERNEL_GATEWAY in self.apps) is not (kernel is not None):
            raise InvalidInput(
                "ImageKernel",
                "an image for KernelGateway needs kernel, and only that one does",
                scope=self,
            )
