"""Cases of the rules about roles and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.guardrails.cases.parts import (
    CHOICE,
    GET,
    REF,
    Cases,
    Json,
    allow,
    domain,
    inline,
    joined,
    other,
    policy,
    profile,
    resource,
    role,
    trust,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_FOR_US = {"StringEquals": {"aws:SourceAccount": REF}}
_PASSED = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
_LISTED = {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.t3.medium"]}}
_SAY_WHO = trust(action="sts:SetSourceIdentity")
_KINDS: tuple[Callable[..., Json], ...] = (
    policy,
    inline,
    lambda *statements: policy(*statements, kind="Policy"),
    lambda *statements: policy(*statements, kind="RolePolicy"),
    lambda *statements: _alone(policy(*statements)),
    lambda *statements: _alone(inline(*statements)),
)


def _alone(found: Json) -> Json:
    """The same with the only statement as it is, in no list: IAM takes that, and people write it."""
    properties = found["Properties"]
    holder = properties["Policies"][0] if "Policies" in properties else properties
    (holder["PolicyDocument"]["Statement"],) = holder["PolicyDocument"]["Statement"]
    return found


def _of_role(name: str) -> Json:
    return {"Fn::GetAtt": [name, "Arn"]}


def _names(**more: Any) -> Json:
    return domain(
        DomainSettings={"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"}, DefaultUserSettings=more
    )


def _everywhere(prefix: str, *statements: Json) -> Json:
    """The statements in every kind of policy that a template can hold, and beside what is none."""
    found = {f"{prefix}{number}": kind(*statements) for number, kind in enumerate(_KINDS)}
    others = {"Policy": other(policy(*statements)), "Role": other(inline(*statements)), "Bare": role(trust())}
    return {**found, **others}


def _arns(*arns: Any, service: str = "sagemaker.amazonaws.com") -> Json:
    return role(trust(service), ManagedPolicyArns=list(arns))


_FULL = ("AmazonSageMakerFullAccess", "PowerUserAccess", "AdministratorAccess")
_PRESIGN = "sagemaker:CreatePresignedDomainUrl"
_PROFILE = "arn:aws:sagemaker:eu-west-1:111122223333:user-profile/d-1"

CASES = {
    "STUDIO_ROLE_SOURCE_ACCOUNT": Cases(
        passes={
            "the account is said": {"R": role(trust(Condition=_FOR_US))},
            "the ARN is said": {"R": role(trust(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:x"}}))},
            "one of several conditions says it": {
                "R": role(trust(Condition={"Bool": {"aws:SecureTransport": "true"}, **_FOR_US}))
            },
            "one of several conditions says the ARN": {
                "R": role(
                    trust(Condition={"Bool": {"a:b": "true"}, "ArnLike": {"aws:SourceArn": "arn:aws:x"}})
                )
            },
            "another service": {"R": role(trust("lambda.amazonaws.com"))},
            "it is refused": {"R": role({**trust(), "Effect": "Deny"})},
            "another resource": {
                "O": other(role(trust())),
            },
        },
        fails={
            "nothing is said": {"Bad": role(trust()), "Good": role(trust(Condition=_FOR_US))},
            "other conditions": {"Bad": role(trust(Condition={"Bool": {"aws:SecureTransport": "true"}}))},
            "one of two services": {"Bad": role(trust(["lambda.amazonaws.com", "sagemaker.amazonaws.com"]))},
            "one of two statements": {"Bad": role(trust(Condition=_FOR_US), trust())},
            "a statement in no list": {
                "Bad": resource("IAM::Role", AssumeRolePolicyDocument={"Statement": trust()})
            },
        },
        tokens={
            "the account is a pseudo-parameter": {"R": role(trust(Condition=_FOR_US))},
            "the service is a parameter": {"R": role(trust(REF))},
            "a condition decides about the service": {"R": role(trust(CHOICE))},
        },
    ),
    "STUDIO_ROLE_SOURCE_IDENTITY": Cases(
        passes={
            "both roles say who acts": {
                "D": _names(ExecutionRole=_of_role("R")),
                "P": profile(UserSettings={"ExecutionRole": _of_role("S")}),
                "R": role(trust(), _SAY_WHO),
                "S": role(trust(action=["sts:AssumeRole", "sts:SetSourceIdentity"])),
            },
            "names are not passed on": {
                "D": domain(DefaultUserSettings={"ExecutionRole": _of_role("R")}),
                "R": role(trust()),
            },
            "there is no domain here": {
                "P": profile(UserSettings={"ExecutionRole": _of_role("R")}),
                "R": role(trust()),
            },
            "jobs have roles of their own": {"D": _names(), "R": role(trust())},
            "another resource names the role": {
                "D": _names(),
                "O": other(profile(UserSettings={"ExecutionRole": _of_role("R")})),
                "R": role(trust()),
            },
            "another resource is like a domain": {
                "O": other(_names(ExecutionRole=_of_role("R"))),
                "R": role(trust()),
            },
        },
        fails={
            "the domain's role does not": {
                "D": _names(ExecutionRole=_of_role("Bad")),
                "P": profile(UserSettings={"ExecutionRole": _of_role("Good")}),
                "Bad": role(trust()),
                "Good": role(trust(), _SAY_WHO),
            },
            "a profile's role does not": {
                "D": _names(ExecutionRole=_of_role("Good")),
                "P": profile(UserSettings={"ExecutionRole": _of_role("Bad")}),
                "Bad": role(trust()),
                "Good": role(trust(), _SAY_WHO),
                "Q": profile(UserSettings={}),
            },
        },
        tokens={
            "roles from elsewhere": {
                "D": _names(ExecutionRole=REF),
                "P": profile(UserSettings={"ExecutionRole": CHOICE}),
                "R": role(trust()),
            },
            "a parameter decides": {
                "D": domain(
                    DomainSettings={"ExecutionRoleIdentityConfig": REF},
                    DefaultUserSettings={"ExecutionRole": _of_role("R")},
                ),
                "R": role(trust()),
            },
        },
    ),
    "STUDIO_ROLE_NO_FULL_ACCESS": Cases(
        passes={
            "a policy of one's own": {"R": _arns("arn:aws:iam::111122223333:policy/mine", "arn:aws:x")},
            "no managed policy": {"R": role(trust())},
            "another service": {
                "R": _arns(f"arn:aws:iam::aws:policy/{_FULL[0]}", service="ec2.amazonaws.com")
            },
            "it is in the middle of the name": {
                "R": _arns("arn:aws:iam::1:policy/NoFullAccessForYou"),
                "Joined": _arns(joined("arn:", REF, ":policy/NoFullAccessForYou")),
                "Sub": _arns(REF, {"Fn::Sub": "arn:${AWS::Partition}:policy/NoFullAccessForYou"}),
            },
            "another resource": {"O": other(_arns(_FULL[0]))},
        },
        fails={
            **{
                f"{name} is attached": {
                    "Bad": _arns("arn:aws:x", f"arn:aws:iam::aws:policy/{name}"),
                    "Good": _arns("arn:aws:x"),
                    "BadJoined": _arns(joined("arn:", REF, f":iam::aws:policy/{name}")),
                    "BadMixed": _arns(REF, joined("arn:", REF, f":iam::aws:policy/{name}")),
                    "BadSub": _arns(REF, {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{name}"}),
                }
                for name in _FULL
            },
            "one of two services": {
                "Bad": _arns(_FULL[0])
                | role(trust(["a", "sagemaker.amazonaws.com"]), ManagedPolicyArns=_FULL)
            },
            "one of two statements": {
                "Bad": role(trust("ec2.amazonaws.com"), trust(), ManagedPolicyArns=[_FULL[0]])
            },
        },
        tokens={
            "a policy of the template": {"R": _arns(REF, GET, joined("arn:", REF, ":policy/mine"))},
            "a policy with a name put together": {
                "R": _arns({"Fn::Sub": "arn:${AWS::Partition}:policy/mine"})
            },
            "a condition decides": {"R": _arns(CHOICE)},
        },
    ),
    "STUDIO_PASS_ROLE_NARROW": Cases(
        passes={
            "a role to a service": _everywhere("P", allow("iam:PassRole", Condition=_PASSED)),
            "roles by a part of their name": _everywhere(
                "P",
                allow(
                    "iam:PassRole",
                    ["arn:aws:iam::1:role/studio/*", "arn:aws:iam::1:role/*-x"],
                    Condition=_PASSED,
                ),
            ),
            "with another condition": _everywhere(
                "P", allow("iam:PassRole", Condition={"ArnLike": {"a:b": "c"}, **_PASSED})
            ),
            "it is forbidden": _everywhere("P", {**allow("iam:PassRole", "*"), "Effect": "Deny"}),
            "something else": _everywhere("P", allow(["iam:GetRole", "s3:GetObject"], "*")),
        },
        fails={
            "any role": _everywhere("Bad", allow("iam:PassRole", "*", Condition=_PASSED)),
            "any role, among others": _everywhere(
                "Bad", allow("iam:PassRole", ["arn:aws:x", "*"], Condition=_PASSED)
            ),
            "every role of the account": _everywhere(
                "Bad", allow("iam:PassRole", "arn:aws:iam::111122223333:role/*", Condition=_PASSED)
            ),
            "to any service": _everywhere("Bad", allow(["iam:GetRole", "iam:PassRole"])),
            "by the beginning of its name": _everywhere("Bad", allow("iam:P*")),
            "in letters of another size": _everywhere("Bad", allow("IAM:passrole")),
            "to any service, with another condition": _everywhere(
                "Bad", allow("iam:PassRole", Condition={"ArnLike": {"a:b": "c"}})
            ),
            "in one statement of two": {
                "Bad": policy(allow("s3:GetObject", "*"), allow("iam:PassRole", "*", Condition=_PASSED)),
                "Good": policy(allow("iam:PassRole", Condition=_PASSED)),
            },
        },
        tokens={
            "a role of the template": _everywhere("P", allow("iam:PassRole", [GET], Condition=_PASSED)),
            "a condition decides": _everywhere("P", allow("iam:PassRole", CHOICE, Condition=_PASSED)),
        },
    ),
    "STUDIO_PRESIGNED_URL_OWN_PROFILE": Cases(
        passes={
            "one profile": _everywhere("P", allow(_PRESIGN, f"{_PROFILE}/ana")),
            "a star in the middle": _everywhere(
                "P",
                allow(
                    _PRESIGN, ["arn:aws:sagemaker:*:1:user-profile/d/ana", joined("arn:", REF, ":*:", "/ana")]
                ),
            ),
            "one's own": _everywhere("P", allow(_PRESIGN, f"{_PROFILE}/${{aws:PrincipalTag/studio:user}}")),
            "one profile, written into its place": _everywhere(
                "P",
                allow(_PRESIGN, {"Fn::Sub": "arn:${AWS::Partition}:sagemaker:*:1:user-profile/d/ana"}),
            ),
            "it is forbidden": _everywhere("P", {**allow(_PRESIGN, "*"), "Effect": "Deny"}),
            "something else": _everywhere("P", allow(["sagemaker:ListApps", "s3:GetObject"], "*")),
        },
        fails={
            "everything": _everywhere("Bad", allow(_PRESIGN, "*")),
            "every profile": _everywhere("Bad", allow(["sagemaker:ListApps", _PRESIGN], f"{_PROFILE}/*")),
            "every profile, among others": _everywhere("Bad", allow(_PRESIGN, [f"{_PROFILE}/ana", "*"])),
            "every profile of the domain": _everywhere(
                "Bad",
                allow(
                    _PRESIGN, ["arn:aws:x", joined("arn:aws:sagemaker:", REF, ":user-profile/", GET, "/*")]
                ),
            ),
            "every profile, written into its place": _everywhere(
                "Bad",
                allow(_PRESIGN, {"Fn::Sub": "arn:${AWS::Partition}:sagemaker:eu-west-1:1:user-profile/*"}),
            ),
            **{
                f"by {action}": _everywhere("Bad", allow(f"sagemaker:{action}", "*"))
                for action in ("Create*", "CreatePresigned*", "createPresignedDomainURL")
            },
            "every profile, joined alone": _everywhere("Bad", allow(_PRESIGN, joined("arn:", REF, "/*"))),
            "in one statement of two": {
                "Bad": policy(allow("s3:GetObject", "*"), allow(_PRESIGN, "*")),
                "Good": policy(allow(_PRESIGN, f"{_PROFILE}/ana")),
            },
        },
        tokens={
            "one's own in this domain": _everywhere(
                "P",
                allow(_PRESIGN, [REF, joined("arn:", REF, ":user-profile/", GET, "/${aws:PrincipalTag/u}")]),
            ),
            "a condition decides": _everywhere("P", allow(_PRESIGN, CHOICE)),
        },
    ),
    "STUDIO_POLICY_NAMES_ACTIONS": Cases(
        passes={
            "named actions": _everywhere("P", allow(["sagemaker:ListApps", "iam:GetRole"])),
            "a part of a service": _everywhere("P", allow(["sagemaker:List*", "iam:*Tags"])),
            "everything is forbidden": _everywhere("P", {**allow("*"), "Effect": "Deny"}),
            "all but some is forbidden": _everywhere(
                "P", {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}
            ),
        },
        fails={
            "all but some": _everywhere("Bad", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        }
        | {
            f"{action} is allowed": {
                **_everywhere("Bad", allow(["s3:GetObject", action])),
                "BadAlone": policy(allow("s3:GetObject"), allow(action)),
                "Good": policy(allow("s3:GetObject")),
            }
            for action in ("*", "sagemaker:*", "iam:*", "SageMaker:*")
        },
        tokens={
            "what is included has the actions": _everywhere(
                "P", {"Effect": "Allow", "Resource": "*", "Fn::Transform": {"Name": "AWS::Include"}}
            ),
            "a parameter decides": _everywhere("P", allow(REF)),
            "a condition decides": _everywhere("P", allow(CHOICE)),
        },
    ),
    "STUDIO_INSTANCE_TYPES_LISTED": Cases(
        passes={
            "types are listed": _everywhere("P", allow("sagemaker:CreateApp", Condition=_LISTED)),
            "with another condition": _everywhere(
                "P", allow("sagemaker:CreateApp", Condition={"ArnLike": {"a:b": "c"}, **_LISTED})
            ),
            "it is forbidden": _everywhere("P", {**allow("sagemaker:CreateApp"), "Effect": "Deny"}),
            "something else": _everywhere(
                "P", allow(["sagemaker:ListApps", "sagemaker:CreateAppImageConfig", "s3:GetObject"])
            ),
        },
        fails={
            "no condition": _everywhere("Bad", allow(["sagemaker:ListApps", "sagemaker:CreateApp"])),
            "with everything else that is made": _everywhere("Bad", allow("sagemaker:Create*")),
            "another condition": _everywhere(
                "Bad", allow("sagemaker:CreateApp", Condition={"ArnLike": {"a:b": "c"}})
            ),
            "in one statement of two": {
                "Bad": policy(allow("s3:GetObject"), allow("sagemaker:CreateApp")),
                "Good": policy(allow("sagemaker:CreateApp", Condition=_LISTED)),
            },
        },
        tokens={
            "the list is a parameter": _everywhere(
                "P",
                allow(
                    "sagemaker:CreateApp",
                    Condition={"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": REF}},
                ),
            ),
            "a condition decides about the action": _everywhere("P", allow(CHOICE)),
        },
    ),
}
