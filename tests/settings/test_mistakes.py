"""Every mistake in a settings file is one line that names the file, the line, the field, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from settings.conftest import SETTINGS, Find


@dataclass(frozen=True)
class Mistake:
    """A line of the settings that is wrong. The finding must point at the line that ends with ``# here``."""

    right: str
    wrong: str
    field: str
    says: str

    @property
    def settings(self) -> str:
        assert SETTINGS.count(self.right) >= 1, f"not in the settings: {self.right}"
        return SETTINGS.replace(self.right, self.wrong, 1)

    @property
    def line(self) -> int:
        lines = self.settings.splitlines()
        return next(number for number, line in enumerate(lines, start=1) if line.endswith("# here"))


VISION_TYPES = 'instance_types = ["ml.t3.medium", "ml.g5.xlarge"]'
EXPIRES = "expires = 2027-06-30"
HOSTS = 'hosts = ["github.com"]'
NETWORK = 'network = "VpcOnly"'
AFTER = "after_minutes = 60"
TRAINING = 'input_prefix = "churn/train"'
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICJ8YvV7LUEmGuuVZmJcZ4NlmlIrjqUMRjKrBRgpvAml"
CUSTOM = f'{HOSTS}\n[[git.custom_hosts]]\nhost = "git.corp.example"\nhost_keys = ["{KEY}"]'

MISTAKES = {
    # keys
    "unknown key": Mistake(NETWORK, f"{NETWORK}\nnetwrk = 1 # here", "domain.netwrk", 'did you mean "network"?'),
    "unknown section": Mistake("[aws]", "[awz] # here\nx = 1\n[aws]", "awz", 'unknown key (got "awz"), use one of name, aws'),
    "unknown key in a team": Mistake(
        VISION_TYPES, f"{VISION_TYPES}\npersonna = 1 # here", "teams.vision.personna", 'did you mean "persona"?'
    ),
    "unknown key in an array of tables": Mistake(
        HOSTS, f"{CUSTOM}\nprot = 22 # here", "git.custom_hosts[0].prot", 'did you mean "port"?'
    ),
    "missing key": Mistake(NETWORK, "", "domain.network", "missing, add it"),
    "missing key in a team": Mistake('persona = "data_scientist"', "", "teams.vision.persona", "missing, add it: What"),
    # types
    "number for a text": Mistake('name = "research"', "name = 7 # here", "name", "not a text (got 7), write it in quotes"),
    "text for a number": Mistake(AFTER, 'after_minutes = "60" # here', "idle_shutdown.after_minutes", "not a whole number"),
    "truth for a number": Mistake(AFTER, "after_minutes = true # here", "idle_shutdown.after_minutes", "(got true)"),
    "fraction for a number": Mistake(AFTER, "after_minutes = 60.5 # here", "idle_shutdown.after_minutes", "whole number"),
    "text for a list": Mistake(HOSTS, 'hosts = "github.com" # here', "git.hosts", "write it in square brackets"),
    "text for a table": Mistake('[aws]\nregion = "us-east-1"', 'aws = "x" # here', "aws", "not a table"),
    "text for a date": Mistake(EXPIRES, 'expires = "2027-06-30" # here', "endpoints.churn.expires", "without quotes"),
    "time for a date": Mistake(EXPIRES, "expires = 2027-06-30T10:00:00 # here", "endpoints.churn.expires", "not a date"),
    "number for a truth": Mistake('roster = "users.csv"', 'roster = "users.csv"\nprivate_spaces = 1 # here',
                                  "people.private_spaces", "use true or false"),
    # choices and ranges
    "unknown choice": Mistake(NETWORK, 'network = "VpcOnli" # here', "domain.network", 'did you mean "VpcOnly"?'),
    "unknown persona": Mistake('persona = "ml_engineer"', 'persona = "ml_enginer" # here', "teams.platform.persona",
                               'did you mean "ml_engineer"?'),
    "unknown host": Mistake(HOSTS, 'hosts = [\n"github.com",\n"githup.com", # here\n]', "git.hosts[1]",
                            'did you mean "github.com"?'),
    "too soon for native": Mistake(AFTER, "after_minutes = 30 # here", "idle_shutdown.after_minutes",
                                   'use 60 to 525600 minutes, or engine = "watcher" for fewer'),
    "too soon for all": Mistake(AFTER, "after_minutes = 4 # here", "idle_shutdown.after_minutes", "use at least 5"),
    "too late": Mistake(AFTER, "after_minutes = 525601 # here", "idle_shutdown.after_minutes", "use at most 525600"),
    "outside the range": Mistake(AFTER, "after_minutes = 60 # here\nallowed_range_minutes = [90, 120]",
                                 "idle_shutdown.after_minutes", "outside allowed_range_minutes (got 60), use 90 to 120"),
    "half a range": Mistake(AFTER, f"{AFTER}\nallowed_range_minutes = [60] # here", "idle_shutdown.allowed_range_minutes",
                            "too short (got a list of 1), use at least 2 entries"),
    "limits by type need the watcher": Mistake(AFTER, f'{AFTER}\nby_instance_type = {{ "ml.g5" = 70 }} # here',
                                               "idle_shutdown.by_instance_type", 'use engine = "watcher"'),
    "a team's limit too soon": Mistake(VISION_TYPES, f"{VISION_TYPES}\nidle_after_minutes = 20 # here",
                                       "teams.vision.idle_after_minutes", 'engine "native_with_guard"'),
    "small volume": Mistake(NETWORK, f"{NETWORK}\nspace_ebs_gb = 4 # here", "domain.space_ebs_gb", "use at least 5"),
    "volume over the maximum": Mistake(NETWORK, f"{NETWORK}\nspace_ebs_gb = 200 # here", "domain.space_ebs_gb",
                                       "larger than space_ebs_max_gb (got 200), use at most 100"),
    "no budget": Mistake(VISION_TYPES, f"{VISION_TYPES}\nmonthly_budget_usd = 0 # here", "teams.vision.monthly_budget_usd",
                         "too small (got 0), use more than 0"),
    "a budget that is no number": Mistake(VISION_TYPES, f"{VISION_TYPES}\nmonthly_budget_usd = nan # here",
                                          "teams.vision.monthly_budget_usd", "(got nan)"),
    "a number without end": Mistake(AFTER, f"after_minutes = {'9' * 400} # here", "idle_shutdown.after_minutes",
                                    "(got a number of more than 60 digits)"),
    # names
    "upper-case prefix": Mistake('name = "research"', 'name = "Research" # here', "name", "1 to 20 lower-case letters"),
    "long prefix": Mistake('name = "research"', f'name = "{"a" * 21}" # here', "name", "not a prefix"),
    "prefix with a newline": Mistake('name = "research"', 'name = "research\\n" # here', "name", "control character"),
    "region": Mistake('region = "us-east-1"', 'region = "us-east" # here', "aws.region", 'write it like "eu-central-1"'),
    "account": Mistake('region = "us-east-1"', 'account = "12345" # here', "aws.account", "use its 12 digits, in quotes"),
    "team name": Mistake(
        "[people]",
        '[teams.Big_team] # here\npersona = "admin"\ninstance_types = ["ml.t3.medium"]\n[people]',
        "teams.Big_team",
        "not a team name",
    ),
    "instance type": Mistake('"ml.m5.xlarge",\n', '"m5.xlarge", # here\n', "teams.platform.instance_types[1]",
                             'write it like "ml.g5.xlarge"'),
    "unknown instance type": Mistake('"ml.m5.xlarge",\n', '"ml.m5.xlarg", # here\n', "teams.platform.instance_types[1]",
                                     'did you mean "ml.m5.xlarge"?'),
    "instance type of another purpose": Mistake('instance_type = "ml.m5.large"', 'instance_type = "ml.geospatial.interactive" # here',
                                                "endpoints.churn.instance_type", "no instance type for endpoints"),
    "image": Mistake('amazonaws.com/churn:1"\ninstance_type = "ml.m5.xlarge"', 'example.com/churn:1" # here\ninstance_type = "ml.m5.xlarge"',
                     "training.churn.image", "not an image in Amazon ECR"),
    "prefix with a slash in front": Mistake(TRAINING, 'input_prefix = "/churn" # here', "training.churn.input_prefix",
                                            "without a leading slash"),
    "prefix that climbs": Mistake(TRAINING, 'input_prefix = "a/../b" # here', "training.churn.input_prefix", "not a folder"),
    "model data": Mistake(EXPIRES, f'{EXPIRES}\nmodel_data = "https://x/y" # here', "endpoints.churn.model_data", "s3://"),
    "tag of AWS": Mistake("[people]", '[tags]\n"aws:x" = "y" # here\n[people]', 'tags."aws:x"', "others own"),
    "tag of ours": Mistake("[people]", '[tags]\n"Studio:user" = "y" # here\n[people]', 'tags."Studio:user"', "others own"),
    "tag value": Mistake("[people]", '[tags]\na = "y<" # here\n[people]', "tags.a", "not a tag value"),
    # git
    "ssh url as suggestion": Mistake(HOSTS, f'{HOSTS}\ncode_repositories = ["git@github.com:a/b"] # here',
                                     "git.code_repositories[0]", "use https://"),
    "eleven suggestions": Mistake(HOSTS, f"{HOSTS}\ncode_repositories = {['https://git.example/' + str(n) for n in range(11)]} # here",
                                  "git.code_repositories", "use at most 10 entries"),
    "clone with an option": Mistake(HOSTS, f'{HOSTS}\nclone = ["-oProxyCommand=x@github.com:a/b"] # here', "git.clone[0]",
                                    "not an address that git can clone"),
    "clone from elsewhere": Mistake(HOSTS, f'{HOSTS}\nclone = ["git@gitlab.com:a/b.git"] # here', "git.clone[0]",
                                    "use one of github.com, or add gitlab.com to custom_hosts"),
    "host twice": Mistake(HOSTS, 'hosts = ["github.com", "github.com"] # here', "git.hosts[1]", "named twice"),
    "custom host without keys": Mistake(HOSTS, f'{HOSTS}\n[[git.custom_hosts]] # here\nhost = "git.corp.example"',
                                        "git.custom_hosts[0].host_keys", "give its public keys, or say trust_on_first_use"),
    "custom host with keys and trust": Mistake(HOSTS, f"{CUSTOM}\ntrust_on_first_use = true # here",
                                               "git.custom_hosts[0].trust_on_first_use", "leave one of the two out"),
    "host key of another kind": Mistake(HOSTS, CUSTOM.replace("ssh-ed25519", "ssh-rsa") + " # here",
                                        "git.custom_hosts[0].host_keys[0]", "not a public host key"),
    "host that is two": Mistake(HOSTS, CUSTOM.replace('"git.corp.example"', '"a.example\\nHost *" # here'),
                                "git.custom_hosts[0].host", "not a host name"),
    "user with an option": Mistake(HOSTS, f'{CUSTOM}\nuser = "-oProxyCommand=x" # here', "git.custom_hosts[0].user", "SSH"),
    # what does not fit together
    "VPC without subnets": Mistake(NETWORK, f'{NETWORK}\nvpc_id = "vpc-0123456789abcdef0" # here', "domain.vpc_id",
                                   "name its private subnets in subnet_ids"),
    "subnets without VPC": Mistake(NETWORK, f'{NETWORK}\nsubnet_ids = ["subnet-0123456789abcdef0"] # here',
                                   "domain.subnet_ids", "name the VPC"),
    "zones of a VPC that is there": Mistake(
        NETWORK,
        f'{NETWORK}\nvpc_id = "vpc-01234567"\nsubnet_ids = ["subnet-01234567"]\nnat_gateways = 1 # here',
        "domain.nat_gateways",
        "leave it out or leave out vpc_id",
    ),
    "more gateways than zones": Mistake(NETWORK, f"{NETWORK}\nnat_gateways = 3 # here", "domain.nat_gateways", "at most one"),
    "app twice": Mistake(NETWORK, f'{NETWORK}\napps = ["CodeEditor", "CodeEditor"] # here', "domain.apps[1]", "named twice"),
    "no apps": Mistake(NETWORK, f"{NETWORK}\napps = [] # here", "domain.apps", "empty (got a list of 0), use at least 1"),
    "default the team may not use": Mistake(VISION_TYPES, f'{VISION_TYPES}\ndefault_instance_type = "ml.m5.xlarge" # here',
                                            "teams.vision.default_instance_type", "use one of ml.t3.medium, ml.g5.xlarge"),
    "domain default the team may not use": Mistake(VISION_TYPES, 'instance_types = ["ml.g5.xlarge"] # here',
                                                   "teams.vision.instance_types", "or give the team a default"),
    "training of no team": Mistake('team = "vision"', 'team = "visoin" # here', "training.churn.team",
                                   'no such team (got "visoin"), use one of vision, platform; did you mean "vision"?'),
    "endpoint of no team": Mistake('team = "platform"', 'team = "x" # here', "endpoints.churn.team", "no such team"),
    "owner who is not there": Mistake('owner = "ana"', 'owner = "anna" # here', "endpoints.churn.owner", 'mean "ana"?'),
    "waiting less than running": Mistake(TRAINING, f"{TRAINING}\nmax_wait_minutes = 59 # here",
                                         "training.churn.max_wait_minutes", "use at least max_runtime_minutes, 60"),
    "waiting for no spot": Mistake(TRAINING, f"{TRAINING}\nspot = false\nmax_wait_minutes = 90 # here",
                                   "training.churn.max_wait_minutes", "leave it out, or say spot = true"),
    "29 days of training": Mistake(TRAINING, f"{TRAINING}\nmax_runtime_minutes = 41760 # here",
                                   "training.churn.max_runtime_minutes", "use at most 40320"),
    "long hyperparameter": Mistake(TRAINING, f'{TRAINING}\nhyperparameters.x = "{"y" * 2501}" # here',
                                   "training.churn.hyperparameters.x", "use at most 2500 characters"),
    "list as hyperparameter": Mistake(TRAINING, f"{TRAINING}\nhyperparameters.x = [1] # here",
                                      "training.churn.hyperparameters.x", "(got a list of 1)"),
    "endpoint for ever, unsaid": Mistake("[endpoints.churn]", "[endpoints.churn] # here", "", ""),
    "endpoint with two ends": Mistake(EXPIRES, f"{EXPIRES}\nlifetime_days = 30 # here", "endpoints.churn.lifetime_days",
                                      "leave one of the two out"),
    "fewest over most": Mistake(EXPIRES, f"{EXPIRES}\nmin_instances = 9 # here", "endpoints.churn.min_instances",
                                "use at most max_instances, 4"),
}  # fmt: skip
FORGOTTEN = MISTAKES.pop("endpoint for ever, unsaid")
MISSING = {"missing key": 6, "missing key in a team": 16}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found_where_it_was_made(name: str, find: Find) -> None:
    mistake = MISTAKES[name]
    findings = find(mistake.settings)
    assert [(finding.line, finding.field) for finding in findings] == [
        (MISSING.get(name) or mistake.line, mistake.field)
    ], findings
    assert mistake.says in findings[0].message
    assert len(str(findings[0]).splitlines()) == 1
    assert Path(findings[0].file).name == "settings.toml"


def test_an_endpoint_needs_an_end_or_the_word_forever(find: Find) -> None:
    settings = FORGOTTEN.settings.replace(EXPIRES, "")
    (finding,) = find(settings)
    assert (finding.line, finding.field) == (FORGOTTEN.line, "endpoints.churn.expires")
    assert finding.message == 'missing, give a date, "forever", or lifetime_days'
    assert find(SETTINGS.replace(EXPIRES, 'expires = "forever"')) == ()
    assert find(SETTINGS.replace(EXPIRES, "lifetime_days = 30")) == ()


def test_every_mistake_of_every_section_is_found_in_one_run(find: Find) -> None:
    settings = (
        SETTINGS.replace('"VpcOnly"', '"VpcOnli"\nnat_gateways = 3')
        .replace('team = "vision"', 'team = "visoin"\nspto = true\nmax_wait_minutes = 5')
        .replace(EXPIRES, 'instance_typ = "x"')
        .replace('instance_type = "ml.m5.large"', "")
        .replace(AFTER, 'after_minutes = 30\nengine = "wacher"')
    )
    findings = find(settings, "user_name,team,full_name,email\nana,visoin,Ana,ana\n")
    assert [(finding.line, finding.field) for finding in findings] == [
        (8, "domain.network"),
        (9, "domain.nat_gateways"),
        (16, "idle_shutdown.engine"),
        (33, "training.churn.team"),
        (34, "training.churn.spto"),
        (35, "training.churn.max_wait_minutes"),
        (40, "endpoints.churn.instance_type"),
        (40, "endpoints.churn.expires"),
        (45, "endpoints.churn.instance_typ"),
        (2, "email"),
        (2, "team"),
    ]


def test_a_wrong_field_does_not_make_others_look_wrong(find: Find) -> None:
    # The teams' types and limits are right by themselves; what they are compared with is not.
    settings = SETTINGS.replace('auth_mode = "IAM"', 'auth_mode = "SSO"\ndefault_instance_type = 5').replace(
        AFTER, 'after_minutes = "x"\nallowed_range_minutes = [90, 120]'
    )
    fields = [finding.field for finding in find(settings)]
    assert fields == ["domain.default_instance_type", "idle_shutdown.after_minutes", "sso_user_name"]


def test_findings_are_sorted_by_file_and_line(find: Find) -> None:
    settings = SETTINGS.replace(AFTER, "after_minutes = 1").replace("us-east-1", "x", 1)
    people = ("a_,vision,A,a@example.com", "ana,vision,Ana,ana@example.com", "b_,nobody,B,b@example.com")
    findings = find(settings, "\n".join(("user_name,team,full_name,email", *people)))
    assert [(Path(finding.file).name, finding.line) for finding in findings] == [
        ("settings.toml", 4),
        ("settings.toml", 14),
        ("users.csv", 2),
        ("users.csv", 4),
        ("users.csv", 4),
    ]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('name = "x\n', 1, "illegal character"),
        ('name = "x"\n\n[domain\n', 3, "expected"),
        ('name = "x"\nname = "y"\n', 2, "cannot overwrite a value"),
        ("a = 1\n[a]\n", 2, "cannot overwrite a value"),
        ("x = 1\ny = [1,\n", 2, "invalid value"),
        ("a = 2027-02-31\n", 1, "invalid date"),
        ("a = \n", 1, "invalid value"),
        ("x = " + "[" * 100, 1, "nested deeper than 20 levels"),
        ("\n" + ".".join("a" * 30) + " = 1", 2, "nested deeper than 20 levels"),
        ("a = " + "9" * 5000, 1, "far too large"),
        ("<html>", 1, "see https://toml.io"),
    ],
)
def test_what_is_no_toml_is_one_finding(text: str, line: int, says: str, find: Find) -> None:
    (finding,) = find(text)
    assert (finding.line, finding.field) == (line, "TOML")
    assert says in finding.message


def test_an_empty_file_lacks_everything_on_its_first_line(find: Find) -> None:
    findings = find("")
    assert [(finding.line, finding.field) for finding in findings] == [
        (1, "name"),
        (1, "domain"),
        (1, "teams"),
        (1, "people"),
    ]


def test_no_finding_shows_more_than_the_value_it_is_about(find: Find) -> None:
    secret = "s3cr3t" * 50
    settings = SETTINGS.replace('"us-east-1"', f'"{secret}"').replace(AFTER, f'{AFTER}\nx = "{secret}"')
    for finding in find(settings):
        assert len(str(finding)) < 600
        assert not re.search("(s3cr3t){11}", str(finding))
