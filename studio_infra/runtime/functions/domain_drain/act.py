"""Does to AWS what was decided: one function for each verb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .core import Action, Verb, without_lifecycle_configs
from .world import COPY_TAG, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..shared.calls import Calls
    from .observe import Clients


def act(calls: Calls, clients: Clients, action: Action, *, domain_id: str, wish: Wish) -> None:
    """Do it. What is gone already, or still in the way, is raised as AWS says it."""
    _DO[action.verb](calls, clients, action, domain_id, wish)


def _stop_app(calls: Calls, clients: Clients, action: Action, domain_id: str, _: Wish) -> None:
    app = action.thing
    owner = {"SpaceName": app.space} if app.space is not None else {"UserProfileName": app.profile}
    calls.change(
        clients.sagemaker.delete_app, DomainId=domain_id, AppType=app.kind, AppName=app.name, **owner
    )


def _copy_home(calls: Calls, clients: Clients, action: Action, domain_id: str, wish: Wish) -> None:
    calls.change(
        clients.backup.start_backup_job,
        BackupVaultName=wish.vault,
        ResourceArn=action.thing.arn,
        IamRoleArn=wish.role_arn,
        IdempotencyToken=action.token,
        RecoveryPointTags={COPY_TAG: domain_id},
    )


def _delete_space(calls: Calls, clients: Clients, action: Action, domain_id: str, _: Wish) -> None:
    calls.change(clients.sagemaker.delete_space, DomainId=domain_id, SpaceName=action.thing.name)


def _delete_profile(calls: Calls, clients: Clients, action: Action, domain_id: str, _: Wish) -> None:
    calls.change(clients.sagemaker.delete_user_profile, DomainId=domain_id, UserProfileName=action.thing.name)


def _detach(calls: Calls, clients: Clients, action: Action, domain_id: str, _: Wish) -> None:
    changes = {
        name: changed
        for name, settings in action.thing.settings.items()
        if (changed := without_lifecycle_configs(settings))
    }
    calls.change(clients.sagemaker.update_domain, DomainId=domain_id, **changes)


def _delete_domain(calls: Calls, clients: Clients, action: Action, domain_id: str, _: Wish) -> None:
    calls.change(
        clients.sagemaker.delete_domain,
        DomainId=domain_id,
        RetentionPolicy={"HomeEfsFileSystem": action.homes.value},
    )


def _delete_target(calls: Calls, clients: Clients, action: Action, *_: Any) -> None:
    calls.change(clients.efs.delete_mount_target, MountTargetId=action.thing.target_id)


def _delete_home(calls: Calls, clients: Clients, action: Action, *_: Any) -> None:
    calls.change(clients.efs.delete_file_system, FileSystemId=action.thing.file_system_id)


def _revoke(calls: Calls, clients: Clients, action: Action, *_: Any) -> None:
    group, ec2 = action.thing, clients.ec2
    for revoke, rules in (
        (ec2.revoke_security_group_ingress, group.ingress),
        (ec2.revoke_security_group_egress, group.egress),
    ):
        if rules:
            calls.change(revoke, GroupId=group.group_id, IpPermissions=list(rules))


def _delete_group(calls: Calls, clients: Clients, action: Action, *_: Any) -> None:
    calls.change(clients.ec2.delete_security_group, GroupId=action.thing.group_id)


_DO: Final[Mapping[Verb, Callable[..., None]]] = {
    Verb.STOP_APP: _stop_app,
    Verb.COPY_HOME: _copy_home,
    Verb.DELETE_SPACE: _delete_space,
    Verb.DELETE_PROFILE: _delete_profile,
    Verb.DETACH: _detach,
    Verb.DELETE_DOMAIN: _delete_domain,
    Verb.DELETE_TARGET: _delete_target,
    Verb.DELETE_HOME: _delete_home,
    Verb.REVOKE: _revoke,
    Verb.DELETE_GROUP: _delete_group,
}
