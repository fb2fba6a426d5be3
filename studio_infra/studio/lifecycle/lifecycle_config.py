"""A lifecycle configuration: a script that Studio runs when an app starts."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as refs

from studio_infra.errors import InvalidInput, located
from studio_infra.settings.facts.limits import NAME_MAX, is_name
from studio_infra.settings.facts.regions import require_types
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.studio.domain.apps import StudioApp
from studio_infra.studio.domain.classic import warn_about_classic

if TYPE_CHECKING:
    from constructs import Construct

    from studio_infra.studio.lifecycle.lifecycle_script import LifecycleScript

_HASH_LENGTH: Final = 8


@jsii.implements(cdk.IStableStringProducer)
class _HashedName:
    """Computes the name when the tree is complete: tags may be added above the config after it is made."""

    def __init__(self, config: StudioLifecycleConfig) -> None:
        self._config = config

    def produce(self) -> str:
        return self._config._hashed_name()  # noqa: SLF001 - one half of the config, split off for jsii


@jsii.implements(refs.IStudioLifecycleConfigRef)
class StudioLifecycleConfig(cdk.Resource):
    """A lifecycle configuration whose name changes with everything that would replace it.

    SageMaker cannot change a lifecycle configuration, not even its tags, and cannot delete one that an app
    still runs with. So a change must arrive under a new name, and the old configuration must stay. The name
    ends in a hash of script, app type, place in the app and tags (its own, and its stack's: CloudFormation
    copies those to it), whenever they are added. Tags given to `cdk deploy --tags` are invisible here: use
    `Tags.of(app)` instead.

    Going back to an earlier script (A, then B, then A again) meets the name that A left behind, and so does
    deploying anew after the stack was destroyed. Raise `revision` then: same script, new name.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it makes a new configuration.
        app_type: The app that runs the script: a configuration serves one type only.
        script: What runs. Changing it makes a new configuration; apps take it when they start again.
        prefix: Start of the name, for people who look at the list. Shortened if the whole would pass 63
            characters.
        revision: Raise it to get a new name for a script that was deployed before. Defaults to 0.
        removal_policy: What happens to the configuration when its stack goes. Defaults to RETAIN: an app may
            run with it. DESTROY needs the app's consent too, see `effective_removal_policy`. A replaced one
            always stays.

    Raises:
        InvalidInput: `prefix` or `app_type` is none that SageMaker accepts, or `revision` is negative.

    """

    @classmethod
    def from_studio_lifecycle_config_arn(
        cls, scope: Construct, construct_id: str, arn: str
    ) -> refs.IStudioLifecycleConfigRef:
        """Refer to a configuration that somebody else made."""
        return sagemaker.CfnStudioLifecycleConfig.from_studio_lifecycle_config_arn(scope, construct_id, arn)

    @classmethod
    def from_studio_lifecycle_config_name(
        cls, scope: Construct, construct_id: str, name: str
    ) -> refs.IStudioLifecycleConfigRef:
        """Refer to a configuration of this account and region that somebody else made."""
        return sagemaker.CfnStudioLifecycleConfig.from_studio_lifecycle_config_name(scope, construct_id, name)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        app_type: StudioApp | str,
        script: LifecycleScript,
        prefix: str,
        revision: int = 0,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        name = cdk.Lazy.string(_HashedName(self))
        super().__init__(scope, construct_id, physical_name=name)
        with located(self):
            require_types(cdk.Stack.of(self).region, "AWS::SageMaker::StudioLifecycleConfig")
        self._check(app_type, prefix, revision)
        #: The app that runs the script.
        self.app_type: Final = StudioApp(app_type)
        #: What runs.
        self.script: Final = script
        self._prefix = prefix
        self._revision = revision
        self._resource = sagemaker.CfnStudioLifecycleConfig(
            self,
            "Resource",
            studio_lifecycle_config_app_type=self.app_type,
            studio_lifecycle_config_content=script.content_base64,
            studio_lifecycle_config_name=name,
        )
        self._resource.apply_removal_policy(
            effective_removal_policy(self, removal_policy), apply_to_update_replace_policy=False
        )
        self._resource.cfn_options.update_replace_policy = cdk.CfnDeletionPolicy.RETAIN
        if self.app_type.is_classic:
            warn_about_classic(self)

    @property
    def studio_lifecycle_config_ref(self) -> refs.StudioLifecycleConfigReference:
        """What other constructs take as `IStudioLifecycleConfigRef`."""
        return self._resource.studio_lifecycle_config_ref

    @property
    def arn(self) -> str:
        """ARN of the configuration, as domains, profiles and spaces take it."""
        return self._resource.attr_studio_lifecycle_config_arn

    def _hashed_name(self) -> str:
        stack = cdk.Stack.of(self)
        covered = {
            "app_type": self.app_type,
            "content": self.script.content_base64,
            "path": self.node.path,
            "prefix": self._prefix,
            "revision": self._revision,
            "stack_tags": stack.tags.render_tags(),
            "tags": self._resource.cdk_tag_manager.render_tags(),
        }
        text = json.dumps(stack.resolve(covered), sort_keys=True)
        tail = f"{self.app_type.lower()}-{hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]}"
        head = f"{self._prefix}-{self.script.name}"[: NAME_MAX - len(tail) - 1].rstrip("-")
        return f"{head}-{tail}"

    def _check(self, app_type: StudioApp | str, prefix: str, revision: int) -> None:
        if app_type not in tuple(StudioApp):
            raise InvalidInput(
                "LifecycleConfigAppType",
                f"app_type must be one of {', '.join(StudioApp)}, got {str(app_type)!r}",
                scope=self,
            )
        if not is_name(prefix):
            raise InvalidInput(
                "LifecycleConfigPrefix",
                f"prefix must be 1-63 letters, digits or inner hyphens, known at synthesis, got {prefix!r}",
                scope=self,
            )
        if revision < 0:
            raise InvalidInput(
                "LifecycleConfigRevision", f"revision must be 0 or more, got {revision}", scope=self
            )
