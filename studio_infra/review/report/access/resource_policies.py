"""What resources let others do by policies of their own, and which of them anybody may reach."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from studio_infra.review.replacement.resolver import Reference
from studio_infra.review.report.access.statements import conditions_of, or_all_but, statements_of, who
from studio_infra.review.report.section import Table
from studio_infra.review.report.text import as_list, few, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from studio_infra.review.replacement.resolver import Address
    from studio_infra.review.replacement.resources import Resource
    from studio_infra.review.report.section import Cell

    Resources = Mapping[Address, Resource]

#: Type → where its policy stands, and what it is the policy of; nothing where it is its own.
_POLICIES: Final[dict[str, tuple[str, str]]] = {
    "AWS::Backup::BackupVault": ("AccessPolicy", ""),
    "AWS::ECR::Repository": ("RepositoryPolicyText", ""),
    "AWS::EFS::FileSystem": ("FileSystemPolicy", ""),
    "AWS::KMS::Key": ("KeyPolicy", ""),
    "AWS::S3::BucketPolicy": ("PolicyDocument", "Bucket"),
    "AWS::SageMaker::ModelPackageGroup": ("ModelPackageGroupPolicy", ""),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy", "SecretId"),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", "Topics"),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", "Queues"),
}
#: More names in one line help nobody.
_NAMED: Final = 6
_PERMISSION: Final = "AWS::Lambda::Permission"
#: What narrows a permission of Lambda, as conditions of other policies do.
_NARROWED: Final = ("EventSourceToken", "PrincipalOrgID", "SourceAccount", "SourceArn")


def openings(resources: Resources) -> tuple[tuple[str, ...], list[Table]]:
    """What the chapter about access says of resources: a line if anybody may reach one, and a table."""
    alike: defaultdict[tuple[Cell, ...], dict[str, None]] = defaultdict(dict)
    everybody: dict[str, None] = {}
    for names, statement in _statements(resources):
        effect = words(statement.get("Effect", "Allow"))
        conditions = tuple(conditions_of(statement.get("Condition")))
        names_who = who(statement)
        key = ((effect,), names_who, or_all_but(statement, "Action"), conditions or ("none",))
        alike[key].update(dict.fromkeys(names))
        if effect == "Allow" and not conditions and ("*" in names_who or "NotPrincipal" in statement):
            everybody.update(dict.fromkeys(names))
    header = ("resources", "effect", "who", "actions", "conditions")
    rows = tuple(((tuple(names)), *key) for key, names in alike.items())
    table = Table(caption="What resources let others do", header=header, rows=rows, folded=True)
    line = f"Anybody may reach {', '.join(few([*everybody], _NAMED))}: a policy names everybody, without a condition."
    return (line,) if everybody else (), [table] if rows else []


def _statements(resources: Resources) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every statement of every resource's own policy, and whose it is."""
    for address, one in resources.items():
        if one.type == _PERMISSION:
            yield (_name(one.properties.get("FunctionName"), address),), _permission(one.properties)
        elif one.type in _POLICIES:
            document, of = _POLICIES[one.type]
            owners = as_list(one.properties.get(of)) if of else []
            names = tuple(_name(owner, address) for owner in owners) or (words(address.logical_id),)
            for statement in statements_of(one.properties.get(document)):
                yield names, statement


def _name(owner: Any, address: Address) -> str:
    """The resource that a policy beside it belongs to."""
    if isinstance(owner, Reference):
        return words(owner.to.logical_id)
    return words(address.logical_id if owner is None else owner)


def _permission(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A permission of Lambda in the form of a statement."""
    narrowed = {key: properties[key] for key in _NARROWED if properties.get(key) is not None}
    return {
        "Effect": "Allow",
        "Principal": properties.get("Principal"),
        "Action": properties.get("Action"),
        **({"Condition": {"Equals": narrowed}} if narrowed else {}),
    }
