"""What SageMaker makes for a domain in other services: its home file system and security groups; copies of the home."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from tests.runtime.fake_aws.entities import Entity, State, Store

if TYPE_CHECKING:
    from tests.runtime.fake_aws.aws import FakeAws

_OWNER = "ManagedByAmazonSageMakerResource"
_WAYS = ("inbound", "outbound")


class FakeEfs:
    """Home file systems and their mount targets."""

    def __init__(self, aws: FakeAws) -> None:
        self.aws = aws
        self.file_systems, self.targets = Store(), Store()
        #: Seconds that a deletion takes.
        self.deletion = {"target": 40.0, "file_system": 20.0}

    def add_home(self, domain_id: str, *, targets: int = 2) -> str:
        """The home of a domain, and the security groups that come with it. Returns its id."""
        file_system, now = f"fs-of-{domain_id}", self.aws.clock.passed
        inbound, outbound = (
            self.aws.ec2.add_group(f"sg-{way}-{domain_id}", f"security-group-for-{way}-nfs-{domain_id}")
            for way in _WAYS
        )
        self.aws.ec2.let(inbound, ingress_from=outbound)
        self.aws.ec2.let(outbound, egress_to=inbound)
        state = {
            "FileSystemId": file_system,
            "FileSystemArn": f"arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/{file_system}",
            "LifeCycleState": "available",
            "Tags": [{"Key": _OWNER, "Value": self.aws.arn("domain", domain_id)}],
        }
        self.file_systems.add(Entity((file_system,), now, state))
        for number in range(targets):
            target = f"fsmt-{number}-of-{domain_id}"
            of = {"MountTargetId": target, "FileSystemId": file_system, "LifeCycleState": "available"}
            self.targets.add(Entity((target,), now, {**of, "_group": inbound}))
        return file_system

    def describe_file_systems(
        self,
        *,
        FileSystemId: str | None = None,
        Marker: str = "0",
    ) -> State:
        found = [
            state
            for _, state in self.file_systems.seen(self.aws.read_at())
            if FileSystemId in (None, state["FileSystemId"])
        ]
        if FileSystemId is not None and not found:
            raise self.aws.error("FileSystemNotFound", status=404)
        return _page(found, "FileSystems", Marker)

    def describe_mount_targets(self, *, FileSystemId: str, Marker: str = "0") -> State:
        moment = self.aws.read_at()
        entity = self.file_systems.get(FileSystemId)
        if entity is None or entity.at(moment) is None:
            raise self.aws.error("FileSystemNotFound", status=404)
        found = [
            {name: value for name, value in state.items() if not name.startswith("_")}
            for _, state in self.targets.seen(moment)
            if state["FileSystemId"] == FileSystemId
        ]
        return _page(found, "MountTargets", Marker)

    def delete_mount_target(self, *, MountTargetId: str) -> State:
        entity = self._there(self.targets, MountTargetId, "MountTargetNotFound")
        self._end(entity, "target")
        return {}

    def delete_file_system(self, *, FileSystemId: str) -> State:
        entity = self._there(self.file_systems, FileSystemId, "FileSystemNotFound")
        if any(
            state["FileSystemId"] == FileSystemId for _, state in self.targets.seen(self.aws.clock.passed)
        ):
            raise self.aws.error("FileSystemInUse", status=409)
        self._end(entity, "file_system")
        return {}

    def go_with_domain(self, file_system: str, *, at: float) -> None:
        """What SageMaker does after a domain whose home shall be deleted."""
        for entity in self.targets.every():
            if (entity.at(self.aws.clock.passed) or {}).get("FileSystemId") == file_system:
                entity.later(at + 5, LifeCycleState="deleting")
                entity.vanish_later(at + 30)
        found = self.file_systems.get(file_system)
        if found is not None and found.at(self.aws.clock.passed) is not None:
            found.later(at + 31, LifeCycleState="deleting")
            found.vanish_later(at + 60)

    def _there(self, store: Store, name: str, code: str) -> Entity:
        entity = store.get(name)
        if entity is None or entity.at(self.aws.clock.passed) is None:
            raise self.aws.error(code, status=404)
        return entity

    def _end(self, entity: Entity, kind: str) -> None:
        now = self.aws.clock.passed
        if (entity.at(now) or {}).get("LifeCycleState") != "deleting":
            entity.change(now, LifeCycleState="deleting")
            entity.vanish_later(now + self.deletion[kind])


class FakeEc2:
    """Security groups, and who stands in the way of their deletion."""

    def __init__(self, aws: FakeAws) -> None:
        self.aws = aws
        self.groups = Store()

    def add_group(self, group_id: str, name: str) -> str:
        state = {"GroupId": group_id, "GroupName": name, "IpPermissions": [], "IpPermissionsEgress": []}
        self.groups.add(Entity((group_id,), self.aws.clock.passed, state))
        return group_id

    def let(self, group_id: str, *, ingress_from: str | None = None, egress_to: str | None = None) -> None:
        """NFS from, or to, another group."""
        entity = self.groups.get(group_id)
        assert entity is not None
        for member, peer in (("IpPermissions", ingress_from), ("IpPermissionsEgress", egress_to)):
            if peer is not None:
                rule = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049}
                rule |= {"UserIdGroupPairs": [{"GroupId": peer, "UserId": "123456789012"}]}
                entity.change(self.aws.clock.passed, **{member: [rule]})

    def describe_security_groups(self, *, Filters: list[State], NextToken: str = "0") -> State:
        (wanted,) = Filters
        assert wanted["Name"] == "group-name"
        found = [
            state
            for _, state in self.groups.seen(self.aws.read_at())
            if state["GroupName"] in wanted["Values"]
        ]
        return _page(found, "SecurityGroups", NextToken, "NextToken")

    def revoke_security_group_ingress(self, *, GroupId: str, IpPermissions: list[State]) -> State:
        return self._revoke(GroupId, "IpPermissions", IpPermissions)

    def revoke_security_group_egress(self, *, GroupId: str, IpPermissions: list[State]) -> State:
        return self._revoke(GroupId, "IpPermissionsEgress", IpPermissions)

    def delete_security_group(self, *, GroupId: str) -> State:
        entity, now = self._there(GroupId), self.aws.clock.passed
        named = any(
            pair["GroupId"] == GroupId and state["GroupId"] != GroupId
            for _, state in self.groups.seen(now)
            for rule in (*state["IpPermissions"], *state["IpPermissionsEgress"])
            for pair in rule["UserIdGroupPairs"]
        )
        used = any(state["_group"] == GroupId for _, state in self.aws.efs.targets.seen(now))
        if named or used:
            raise self.aws.error("DependencyViolation")
        entity.vanish(now)
        return {}

    def _revoke(self, group_id: str, member: str, rules: list[State]) -> State:
        entity, now = self._there(group_id), self.aws.clock.passed
        there = (entity.at(now) or {})[member]
        if any(rule not in there for rule in rules):
            raise self.aws.error("InvalidPermission.NotFound")
        entity.change(now, **{member: [rule for rule in there if rule not in rules]})
        return {}

    def _there(self, group_id: str) -> Entity:
        entity = self.groups.get(group_id)
        if entity is None or entity.at(self.aws.clock.passed) is None:
            raise self.aws.error("InvalidGroup.NotFound")
        return entity


class FakeBackup:
    """Jobs that copy, and the tags of what they made."""

    def __init__(self, aws: FakeAws) -> None:
        self.aws = aws
        self.jobs = Store()
        #: Seconds that a copy takes; and how many of the next ones fail.
        self.duration, self.failures = 240.0, 0
        self._tokens: dict[str, str] = {}

    def start_backup_job(
        self,
        *,
        BackupVaultName: str,
        ResourceArn: str,
        IamRoleArn: str,
        IdempotencyToken: str,
        RecoveryPointTags: dict[str, str],
    ) -> State:
        if IdempotencyToken not in self._tokens:
            number, now = str(len(self._tokens)), self.aws.clock.passed
            point = f"arn:aws:backup:eu-central-1:123456789012:recovery-point:{number}"
            state = {
                "BackupJobId": number,
                "BackupVaultName": BackupVaultName,
                "IamRoleArn": IamRoleArn,
                "ResourceArn": ResourceArn,
                "RecoveryPointArn": point,
                "CreationDate": self.aws.clock.start + dt.timedelta(seconds=now),
                "State": "CREATED",
            }
            job = self.jobs.add(Entity((number,), now, state))
            job.tags = dict(RecoveryPointTags)
            job.later(now + 10, State="RUNNING")
            if self.failures > 0:
                self.failures -= 1
                job.later(now + self.duration, State="FAILED", StatusMessage="no luck")
            else:
                job.later(now + self.duration, State="COMPLETED")
            self._tokens[IdempotencyToken] = number
        return {"BackupJobId": self._tokens[IdempotencyToken]}

    def list_backup_jobs(
        self,
        *,
        ByResourceArn: str,
        ByCreatedAfter: dt.datetime,
        NextToken: str = "0",
    ) -> State:
        found = [
            state
            for _, state in self.jobs.seen(self.aws.read_at())
            if state["ResourceArn"] == ByResourceArn and state["CreationDate"] > ByCreatedAfter
        ]
        return _page(found, "BackupJobs", NextToken, "NextToken")

    def list_tags(self, *, ResourceArn: str) -> State:
        for entity, state in self.jobs.seen(self.aws.clock.passed):
            if state["RecoveryPointArn"] == ResourceArn:
                return {"Tags": entity.tags}
        raise self.aws.error("ResourceNotFoundException")


class FakeCloudFormation:
    """One stack, in whatever state a test says."""

    def __init__(self) -> None:
        self.status = "DELETE_IN_PROGRESS"

    def describe_stacks(self, *, StackName: str) -> State:
        return {"Stacks": [{"StackName": StackName, "StackStatus": self.status}]}


class FakeLambda:
    """What was handed on to the next run."""

    def __init__(self) -> None:
        self.queue: list[bytes] = []

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> State:
        assert (FunctionName, InvocationType) == ("arn:own", "Event")
        self.queue.append(Payload)
        return {"StatusCode": 202}


def _page(
    found: list[Any],
    name: str,
    token: str,
    answer_token: str = "NextMarker",  # noqa: S107 - of the next page
    size: int = 2,
) -> State:
    start = int(token)
    more = {answer_token: str(start + size)} if start + size < len(found) else {}
    return {name: found[start : start + size], **more}
