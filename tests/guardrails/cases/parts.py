"""What the templates of the cases are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

#: Values that only the deployment knows.
REF: Json = {"Ref": "Parameter"}
GET: Json = {"Fn::GetAtt": ["Other", "Arn"]}
CHOICE: Json = {"Fn::If": ["Condition", "one", "other"]}


@dataclass(frozen=True)
class Cases:
    """Templates of one rule, as resources by logical id, by a sentence about them.

    In those that fail, exactly the resources whose logical id begins with `Bad` must be found.
    """

    passes: dict[str, Json]
    fails: dict[str, Json]
    tokens: dict[str, Json]


def resource(kind: str, /, **properties: Any) -> Json:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def other(found: Json) -> Json:
    """The same as a resource of another type, which no rule is about."""
    return {**found, "Type": "Custom::Other"}


def domain(**properties: Any) -> Json:
    return resource("SageMaker::Domain", **properties)


def profile(**properties: Any) -> Json:
    return resource("SageMaker::UserProfile", **properties)


def with_settings(**settings: Any) -> Json:
    return domain(DefaultUserSettings=settings)


def with_space_settings(**settings: Any) -> Json:
    return domain(DefaultUserSettings={}, DefaultSpaceSettings=settings)


def with_user_settings(**settings: Any) -> Json:
    return profile(UserSettings=settings)


def kept(found: Json, delete: Any = "Retain", replace: Any = "Retain") -> Json:
    return {**found, "DeletionPolicy": delete, "UpdateReplacePolicy": replace}


def role(*statements: Json, **properties: Any) -> Json:
    return resource("IAM::Role", AssumeRolePolicyDocument={"Statement": list(statements)}, **properties)


def trust(service: Any = "sagemaker.amazonaws.com", action: Any = "sts:AssumeRole", **more: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Principal": {"Service": service}, **more}


def allow(action: Any, on: Any = "arn:aws:iam::111122223333:role/one", **more: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": on, **more}


def policy(*statements: Json, kind: str = "ManagedPolicy") -> Json:
    return resource(f"IAM::{kind}", PolicyDocument={"Statement": list(statements)})


def inline(*statements: Json) -> Json:
    return role(trust(), Policies=[{"PolicyName": "P", "PolicyDocument": {"Statement": list(statements)}}])


def joined(*parts: Any) -> Json:
    return {"Fn::Join": ["", list(parts)]}
