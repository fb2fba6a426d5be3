from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_infra.access import StudioExecutionRole, role_json
from studio_infra.errors import InvalidInput
from studio_infra.settings import Person
from studio_infra.studio.domain.apps import AppSettings, StudioApp
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.user_settings import UserSettings
from studio_infra.studio.people.fragment import Fragment
from studio_infra.studio.people.people import StudioPeople
from studio_infra.studio.people.person import TeamDefaults, logical_id, person_resources
from studio_infra.studio.people.space import Space
from studio_infra.studio.people.user_profile import UserProfile


def person(user_name: str = "ana", team: str = "vision", **more: Any) -> Person:
    return Person(
        user_name=user_name,
        team=team,
        full_name=more.pop("full_name", "Ana Silva"),
        email="ana@example.com",
        **more,
    )


def team(name: str = "vision", **more: Any) -> TeamDefaults:
    options: dict[str, Any] = {
        "execution_role": role_json(managed_policy_arns=[f"arn:aws:iam::123456789012:policy/{name}"]),
        "settings": UserSettings(hidden_instance_types=["ml.p5.48xlarge"]),
    }
    return TeamDefaults(team=name, **options | more)


TEAMS = {name: team(name) for name in ("vision", "speech", "pricing")}


def synthesize(people: list[Person], teams: dict[str, TeamDefaults] = TEAMS) -> dict[str, Any]:
    return dict(synthesize_template(people, teams)["Resources"])


def synthesize_template(people: list[Person], teams: dict[str, TeamDefaults]) -> dict[str, Any]:
    stack = cdk.Stack(cdk.App(), "Users")
    domain = StudioDomain.from_domain_id(stack, "Domain", "d-1")
    StudioPeople(stack, "People", domain=domain, name_prefix="research", people=people, teams=teams)
    return dict(Template.from_stack(stack).to_json())


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    return {key: value for key, value in resources.items() if value["Type"] == kind}


def test_a_person_gets_a_role_a_profile_a_space_and_a_git_identity() -> None:
    resources = synthesize([person()])
    assert sorted(resource["Type"] for resource in resources.values()) == [
        "AWS::CloudFormation::WaitConditionHandle",
        "AWS::IAM::Role",
        "AWS::SSM::Parameter",
        "AWS::SageMaker::Space",
        "AWS::SageMaker::UserProfile",
    ]


def test_a_persons_work_is_retained() -> None:
    resources = synthesize([person()])
    for kind in ("AWS::SageMaker::UserProfile", "AWS::SageMaker::Space"):
        (resource,) = of_type(resources, kind).values()
        assert resource["DeletionPolicy"] == "Retain"
        assert resource["UpdateReplacePolicy"] == "Retain"


def test_the_roster_makes_the_same_profile_space_and_role_as_single_constructs() -> None:
    apps = [AppSettings(app=StudioApp.JUPYTER_LAB, default_instance_type="ml.g5.xlarge")]
    defaults = TeamDefaults(
        team="vision",
        execution_role=role_json(),
        settings=UserSettings(hidden_instance_types=["ml.p5.48xlarge"], apps=apps),
        single_sign_on=True,
    )
    template = synthesize_template([person(posix_uid=20_001, sso_user_name="ana@corp")], {"vision": defaults})
    bulk = template["Resources"]

    stack = cdk.Stack(cdk.App(), "Single")
    domain = StudioDomain.from_domain_id(stack, "Domain", "d-1")
    role = StudioExecutionRole(
        stack, "Role", user_name="ana", team="vision", description="Apps of ana run as this"
    )
    profile = UserProfile(
        stack,
        "Ana",
        domain=domain,
        user_name="ana",
        execution_role=role,
        sso_user_name="ana@corp",
        apps=apps,
        hidden_instance_types=["ml.p5.48xlarge"],
        posix_uid=20_001,
    )
    Space(stack, "Space", domain=domain, space_name="ana", owner=profile)
    for construct in (profile, stack.node.find_child("Space")):
        cdk.Tags.of(construct).add("studio:team", "vision")
        cdk.Tags.of(construct).add("studio:user", "ana")
    single = Template.from_stack(stack).to_json()["Resources"]

    for kind in ("AWS::SageMaker::UserProfile", "AWS::SageMaker::Space", "AWS::IAM::Role"):
        (ours,), (theirs,) = of_type(bulk, kind).values(), of_type(single, kind).values()
        mine, other = ours["Properties"], theirs["Properties"]
        if kind.endswith("UserProfile"):  # each refers to its own role
            mine["UserSettings"]["ExecutionRole"] = other["UserSettings"]["ExecutionRole"] = "role"
            portal = mine["UserSettings"]["StudioWebPortalSettings"]
            table, row, column = portal["HiddenInstanceTypes"]["Fn::FindInMap"]
            portal["HiddenInstanceTypes"] = template["Mappings"][table][row][column]
        assert mine == other


def test_git_identity_is_a_parameter_that_holds_any_name_exactly() -> None:
    name = 'Zoë "Z" O\'Brien-Müller $(id) 名前'
    (parameter,) = of_type(synthesize([person(full_name=name)]), "AWS::SSM::Parameter").values()
    assert parameter["Properties"]["Name"] == "/research/people/ana/git-identity"
    assert json.loads(parameter["Properties"]["Value"]) == {
        "name": name,
        "email": "ana@example.com",
        "team": "vision",
    }


def test_people_who_share_their_teams_role_have_none_of_their_own() -> None:
    shared = "arn:aws:iam::123456789012:role/vision"
    resources = synthesize([person()], {"vision": team(execution_role=shared)})
    assert of_type(resources, "AWS::IAM::Role") == {}
    (profile,) = of_type(resources, "AWS::SageMaker::UserProfile").values()
    assert profile["Properties"]["UserSettings"]["ExecutionRole"] == shared


def test_a_person_can_have_a_security_group_of_their_own() -> None:
    resources = synthesize([person()], {"vision": team(own_group_in="vpc-1")})
    ((group_id, group),) = of_type(resources, "AWS::EC2::SecurityGroup").items()
    assert group_id.startswith(logical_id("ana"))
    assert group["Properties"]["VpcId"] == "vpc-1"
    assert {"Key": "studio:user", "Value": "ana"} in group["Properties"]["Tags"]
    # The profile is retained and names it.
    assert group["DeletionPolicy"] == group["UpdateReplacePolicy"] == "Retain"
    (profile,) = of_type(resources, "AWS::SageMaker::UserProfile").values()
    own = {"Fn::GetAtt": [group_id, "GroupId"]}
    assert profile["Properties"]["UserSettings"]["SecurityGroups"] == [own]
    for direction, other in (("Ingress", "SourceSecurityGroupId"), ("Egress", "DestinationSecurityGroupId")):
        (rule,) = of_type(resources, f"AWS::EC2::SecurityGroup{direction}").values()
        assert rule["Properties"]["GroupId"] == rule["Properties"][other] == own


def test_private_spaces_can_be_left_to_the_people() -> None:
    resources = synthesize([person()], {"vision": team(private_spaces=False)})
    assert of_type(resources, "AWS::SageMaker::Space") == {}


def test_a_space_is_made_after_the_profile_it_belongs_to() -> None:
    (space,) = of_type(synthesize([person()]), "AWS::SageMaker::Space").values()
    assert space["DependsOn"] == [f"{logical_id('ana')}Profile"]


def test_a_domain_of_another_stack_is_referred_to_without_an_export() -> None:
    app = cdk.App(context={"@aws-cdk/core:defaultCrossStackReferences": "weak"})
    studio, users = cdk.Stack(app, "Studio"), cdk.Stack(app, "Users")
    domain = sagemaker.CfnDomain(
        studio,
        "Domain",
        auth_mode="IAM",
        domain_name="x",
        default_user_settings=sagemaker.CfnDomain.UserSettingsProperty(
            execution_role="arn:aws:iam::1:role/r"
        ),
    )
    StudioPeople(users, "People", domain=domain, name_prefix="research", people=[person()], teams=TEAMS)
    (profile,) = of_type(
        Template.from_stack(users).to_json()["Resources"], "AWS::SageMaker::UserProfile"
    ).values()
    assert profile["Properties"]["DomainId"]["Fn::GetStackOutput"]["StackName"] == "Studio"


def test_tags_of_the_app_reach_everybody() -> None:
    stack = cdk.Stack(cdk.App(), "Users")
    domain = StudioDomain.from_domain_id(stack, "Domain", "d-1")
    StudioPeople(stack, "People", domain=domain, name_prefix="research", people=[person()], teams=TEAMS)
    cdk.Tags.of(stack).add("cost-center", "4711")
    resources = Template.from_stack(stack).to_json()["Resources"]
    (profile,) = of_type(resources, "AWS::SageMaker::UserProfile").values()
    assert {"Key": "cost-center", "Value": "4711"} in profile["Properties"]["Tags"]


def test_what_is_hidden_from_a_team_is_said_once_for_all_its_members() -> None:
    template = synthesize_template([person("ana"), person("bo")], TEAMS)
    assert template["Mappings"] == {"Teams": {"vision": {"HiddenInstanceTypes": ["ml.p5.48xlarge"]}}}


def test_the_table_of_teams_gives_no_advice_to_leave_it_out() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Users")
    domain = StudioDomain.from_domain_id(stack, "Domain", "d-1")
    StudioPeople(stack, "People", domain=domain, name_prefix="research", people=[person()], teams=TEAMS)
    assert app.synth().get_stack_by_name("Users").messages == []


def test_refuses_a_person_whose_team_nobody_knows() -> None:
    with pytest.raises(
        InvalidInput, match="'ana' is in team 'nowhere', known teams: pricing, speech, vision"
    ):
        synthesize([person(team="nowhere")])


def test_a_name_in_identity_center_is_left_out_of_a_domain_that_does_not_use_it() -> None:
    (profile,) = of_type(
        synthesize([person(sso_user_name="ana@corp")]), "AWS::SageMaker::UserProfile"
    ).values()
    assert "SingleSignOnUserValue" not in profile["Properties"]


def test_refuses_a_person_who_could_not_sign_in() -> None:
    with pytest.raises(InvalidInput, match="'ana' has no sso_user_name"):
        synthesize([person()], {"vision": team(single_sign_on=True)})


def test_refuses_a_person_who_is_there_twice() -> None:
    with pytest.raises(InvalidInput, match="user_name 'ana' is there twice"):
        synthesize([person(), person(team="speech")])


def test_refuses_more_people_than_a_stack_holds_and_names_the_way_out() -> None:
    crowd = [person(f"user-{number}") for number in range(105)]
    with pytest.raises(InvalidInput, match="105 people are 420 resources, a stack holds 418.*roster assign"):
        synthesize(crowd)


def test_takes_exactly_as_many_as_fit() -> None:
    crowd = [person(f"user-{number}") for number in range(104)]
    assert len(synthesize(crowd)) <= 450


@pytest.mark.parametrize(("one", "other"), [("a-b", "ab"), ("a-bc", "ab-c"), ("ana", "Ana")])
def test_names_that_look_alike_have_logical_ids_of_their_own(one: str, other: str) -> None:
    assert logical_id(one) != logical_id(other)


def test_a_logical_id_begins_with_the_name_and_is_what_cloudformation_takes() -> None:
    assert logical_id("ana-lopez").startswith("AnaLopez")
    assert logical_id("a" * 63).isalnum()


# -- identity: nobody is touched by what happens to others --------------------------------------------

NAMES = st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,15}", fullmatch=True)
ROSTERS = st.dictionaries(NAMES, st.sampled_from(sorted(TEAMS)), min_size=1, max_size=8)


#: What settings can make of a person: `[access]` with its defaults, and with the rest.
ACCESS: tuple[dict[str, str], ...] = (
    {},
    {"own_group_in": "vpc-1"},
    {"own_group_in": "vpc-1", "execution_role": "arn:aws:iam::1:role/r"},
)


def render(roster: dict[str, str], access: dict[str, str] = ACCESS[0]) -> dict[str, Any]:
    """What crosses to CloudFormation, without Node: byte for byte the same for the same input."""
    resources: dict[str, Any] = {}
    for name, its_team in roster.items():
        resources |= person_resources(
            person(name, its_team), team(its_team, **access), name_prefix="research", domain_id="d-1"
        )
    return resources


def share(resources: dict[str, Any], name: str) -> str:
    mine = {key: value for key, value in resources.items() if key.startswith(logical_id(name))}
    return json.dumps(mine, sort_keys=True)


@settings(max_examples=300, deadline=None)
@given(before=ROSTERS, after=ROSTERS, everybody_stays=st.booleans(), access=st.sampled_from(ACCESS))
def test_no_edit_of_the_roster_touches_anybody_it_is_not_about(
    before: dict[str, str],
    after: dict[str, str],
    everybody_stays: bool,
    access: dict[str, str],
) -> None:
    after = {**after, **before} if everybody_stays else after
    untouched = [name for name in before if after.get(name) == before[name]]
    old, new = render(before, access), render(dict(reversed(after.items())), access)
    for name in untouched:
        assert share(old, name) == share(new, name)


@settings(max_examples=50, deadline=None)
@given(roster=ROSTERS, name=NAMES, access=st.sampled_from(ACCESS))
def test_a_move_to_another_team_keeps_what_would_cost_the_home(
    roster: dict[str, str], name: str, access: dict[str, str]
) -> None:
    old, new = render({**roster, name: "vision"}, access), render({**roster, name: "pricing"}, access)
    profile = f"{logical_id(name)}Profile"
    for key in ("DomainId", "UserProfileName"):
        assert old[profile]["Properties"][key] == new[profile]["Properties"][key]
    assert old.keys() == new.keys()


def test_the_order_of_the_roster_does_not_show_in_the_template() -> None:
    people = [person("ana"), person("bo"), person("cy", "speech")]
    assert json.dumps(synthesize(people)) == json.dumps(synthesize(people[::-1]))


def test_moving_one_person_leaves_the_template_of_the_others_as_it_was() -> None:
    before = synthesize([person("ana"), person("bo")])
    after = synthesize([person("ana"), person("bo", "pricing"), person("cy")])
    assert share(before, "ana") == share(after, "ana")


# -- the fragment ---------------------------------------------------------------------------------------


def test_a_value_that_many_share_is_one_parameter() -> None:
    fragment = Fragment()
    token = cdk.Token.as_string({"Ref": "Somewhere"})
    for number in range(3):
        fragment.add(f"Topic{number}", {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": token}})
    stack = cdk.Stack(cdk.App(), "S")
    fragment.include_in(stack, "Topics")
    topics = Template.from_stack(stack).find_resources("AWS::SNS::Topic")
    assert [topic["Properties"]["TopicName"] for topic in topics.values()] == [{"Ref": "Somewhere"}] * 3
    assert len(fragment) == 3
