"""Cases of the rules about domains and what people keep in them."""

from __future__ import annotations

from tests.guardrails.cases.parts import (
    CHOICE,
    GET,
    REF,
    Cases,
    domain,
    kept,
    other,
    profile,
    resource,
    with_settings,
)

_SSO = domain(AuthMode="SSO")
_ASSIGNED = resource("SSO::ApplicationAssignment", ApplicationArn=GET)


def _choice(name: str, good: str, bad: str) -> Cases:
    return Cases(
        passes={f"{good} is said": {"D": domain(**{name: good})}},
        fails={
            f"{bad} is said": {"Bad": domain(**{name: bad}), "Good": domain(**{name: good})},
            "nothing is said": {"Bad": domain()},
        },
        tokens={
            "a parameter decides": {"D": domain(**{name: REF})},
            "a condition decides": {"D": domain(**{name: CHOICE})},
        },
    )


def _volume(**sizes: object) -> dict[str, object]:
    return with_settings(SpaceStorageSettings={"DefaultEbsStorageSettings": sizes})


def _sharing(**settings: object) -> dict[str, object]:
    return with_settings(SharingSettings=settings)


def _group(number: str) -> dict[str, object]:
    return {"Fn::GetAtt": [number, "GroupId"]}


def _ingress(group: object, source: object, protocol: str, *ports: int) -> dict[str, object]:
    lowest, highest = ports or (None, None)
    limits = {} if lowest is None else {"FromPort": lowest, "ToPort": highest}
    return resource(
        "EC2::SecurityGroupIngress",
        GroupId=group,
        SourceSecurityGroupId=source,
        IpProtocol=protocol,
        **limits,
    )


_IN_GROUP = with_settings(SecurityGroups=[_group("Studio")])
_WITHIN = (_group("Studio"), _group("Studio"))

CASES = {
    "STUDIO_DOMAIN_VPC_ONLY": _choice("AppNetworkAccessType", "VpcOnly", "PublicInternetOnly"),
    "STUDIO_DOMAIN_TAG_PROPAGATION": _choice("TagPropagation", "ENABLED", "DISABLED"),
    "STUDIO_DOMAIN_CUSTOMER_KEY": Cases(
        passes={"a key is named": {"D": domain(KmsKeyId="1234")}},
        fails={"no key is named": {"Bad": domain(DomainName="d"), "Good": domain(KmsKeyId="1234")}},
        tokens={
            "the key is a resource": {"D": domain(KmsKeyId=GET)},
            "a condition decides": {"D": domain(KmsKeyId=CHOICE)},
        },
    ),
    "STUDIO_DOMAIN_SOURCE_IDENTITY": Cases(
        passes={
            "names are passed on": {
                "D": domain(DomainSettings={"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"})
            }
        },
        fails={
            "it is switched off": {"Bad": domain(DomainSettings={"ExecutionRoleIdentityConfig": "DISABLED"})},
            "nothing is said": {"Bad": domain(DomainSettings={}), "BadToo": domain()},
        },
        tokens={
            "a parameter decides": {"D": domain(DomainSettings={"ExecutionRoleIdentityConfig": REF})},
            "a condition decides": {"D": domain(DomainSettings={"ExecutionRoleIdentityConfig": CHOICE})},
        },
    ),
    "STUDIO_DOMAIN_SHARING_ENCRYPTED": Cases(
        passes={
            "outputs are shared with a key": {
                "D": _sharing(NotebookOutputOption="Allowed", S3KmsKeyId="1234")
            },
            "outputs are not shared": {"D": _sharing(NotebookOutputOption="Disabled")},
            "nothing is said about sharing, which is off then": {"D": with_settings(ExecutionRole="r")},
            "another resource": {"O": other(_sharing(NotebookOutputOption="Allowed"))},
        },
        fails={
            "outputs are shared without a key": {
                "Bad": _sharing(NotebookOutputOption="Allowed", S3OutputPath="s3://bucket"),
                "Good": _sharing(NotebookOutputOption="Disabled"),
            }
        },
        tokens={
            "the key is a resource": {"D": _sharing(NotebookOutputOption="Allowed", S3KmsKeyId=GET)},
            "a parameter decides whether": {"D": _sharing(NotebookOutputOption=REF)},
            "a condition decides whether": {"D": _sharing(NotebookOutputOption=CHOICE)},
        },
    ),
    "STUDIO_DOMAIN_VOLUME_MAXIMUM": Cases(
        passes={"a largest size is said": {"D": _volume(MaximumEbsVolumeSizeInGb=100)}},
        fails={
            "only the usual size is said": {"Bad": _volume(DefaultEbsVolumeSizeInGb=20)},
            "nothing is said about volumes": {"Bad": with_settings(ExecutionRole="r")},
        },
        tokens={
            "the size is a parameter": {"D": _volume(MaximumEbsVolumeSizeInGb=REF)},
            "a condition decides about all settings": {"D": domain(DefaultUserSettings=CHOICE)},
        },
    ),
    "STUDIO_SSO_ASSIGNMENT": Cases(
        passes={
            "a group is assigned": {"D": _SSO, "A": _ASSIGNED},
            "IAM signs people in": {"D": domain(AuthMode="IAM")},
            "somebody else's application is assigned": {"A": _ASSIGNED},
            "another resource": {"O": other(_SSO)},
        },
        fails={
            "nobody is assigned": {"Bad": _SSO, "R": resource("IAM::Role")},
            "one of two domains has IAM": {"Bad": _SSO, "D": domain(AuthMode="IAM")},
        },
        tokens={
            "a parameter decides who signs people in": {"D": domain(AuthMode=REF)},
            "a condition decides who signs people in": {"D": domain(AuthMode=CHOICE)},
        },
    ),
    "STUDIO_DATA_RETAINED": Cases(
        passes={
            "all are kept": {
                "D": kept(domain()),
                "P": kept(profile()),
                "S": kept(resource("SageMaker::Space")),
            },
            "a new one goes where its making fails": {"D": kept(domain(), "RetainExceptOnCreate")},
            "others may go": {"R": resource("IAM::Role")},
        },
        fails={
            "nothing is said about a domain": {"BadDomain": domain(), "P": kept(profile())},
            "nothing is said about a profile": {"BadProfile": profile(), "D": kept(domain())},
            "nothing is said about a space": {"BadSpace": resource("SageMaker::Space")},
            "a domain goes": {"Bad": kept(domain(), delete="Delete")},
            "only a snapshot would stay": {"Bad": kept(domain(), delete="Snapshot")},
            "a replaced one goes": {"Bad": kept(domain(), replace="Delete")},
            "only a snapshot of the replaced one stays": {"Bad": kept(domain(), replace="Snapshot")},
            "nothing is said about deletion": {"Bad": {**domain(), "UpdateReplacePolicy": "Retain"}},
            "nothing is said about replacement": {"Bad": {**domain(), "DeletionPolicy": "Retain"}},
        },
        tokens={
            "a parameter decides": {"D": kept(domain(), REF, REF)},
            "a condition decides": {"D": kept(domain(), CHOICE, CHOICE)},
        },
    ),
    "STUDIO_PEOPLE_APART": Cases(
        passes={
            "members share NFS only": {"D": _IN_GROUP, "I": _ingress(*_WITHIN, "tcp", 2049, 2049)},
            "others are let in": {
                "D": _IN_GROUP,
                "I": _ingress(_group("Studio"), _group("Load"), "tcp", 8192, 65535),
            },
            "the group is not of Studio": {
                "D": _IN_GROUP,
                "I": _ingress(_group("Jobs"), _group("Jobs"), "-1"),
            },
            "the domain names no group": {"D": with_settings(), "I": _ingress(*_WITHIN, "-1")},
            "there is no domain": {"I": _ingress(*_WITHIN, "-1")},
            "another resource is like a domain": {"O": other(_IN_GROUP), "I": _ingress(*_WITHIN, "-1")},
            "another resource is like a rule": {"D": _IN_GROUP, "O": other(_ingress(*_WITHIN, "-1"))},
        },
        fails={
            "members reach each other's apps": {
                "D": _IN_GROUP,
                "Bad": _ingress(*_WITHIN, "tcp", 8192, 65535),
                "Good": _ingress(*_WITHIN, "tcp", 2049, 2049),
            },
            "one port more than NFS is open": {"D": _IN_GROUP, "Bad": _ingress(*_WITHIN, "tcp", 2049, 2050)},
            "every protocol is open": {"D": _IN_GROUP, "Bad": _ingress(*_WITHIN, "-1")},
            "one of two domains names groups": {
                "D": with_settings(),
                "E": _IN_GROUP,
                "Bad": _ingress(*_WITHIN, "-1"),
            },
        },
        tokens={
            "the source is a parameter": {
                "D": _IN_GROUP,
                "I": _ingress(_group("Studio"), REF, "tcp", 8192, 65535),
            },
            "a condition decides about the groups": {
                "D": with_settings(SecurityGroups=CHOICE),
                "I": _ingress(*_WITHIN, "-1"),
            },
        },
    ),
}
