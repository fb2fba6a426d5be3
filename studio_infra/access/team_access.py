"""What a team shares: policies for its members' roles, and the roles of its jobs and endpoints."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from studio_infra.access.execution_role import USER_TAG, StudioExecutionRole, role_json
from studio_infra.access.instance_types import has_own_disks, hidden_instance_types
from studio_infra.access.persona import Persona
from studio_infra.access.policy_file import Json, PolicyFile
from studio_infra.access.policy_packing import pack, policy_document, size_of
from studio_infra.access.shared_files import FolderAccess, file_reasons, file_statements
from studio_infra.access.wildcards import acknowledge_wildcards
from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import (
    JOB_MINUTES_MAX,
    is_instance_type,
    is_name,
    is_prefix,
    is_team_name,
)
from studio_infra.settings.sections.shared_spaces import owner_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.interfaces import aws_kms as kms_refs
    from aws_cdk.interfaces import aws_s3 as s3_refs
    from aws_cdk.interfaces import aws_sagemaker as refs

    from studio_infra.access.policy_file import Json, Values
    from studio_infra.access.shared_files import FileAccess

_ON_THE_MACHINE: Final = ("runtime", "network_interfaces", "key_use", "team_data_read")
_JOB_ROLE: Final = ("job_role", *_ON_THE_MACHINE, "key_grant", "team_data_write", "registry", "tracking_jobs")
_INFERENCE_ROLE: Final = ("inference_role", *_ON_THE_MACHINE)
#: What SageMaker lets a job run at most, in seconds.
_LONGEST_RUN: Final = 60 * JOB_MINUTES_MAX
#: The longest that a value can be when CloudFormation alone knows it; policies are measured with these.
_LONGEST: Final[Mapping[str, int]] = {
    "Account": 12,
    "Bucket": 80,
    "DomainId": 63,
    "InferenceRole": 200,
    "JobRole": 200,
    "Key": 100,
    "Partition": 10,
    "Region": 16,
    "SecurityGroupIds": 20,
    "SubnetIds": 24,
}
_LONGEST_OTHER: Final = 128
_APP_TYPES: Final = ("JupyterLab", "CodeEditor", "JupyterServer", "KernelGateway")
_WIDENING: Final = re.compile("[*?$]")


class RoleSharing(enum.Enum):
    """Whose an execution role is, and with that, how policies recognise a person."""

    PER_PERSON = f"${{aws:PrincipalTag/{USER_TAG}}}"
    """A role each, tagged with the person's name. The default."""
    PER_TEAM = "${aws:SourceIdentity}"
    """One role for a team. The domain must pass the person's name on (`propagate_user_identity`)."""


class TeamAccess(Construct):
    """A team's permissions: managed policies for all members, and roles for its jobs and endpoints.

    Members are recognised by the tag of their own role, so a new member is one role and no policy.

    Args:
        scope: The construct this one belongs to; next to the domain.
        construct_id: Unique among the children of `scope`. Renaming it replaces policies and roles.
        name_prefix: First part of the path of people's parameters: `/<name_prefix>/people/<user>/…`.
        team: Name of the team: its tag, and its folder `teams/<team>/` in the bucket.
        persona: What members may do.
        instance_types: What members may run apps, jobs and endpoints on. All others are refused by IAM, and
            `hidden_instance_types` hides them.
        domain: The domain people work in: a `StudioDomain`, a `CfnDomain` or an imported one.
        subnet_ids: Where jobs and models must run.
        security_group_ids: Groups that jobs and models may use.
        key: Key of volumes, files and job results.
        bucket: Bucket of the team's files.
        app_types: Apps that members may start. Defaults to JupyterLab and Code Editor.
        shared_spaces: Names of the spaces that members share, see `TeamSpaces`. Defaults to none.
        files: Files that are shared with the team: file systems and folders, each once. The team's jobs reach the
            folders, too. Defaults to none.
        max_job_runtime: Longest time a job may ask for, at most 28 days. Defaults to one day.
        role_sharing: Whether each person has a role, or the team has one (then `.shared_role`). Defaults to a
            role each.
        permissions_boundary: Policy that limits what the team's roles may ever do. Defaults to none.
        path: Path in front of the names of roles and policies. Defaults to `/`. Changing it replaces them.

    Raises:
        InvalidInput: A name or an instance type that is none, a list without items, a run time out of range,
            or a persona that does not fit into the policies a role can hold.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name_prefix: str,
        team: str,
        persona: Persona,
        instance_types: Sequence[str],
        domain: refs.IDomainRef,
        subnet_ids: Sequence[str],
        security_group_ids: Sequence[str],
        key: kms_refs.IKeyRef,
        bucket: s3_refs.IBucketRef,
        app_types: Sequence[str] = ("JupyterLab", "CodeEditor"),
        shared_spaces: Sequence[str] = (),
        files: Sequence[FileAccess] = (),
        max_job_runtime: cdk.Duration | None = None,
        role_sharing: RoleSharing = RoleSharing.PER_PERSON,
        permissions_boundary: iam.IManagedPolicy | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        #: Name of the team.
        self.team: Final = team
        self._boundary = permissions_boundary
        self._path = path
        self._files = tuple(files)
        self._check(
            name_prefix=name_prefix,
            team=team,
            instance_types=instance_types,
            subnet_ids=subnet_ids,
            security_group_ids=security_group_ids,
            app_types=app_types,
        )
        for space in shared_spaces:
            if not is_name(space):
                raise self._refuse(
                    "TeamSharedSpace",
                    f"shared_spaces must have 1-63 letters, digits or inner hyphens each, got {space!r}",
                )
        self._values: dict[str, str | Sequence[str]] = {
            "Account": cdk.Aws.ACCOUNT_ID,
            # The service writes an app's type as it is, and in lower case, too.
            "AppTypes": [name for app in app_types for name in (app, app.lower())],
            "Bucket": bucket.bucket_ref.bucket_arn,
            "DomainId": domain.domain_ref.domain_id,
            "InstanceTypes": list(instance_types),
            "InstanceTypesWithOwnDisks": [name for name in instance_types if has_own_disks(name)],
            "InstanceTypesWithVolumes": [name for name in instance_types if not has_own_disks(name)],
            "Key": key.key_ref.key_arn,
            "MaxRuntimeSeconds": self._seconds(max_job_runtime),
            "Name": name_prefix,
            "Partition": cdk.Aws.PARTITION,
            "Person": role_sharing.value,
            "Region": cdk.Aws.REGION,
            "SecurityGroupIds": list(security_group_ids),
            "SharedSpaces": sorted(shared_spaces),
            "SharedSpacesOwner": owner_of(team),
            "SubnetIds": list(subnet_ids),
            "Team": team,
        }
        #: What the team's jobs run as, or None if the persona starts no jobs.
        self.job_role: Final = self._lent_role("Job", "JobRole", _JOB_ROLE, persona)
        #: What the team's endpoints run as, or None if the persona makes no endpoints.
        self.inference_role: Final = self._lent_role("Inference", "InferenceRole", _INFERENCE_ROLE, persona)
        #: What the role of every member attaches.
        self.managed_policies: Final = self._policies("Policy", persona, self._files)
        #: What Studio's launcher must not offer, as IAM would refuse it.
        self.hidden_instance_types: Final = hidden_instance_types(instance_types)
        #: The role of all members, if they share one.
        self.shared_role: Final = (
            self._role("SharedRole", self.managed_policies, f"Apps of team {team} run as this")
            if role_sharing is RoleSharing.PER_TEAM
            else None
        )

    @property
    def member_role(self) -> Json | str:
        """What `TeamDefaults` takes as `execution_role`: each member's role in words, or the ARN of the shared one."""
        if self.shared_role is not None:
            return self.shared_role.role_arn
        return role_json(
            managed_policy_arns=[policy.managed_policy_arn for policy in self.managed_policies],
            permissions_boundary_arn=self._boundary.managed_policy_arn
            if self._boundary is not None
            else None,
            path=self._path,
        )

    def _lent_role(
        self, name: str, placeholder: str, files: Sequence[str], persona: Persona
    ) -> StudioExecutionRole | None:
        if placeholder not in persona.placeholders:
            return None
        what = {"Job": "Jobs", "Inference": "Endpoints"}[name]
        role = self._role(f"{name}Role", (), f"{what} of team {self.team} run as this")
        self._values[placeholder] = role.role_arn
        allowed = Persona(f"{name} role", tuple(PolicyFile.shipped(file) for file in files))
        # Attached from here, as a role that lends itself to the steps of its pipeline would wait for itself.
        folders = [one for one in self._files if isinstance(one, FolderAccess)]
        self._policies(f"{name}Policy", allowed, folders if name == "Job" else (), roles=[role.role_name])
        return role

    def _role(
        self, construct_id: str, policies: Sequence[iam.IManagedPolicy], description: str
    ) -> StudioExecutionRole:
        return StudioExecutionRole(
            self,
            construct_id,
            managed_policies=policies,
            team=self.team,
            permissions_boundary=self._boundary,
            path=self._path,
            description=description,
        )

    def _policies(
        self,
        construct_id: str,
        persona: Persona,
        files: Sequence[FileAccess],
        *,
        roles: Sequence[str] | None = None,
    ) -> list[iam.IManagedPolicy]:
        longest = {name: _longest(name, value) for name, value in self._values.items()}
        said = self._statements(persona, files, self._values)
        sizes = [size_of(statement) for statement in self._statements(persona, files, longest)]
        reasons = {**persona.reasons, **{sid: why for one in files for sid, why in file_reasons(one).items()}}
        made: list[iam.IManagedPolicy] = []
        for number, statements in enumerate(pack(said, sizes), start=1):
            # The L1, because it says the statements as they are in the files.
            policy = iam.CfnManagedPolicy(
                self,
                f"{construct_id}{number}",
                policy_document=policy_document(statements),
                description=f"Team {self.team}, {persona.name}, part {number}",
                path=self._path,
                roles=roles,
            )
            acknowledge_wildcards(policy, statements, reasons)
            made.append(
                iam.ManagedPolicy.from_managed_policy_arn(self, f"{construct_id}{number}Arn", policy.ref)
            )
        return made

    @staticmethod
    def _statements(persona: Persona, files: Sequence[FileAccess], values: Values) -> list[Json]:
        return [
            *persona.statements(values),
            *(said for one in files for said in file_statements(one, values)),
        ]

    def _seconds(self, max_job_runtime: cdk.Duration | None) -> str:
        runtime = max_job_runtime if max_job_runtime is not None else cdk.Duration.days(1)
        if runtime.is_unresolved():
            return cdk.Token.as_string(runtime.to_seconds())
        seconds = runtime.to_seconds()
        if not 1 <= seconds <= _LONGEST_RUN:
            got = f"{seconds:,.0f} seconds"
            raise self._refuse("TeamMaxJobRuntime", f"max_job_runtime must be 1 second to 28 days, got {got}")
        return str(int(seconds))

    def _check(self, *, name_prefix: str, team: str, **lists: Sequence[str]) -> None:
        # Both become parts of ARNs. A token could be anything, so none is taken.
        rule = "lower-case letters, digits or single inner hyphens"
        if not is_prefix(name_prefix):
            raise self._refuse("TeamNamePrefix", f"name_prefix must be 1-20 {rule}, got {name_prefix!r}")
        if not is_team_name(team):
            raise self._refuse("TeamName", f"team must be 1-32 {rule}, got {team!r}")
        for option, items in lists.items():
            self._check_list(option, items)
        for name in lists["instance_types"]:
            if not is_instance_type(name):
                raise self._refuse("TeamInstanceType", f"{name!r} is no instance type, like ml.g5.xlarge")
        for name in lists["app_types"]:
            if name not in _APP_TYPES:
                raise self._refuse(
                    "TeamAppType", f"{name!r} is no app type, use one of {', '.join(_APP_TYPES)}"
                )

    def _check_list(self, option: str, items: Sequence[str]) -> None:
        if not items:
            raise self._refuse("TeamEmptyList", f"{option} is empty, name at least one")
        if cdk.Token.is_unresolved(list(items)):
            raise self._refuse(
                "TeamUnknownList",
                f"{option} has a length that CloudFormation alone knows; name its items with Fn.select",
            )
        for item in items:
            if not cdk.Token.is_unresolved(item) and _WIDENING.search(item) is not None:
                raise self._refuse("TeamWildcard", f"{option} must name things one by one, got {item!r}")

    def _refuse(self, code: str, message: str) -> InvalidInput:
        return InvalidInput(code, message, scope=self)


def _longest(name: str, value: str | Sequence[str]) -> str | Sequence[str]:
    """The value, with as many signs in place of a token as CloudFormation may fill in."""
    if not isinstance(value, str):
        return [_longest_text(name, item) for item in value]
    return _longest_text(name, value)


def _longest_text(name: str, text: str) -> str:
    return "x" * _LONGEST.get(name, _LONGEST_OTHER) if cdk.Token.is_unresolved(text) else text
