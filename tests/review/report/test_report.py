"""What the report says about small templates whose answers are known."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from studio_infra.errors import InvalidInput
from studio_infra.review.replacement.resources import resources_of
from studio_infra.review.report.access.matrix import access, principals
from studio_infra.review.report.costs import costs
from studio_infra.review.report.diagram import diagram
from studio_infra.review.report.exposure import NOT_ENCRYPTED, encryption, network
from studio_infra.review.report.markdown import LONGEST, markdown
from studio_infra.review.report.page import page
from studio_infra.review.report.report import report_of
from studio_infra.review.report.section import Section, Table
from studio_infra.review.report.survival import survival
from studio_infra.review.report.text import listed, shown, words
from tests.review.report.hostile import ATTACKS, hostile_template, write_hostile

GOLDEN = Path(__file__).parents[2] / "golden"
BUCKET = {"Fn::GetAtt": ["Bucket", "Arn"]}


def resource(kind: str, /, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def resources(**found: Any) -> Any:
    return resources_of({"S": {"Resources": found}})


def rows(section: Section, caption: str) -> list[tuple[tuple[str, ...], ...]]:
    (table,) = (one for one in section.tables if one.caption == caption)
    return list(table.rows)


def role(*statements: Any, service: str = "sagemaker.amazonaws.com", **more: Any) -> dict[str, Any]:
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]
    }
    policies = [{"PolicyName": "P", "PolicyDocument": {"Statement": list(statements)}}] if statements else []
    return resource("IAM::Role", AssumeRolePolicyDocument=trust, Policies=policies, **more)


def allow(action: Any, on: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": on, **more}


# -- text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ({"Ref": "AWS::Region"}, "<AWS::Region>"),
        ({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3"]]}, "arn:<AWS::Partition>:s3"),
        ({"Fn::Sub": "arn:${AWS::Partition}"}, "arn:${AWS::Partition}"),
        ({"Fn::Sub": ["a${b}", {"b": "c"}]}, "a${b}"),
        ({"Fn::Select": [0, ["a"]]}, '<Select [0, ["a"]]>'),
        ({"a": "b"}, '{"a": "b"}'),
        (None, "null"),
        ("a\nb\x00c\u202ed\ud800", "a b\\u0000c\\u202ed\\ud800"),
    ],
)
def test_a_value_becomes_words(value: object, expected: str) -> None:
    assert words(value) == expected


def test_a_reference_is_the_logical_id_of_what_it_means() -> None:
    found = resources(
        Bucket=resource("S3::Bucket"),
        Group=resource("EC2::SecurityGroup", GroupDescription="g"),
        R=resource("X::Y", A=BUCKET, B={"Ref": "Bucket"}, C={"Fn::GetAtt": ["Group", "GroupId"]}),
    )
    properties = next(one.properties for address, one in found.items() if address.logical_id == "R")
    assert [words(properties[key]) for key in "ABC"] == ["<Bucket>", "<Bucket>", "<Group.GroupId>"]


def test_a_long_text_is_cut_and_says_how_long_it_was() -> None:
    assert shown("x" * 1000) == "x" * 300 + "… (1000 characters)"
    assert shown("x" * 300) == "x" * 300
    assert listed(None) == ()
    assert listed("a") == ("a",)


# -- access


def test_roles_that_may_do_the_same_are_told_once() -> None:
    statement = allow("s3:GetObject", BUCKET)
    found = resources(
        Bucket=resource("S3::Bucket"),
        Ana=role(statement),
        Bela=role(statement),
        Job=role(statement, allow("s3:PutObject", BUCKET)),
        Other=role(statement, service="lambda.amazonaws.com"),
    )
    assert [(one.name, len(one.roles)) for one in principals(found)] == [
        ("2 roles like Ana", 2),
        ("Job", 1),
        ("Other", 1),
    ]


def test_a_role_has_what_is_inline_what_it_names_and_what_names_it() -> None:
    found = resources(
        Bucket=resource("S3::Bucket"),
        Managed=resource("IAM::ManagedPolicy", PolicyDocument={"Statement": allow("s3:ListBucket", BUCKET)}),
        Role=role(
            allow("s3:GetObject", BUCKET),
            ManagedPolicyArns=[{"Ref": "Managed"}, "arn:aws:iam::aws:policy/ReadOnlyAccess"],
        ),
        Beside=resource(
            "IAM::Policy",
            Roles=[{"Ref": "Role"}],
            PolicyDocument={"Statement": [allow("s3:PutObject", BUCKET)]},
        ),
        Single=resource(
            "IAM::RolePolicy",
            RoleName={"Ref": "Role"},
            PolicyDocument={"Statement": [allow("s3:DeleteObject", BUCKET)]},
        ),
    )
    section = access(found)
    ((effect, actions, on, conditions),) = rows(section, "What Role may do")
    assert effect == ("Allow",)
    assert actions == ("s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject")
    assert on == ("<Bucket>",)
    assert conditions == ("none",)
    assert rows(section, "Principals")[0][-1] == ("arn:aws:iam::aws:policy/ReadOnlyAccess",)


def test_statements_with_other_conditions_are_other_rows_and_say_them() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": ["vision", {"Ref": "AWS::Region"}]}}
    found = resources(
        Role=role(
            allow("s3:GetObject", "arn:aws:s3:::a"),
            allow("s3:PutObject", "arn:aws:s3:::a", Condition=condition),
            {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::a"},
        )
    )
    assert rows(access(found), "What Role may do") == [
        (("Allow",), ("s3:GetObject",), ("arn:aws:s3:::a",), ("none",)),
        (
            ("Allow",),
            ("s3:PutObject",),
            ("arn:aws:s3:::a",),
            ("StringEquals aws:PrincipalTag/team: vision, <AWS::Region>",),
        ),
        (("Deny",), ("all but s3:*",), ("all but arn:aws:s3:::a",), ("none",)),
    ]


def test_what_is_allowed_on_everything_without_a_condition_stands_in_the_overview() -> None:
    wide = {"StringEquals": {"a:b": "c"}}
    found = resources(
        Role=role(allow(["s3:GetObject", "ec2:Describe*"], "*"), allow("iam:PassRole", "*", Condition=wide))
    )
    assert rows(access(found), "Principals")[0][4] == ("ec2:Describe*", "s3:GetObject")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({"NotAction": ["iam:*", "sts:*"], "Resource": "*"}, ("all but iam:*, sts:*",)),
        ({"Action": "s3:*", "NotResource": "arn:aws:s3:::a"}, ("s3:*",)),
        ({"NotAction": "iam:*", "Resource": "arn:aws:s3:::a"}, ("nothing",)),
        ({"NotAction": "iam:*", "Resource": "*", "Condition": {"Bool": {"a": "true"}}}, ("nothing",)),
    ],
)
def test_all_but_something_is_as_wide_as_everything(statement: dict[str, Any], said: tuple[str, ...]) -> None:
    found = resources(Role=role({"Effect": "Allow", **statement}))
    assert rows(access(found), "Principals")[0][4] == said
    if "NotAction" in statement:
        assert ">*</text>" in diagram(found, ["S"])


def test_an_assembly_without_roles_says_so() -> None:
    assert access(resources(T=resource("SNS::Topic"))).lines == ("The assembly has no role.",)


def test_resources_say_who_may_use_them_and_which_of_them_anybody_may() -> None:
    anybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    tls = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "*"}
    guarded = {**anybody, "Action": "sns:Publish", "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}
    names = {"Fn::GetAtt": ["Function", "Arn"]}
    found = resources(
        Bucket=resource("S3::Bucket"),
        Function=resource("Lambda::Function"),
        Open=resource(
            "S3::BucketPolicy", Bucket={"Ref": "Bucket"}, PolicyDocument={"Statement": [anybody, tls]}
        ),
        Topic=resource("SNS::TopicPolicy", Topics=["arn:t"], PolicyDocument={"Statement": guarded}),
        Vault=resource(
            "Backup::BackupVault", AccessPolicy={"Statement": [{**tls, "NotAction": "x", "Action": None}]}
        ),
        Files=resource(
            "EFS::FileSystem",
            FileSystemPolicy={"Statement": {"NotPrincipal": {"AWS": "a"}, "Action": "e:Mount"}},
        ),
        Web=resource(
            "Lambda::Permission", FunctionName=names, Principal="*", Action="lambda:InvokeFunctionUrl"
        ),
        Event=resource(
            "Lambda::Permission",
            FunctionName="f",
            Principal="s3.amazonaws.com",
            Action="l:I",
            SourceArn="arn:b",
        ),
    )
    section = access(found)
    assert rows(section, "What resources let others do") == [
        (("Bucket",), ("Allow",), ("*",), ("s3:GetObject",), ("none",)),
        (("Bucket",), ("Deny",), ("*",), ("s3:*",), ("none",)),
        (("arn:t",), ("Allow",), ("*",), ("sns:Publish",), ("StringEquals aws:SourceAccount: 1",)),
        (("Vault",), ("Deny",), ("*",), ("all but x",), ("none",)),
        (("Files",), ("Allow",), ("all but a",), ("e:Mount",), ("none",)),
        (("Function",), ("Allow",), ("*",), ("lambda:InvokeFunctionUrl",), ("none",)),
        (("f",), ("Allow",), ("s3.amazonaws.com",), ("l:I",), ("Equals SourceArn: arn:b",)),
    ]
    assert section.lines == (
        "The assembly has no role.",
        "Anybody may reach Bucket, Files, Function: a policy names everybody, without a condition.",
    )


@pytest.mark.parametrize(
    "odd", ["x", 5, [1], {"Statement": "x"}, {"Statement": [{"Principal": 5, "Action": {}}]}]
)
def test_odd_policies_of_resources_are_no_reason_to_fail(odd: Any) -> None:
    found = resources(
        K=resource("KMS::Key", KeyPolicy=odd),
        B=resource("S3::BucketPolicy", Bucket=odd, PolicyDocument=odd),
        L=resource("Lambda::Permission", FunctionName=odd, Principal=odd, Action=odd),
    )
    assert access(found).name == "access"


# -- network and encryption


def test_a_rule_that_lets_the_whole_internet_in_is_counted() -> None:
    found = resources(
        G=resource(
            "EC2::SecurityGroup",
            SecurityGroupIngress=[{"CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}],
            SecurityGroupEgress=[{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1", "Description": "out"}],
        ),
        I=resource(
            "EC2::SecurityGroupIngress",
            GroupId={"Fn::GetAtt": ["G", "GroupId"]},
            SourceSecurityGroupId={"Fn::GetAtt": ["G", "GroupId"]},
            IpProtocol="tcp",
            FromPort=8192,
            ToPort=65535,
        ),
    )
    section = network(found)
    assert section.lines[0] == "1 rules let the whole internet in."
    assert rows(section, "Rules of security groups") == [
        (("G",), ("in",), ("tcp 22",), ("0.0.0.0/0",), ("from the whole internet",)),
        (("G",), ("out",), ("everything",), ("0.0.0.0/0",), ("out",)),
        (("G",), ("in",), ("tcp 8192-65535",), ("<G.GroupId>",), ()),
    ]


def test_a_reviewer_is_told_first_what_the_whole_internet_reaches(tmp_path: Path) -> None:
    rule = {"CidrIpv6": "::/0", "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    found = {
        "Domain": resource("SageMaker::Domain"),
        "Group": resource("EC2::SecurityGroup", SecurityGroupIngress=[rule]),
    }
    (tmp_path / "s.json").write_text(json.dumps({"Resources": found}), encoding="utf-8")
    assert "1 rules let the whole internet in." in report_of(tmp_path).summary


def test_findings_that_a_folder_of_templates_cannot_know_are_not_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"Resources": {}}', encoding="utf-8")
    assert "are not known" in report_of(tmp_path).sections[-1].lines[0]
    (tmp_path / "manifest.json").write_text('{"artifacts": {}}', encoding="utf-8")
    assert report_of(tmp_path).sections[-1].lines == ("Nobody has acknowledged a finding.",)


def test_a_domain_that_says_nothing_about_its_network_is_public() -> None:
    assert network(resources(D=resource("SageMaker::Domain"))).lines[0] == "Apps of D: PublicInternetOnly."


def test_each_resource_says_whose_key_it_has() -> None:
    def bucket(**default: Any) -> dict[str, Any]:
        rule = {"ServerSideEncryptionByDefault": default}
        return resource("S3::Bucket", BucketEncryption={"ServerSideEncryptionConfiguration": [rule]})

    key = {"Fn::GetAtt": ["Key", "Arn"]}
    section = encryption(
        resources(
            Key=resource("KMS::Key", EnableKeyRotation=True),
            Lazy=resource("KMS::Key"),
            Mine=bucket(SSEAlgorithm="aws:kms", KMSMasterKeyID=key),
            Theirs=bucket(SSEAlgorithm="AES256"),
            Bare=resource("S3::Bucket"),
            Domain=resource("SageMaker::Domain", KmsKeyId=key),
        )
    )
    found = {names: key for _, names, key in rows(section, "Keys")}
    assert found == {
        ("Mine",): ("<Key>",),
        ("Theirs",): ("AWS's own (AES256)",),
        ("Bare",): ("AWS's own",),
        ("Domain",): ("<Key>",),
    }
    assert section.lines == ("Key: rotation on.", "Lazy: rotation off.")


@pytest.mark.parametrize(
    ("kind", "properties", "key"),
    [
        ("EFS::FileSystem", {}, NOT_ENCRYPTED),
        ("EFS::FileSystem", {"Encrypted": False}, NOT_ENCRYPTED),
        ("EFS::FileSystem", {"Encrypted": True}, "AWS's own"),
        ("EFS::FileSystem", {"Encrypted": {"Ref": "AWS::Region"}}, "AWS's own"),
        ("EFS::FileSystem", {"Encrypted": True, "KmsKeyId": "k"}, "k"),
        ("SNS::Topic", {}, NOT_ENCRYPTED),
        ("SNS::Topic", {"KmsMasterKeyId": "alias/aws/sns"}, "alias/aws/sns"),
        ("FSx::FileSystem", {}, "AWS's own"),
        ("SageMaker::NotebookInstance", {"KmsKeyId": "k"}, "k"),
    ],
)
def test_what_is_not_encrypted_has_no_key_of_aws(kind: str, properties: dict[str, Any], key: str) -> None:
    section = encryption(resources(One=resource(kind, **properties)))
    assert rows(section, "Keys") == [((f"AWS::{kind}",), ("One",), (key,))]
    assert section.lines == (("1 resources are not encrypted.",) if key == NOT_ENCRYPTED else ())


# -- survival and changes


def test_what_is_lost_comes_first_and_says_what_that_means() -> None:
    kept = {**resource("SageMaker::Domain"), "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    section = survival(resources(Kept=kept, Lost=resource("S3::Bucket"), T=resource("SNS::Topic")))
    found = [(row[0][0], row[1], row[2], row[4]) for row in rows(section, "What survives deletion")]
    assert found == [
        ("AWS::S3::Bucket", ("Lost",), ("is lost",), ("is lost",)),
        ("AWS::SageMaker::Domain", ("Kept",), ("stays",), ("stays",)),
    ]
    assert section.lines == ("1 of 2 kinds of data are lost with their stacks.",)


def test_a_replaced_domain_stands_in_the_report_in_words(tmp_path: Path) -> None:
    for name, mode in (("old", "IAM"), ("new", "SSO")):
        folder = tmp_path / name
        folder.mkdir()
        domain = {**resource("SageMaker::Domain", AuthMode=mode, DomainName="d"), "DeletionPolicy": "Retain"}
        found = {"Domain": domain, f"T{name}": resource("SNS::Topic")}
        (folder / "studio.json").write_text(json.dumps({"Resources": found}), encoding="utf-8")
    report = report_of(tmp_path / "new", baseline=tmp_path / "old")
    section = report.sections[1]
    assert section.lines[0] == "1 changes would lose data."
    ((level, sentence),) = rows(section, "Resources that hold data")
    assert level == ("blocked",)
    assert "SageMaker::Domain d replaced: AuthMode changes" in sentence[0]
    assert rows(section, "Resources by stack") == [(("studio",), ("1",), ("1",), ("1",))]
    assert "1 changes would lose data." in markdown(report)


def test_without_a_baseline_the_report_says_how_to_name_one() -> None:
    assert "--baseline" in report_of(GOLDEN / "sandbox").sections[1].lines[0]


def test_the_same_templates_lose_nothing() -> None:
    report = report_of(GOLDEN / "sandbox", baseline=GOLDEN / "sandbox")
    assert report.sections[1].lines == ("Nothing that holds data is lost.",)


# -- money

_ENDPOINT = resource(
    "SageMaker::EndpointConfig",
    ProductionVariants=[{"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}, {"ServerlessConfig": {}}],
)


def test_quantities_come_from_the_template_and_prices_stay_open() -> None:
    section = costs(
        resources(
            E=_ENDPOINT,
            N=resource("EC2::NatGateway"),
            V=resource("EC2::VPCEndpoint", VpcEndpointType="Interface", SubnetIds=["a", "b"]),
            G=resource("EC2::VPCEndpoint", VpcEndpointType="Gateway"),
            D=resource(
                "SageMaker::Domain",
                DefaultUserSettings={
                    "JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.medium"}}
                },
            ),
        )
    )
    found = [(row[0][0], row[1][0], row[2][0], row[5][0]) for row in rows(section, "By the hour")]
    assert found == [
        ("E", "Hosting ml.m5.large", "2", "open"),
        ("N", "NAT gateway", "1", "open"),
        ("V", "VPC interface endpoint", "2", "open"),
        ("D", "JupyterLab app ml.t3.medium", "by use", "open"),
    ]
    assert section.lines[0].startswith("4 prices are open")


def test_a_shadow_costs_like_what_it_shadows_and_a_number_that_nobody_says_is_not_by_use() -> None:
    variant = {"InstanceType": "ml.m5.large", "InitialInstanceCount": {"Ref": "Count"}}
    shadow = {"InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 3}
    config = resource(
        "SageMaker::EndpointConfig", ProductionVariants=[variant], ShadowProductionVariants=[shadow]
    )
    found = [(row[1][0], row[2][0]) for row in rows(costs(resources(E=config)), "By the hour")]
    assert found == [("Hosting ml.m5.large", "not said"), ("Hosting ml.g5.xlarge", "3")]


def test_known_prices_are_multiplied_and_added() -> None:
    section = costs(resources(E=_ENDPOINT, N=resource("EC2::NatGateway")), lambda *_: Decimal("0.115"))
    assert [row[5][0] for row in rows(section, "By the hour")] == ["0.230", "0.115"]
    assert section.lines[0] == "Known: 0.345 USD an hour."


# -- the whole


@pytest.mark.parametrize("name", ["production", "sandbox"])
def test_the_shipped_settings_make_a_page_and_a_comment(name: str) -> None:
    report = report_of(GOLDEN / name, baseline=GOLDEN / name)
    text = page(report)
    assert len(text.encode()) < 1_000_000
    assert re.search(r"""(src|href)\s*=\s*["'](?!#|data:)|@import|url\((?!#)""", text) is None
    assert len(markdown(report)) < 65_536
    names = [section.name for section in report.sections]
    assert names == [
        *("stacks", "changes", "access", "network", "encryption", "survival", "costs", "acknowledged")
    ]


def test_a_comment_that_would_be_too_long_leaves_whole_tables_out_and_says_so() -> None:
    report = report_of(GOLDEN / "production")
    text = markdown(report)
    assert len(text) <= LONGEST + 200
    assert text.count("<details>") == text.count("</details>") > 0
    assert "more tables are in the page" in text
    assert "## Acknowledged findings" in text


def test_what_is_too_long_even_without_details_is_cut_in_every_table_and_says_so(tmp_path: Path) -> None:
    rule = {"CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    found = {
        f"{kind}{number}": one
        for number in range(2000)
        for kind, one in (
            ("Group", resource("EC2::SecurityGroup", SecurityGroupIngress=[rule])),
            ("Key", resource("KMS::Key")),
            ("Topic", resource("SNS::Topic")),
        )
    }
    (tmp_path / "large.json").write_text(json.dumps({"Resources": found}), encoding="utf-8")
    text = markdown(report_of(tmp_path))
    assert len(text) < 65_536
    for said in ("more rows are in the page", "more lines are in the page", "and 19"):
        assert said in text
    assert "2000 rules let the whole internet in." in text
    assert "## Acknowledged findings" in text


@pytest.mark.parametrize(
    "attack",
    [
        r"\[link](https://evil.example/)",
        "https://evil.example/ www.evil.example ftp://evil.example/",
        "@everybody someone@evil.example",
        "repo#12 GH-12 #12",
        r"a \| [link](https://evil.example/) | @everybody",
        "~~gone~~ <b>bold</b> ![picture](https://evil.example/)",
    ],
)
def test_no_name_becomes_markup_of_a_comment(tmp_path: Path, attack: str) -> None:
    statement = {"Effect": "Allow", "Action": attack, "Resource": attack}
    template = {
        "Description": attack,
        "Resources": {
            attack: resource("SageMaker::Domain", AppNetworkAccessType=attack),
            f"Role {attack}": role(statement),
        },
    }
    (tmp_path / "s.json").write_text(json.dumps(template), encoding="utf-8")
    comment = markdown(report_of(tmp_path))
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tags = set(re.findall(r"<(/?[a-z0-9]+)", reader.render(comment)))
    assert not tags & {"a", "img", "b", "s", "em", "strong"}
    rows_of_tables = {line.count("<td") for line in reader.render(comment).split("</tr>")} - {0}
    assert rows_of_tables <= {
        len(table.header) for one in report_of(tmp_path).sections for table in one.tables
    }
    # What GitHub links by itself, outside of code: none of it is left whole.
    outside = re.sub(r"<code>.*?</code>", "", reader.render(comment))
    assert re.findall(r"(?i)\w://|www\.|[@#]\w|gh-\d", outside) == []


def test_acknowledged_findings_come_with_their_reasons(tmp_path: Path) -> None:
    rules = {"CloudFormation-Validate::STUDIO_MODEL_IN_VPC": "public data", "Annotation::A-B": "public data"}
    entry = {"type": "aws:cdk:acknowledged-rules", "data": rules}
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "t.json", "stackName": "models"},
        "additionalMetadataFile": "m.json",
    }
    inner = {"artifacts": {"models": artifact}}
    outer = {"artifacts": {"s": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "stage"}}}}
    (tmp_path / "stage").mkdir()
    (tmp_path / "manifest.json").write_text(json.dumps(outer), encoding="utf-8")
    (tmp_path / "stage/manifest.json").write_text(json.dumps(inner), encoding="utf-8")
    (tmp_path / "stage/m.json").write_text(json.dumps({"/models/Model": [entry]}), encoding="utf-8")
    (tmp_path / "stage/t.json").write_text(
        json.dumps({"Resources": {"T": resource("SNS::Topic")}}), encoding="utf-8"
    )
    section = report_of(tmp_path).sections[-1]
    assert rows(section, "Acknowledged findings") == [
        (("public data",), ("STUDIO_MODEL_IN_VPC", "A-B"), ("models/Model",))
    ]


def test_a_hostile_assembly_makes_a_quiet_comment_and_a_quiet_page(tmp_path: Path) -> None:
    report = report_of(write_hostile(tmp_path / "assembly"))
    text = page(report)
    assert len(text.encode()) < 3_000_000
    for tag in ("<script", "<img", "<b>", "</style><style"):
        assert tag not in text
    assert "\x00" not in text
    comment = markdown(report)
    outside = "".join(comment.split("`")[::2])
    for word in ("<script", "<img", "javascript:", "@everybody"):
        assert word not in outside
    assert "\u202e" not in comment + text
    assert hostile_template()["Resources"].keys() >= {
        f"{attack}{number}" for number, attack in enumerate(ATTACKS)
    }


def test_a_folder_that_is_no_assembly_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no templates"):
        report_of(tmp_path)


def test_a_table_has_a_cell_for_every_head() -> None:
    for section in report_of(GOLDEN / "production", baseline=GOLDEN / "sandbox").sections:
        for table in section.tables:
            assert isinstance(table, Table)
            assert {len(row) for row in table.rows} == {len(table.header)}, table.caption
