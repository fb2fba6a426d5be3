"""What hostile text costs at most, in processor seconds: `python -m benchmarks.hostile_input`.

Settings, rosters, templates, and requests to the embedded AWS.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Figure, elapsed_seconds, main_of, processor_seconds
from studio_infra.cli.app import run
from studio_infra.rehearsal.emulator.service import validation
from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.settings import InvalidSettings, load_settings
from studio_infra.settings.reading.roster_file import parse_roster
from tests.cli.test_diff import GOLDEN, hostile
from tests.rehearsal.conftest import make_studio
from tests.rehearsal.test_validation import HOSTILE_TEXTS, service_patterns
from tests.settings.test_limits import ATTACKS, STARTS, TOML_ATTACKS, TOML_STARTS, VALIDATORS, search_lines
from tests.settings.test_roster import roster_of
from tests.settings.test_rubbish import RUBBISH, files_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SHORT: Final = 10_000
LONG: Final = 100_000
#: For a text of 100,000 characters. Where it is longer, ten times the text may take so many times as long.
LONG_MAX: Final = 0.05
GROWTH_MAX: Final = 30
FILE_MAX: Final = 1
TEMPLATE_MAX: Final = 1
PATTERN_MAX: Final = 0.5
REQUEST_MAX: Final = 2
ROSTER_GROWTH_MAX: Final = 20
WAITING_END_MAX: Final = 12
IDLING_END_MAX: Final = 5
WAITS: Final = """{"Resources": {
  "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
  "Wait": {"Type": "AWS::CloudFormation::WaitCondition",
           "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "3600", "Count": 1}}}}"""


def worst(
    validators: Iterable[Callable[[str], object]], texts: Iterable[tuple[str, str]], end: str
) -> tuple[float, float]:
    """Seconds of the slowest, and the fastest growth among those slower than `LONG_MAX`."""
    slowest = growth = 0.0
    pairs = list(texts)
    for validate in validators:
        for start, attack in pairs:
            short, long = (
                processor_seconds(partial(validate, start + attack * (size // len(attack)) + end))
                for size in (SHORT, LONG)
            )
            slowest = max(slowest, long)
            if long > LONG_MAX:
                growth = max(growth, long / short)
    return slowest, growth


def settings_figures() -> Iterator[Figure]:
    """Validators of fields, the search for lines, and whole files."""
    attacks = [(start, attack) for start in STARTS for attack in ATTACKS]
    slowest, _ = worst(VALIDATORS.values(), attacks, "!")
    yield Figure(f"settings: slowest validator, {LONG:,} characters", slowest, LONG_MAX)
    lines = [(start, attack) for start in TOML_STARTS for attack in TOML_ATTACKS]
    slowest, growth = worst([search_lines], lines, "")
    yield Figure(f"settings: search for lines, {LONG:,} characters", slowest, 1)
    yield Figure("settings: ten times the text, searches over 50 ms", growth, GROWTH_MAX, "times")
    once, tenfold = (processor_seconds(partial(parse_roster, roster_of(size))) for size in (1000, 10_000))
    yield Figure("roster: 10,000 people against 1,000", tenfold / once, ROSTER_GROWTH_MAX, "times")
    with tempfile.TemporaryDirectory() as folder:
        slowest = max(
            processor_seconds(partial(refuse, Path(folder), settings, roster), runs=1)
            for rubbish in RUBBISH.values()
            for settings, roster in files_of(rubbish)
        )
    yield Figure("settings: slowest megabyte of rubbish", slowest, FILE_MAX)


def refuse(folder: Path, settings: bytes, roster: bytes) -> None:
    """Read files that are rubbish."""
    (folder / "settings.toml").write_bytes(settings)
    (folder / "users.csv").write_bytes(roster)
    with contextlib.suppress(InvalidSettings):
        load_settings(folder / "settings.toml")


def template_figures() -> Iterator[Figure]:
    """What is no template."""
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for path in hostile(Path(folder)).values():
            with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
                slowest = max(slowest, elapsed_seconds(partial(run, ["diff", str(GOLDEN), str(path)])))
    yield Figure("diff: slowest file that is no template", slowest, TEMPLATE_MAX)


def rehearsal_figures() -> Iterator[Figure]:
    """Requests that would hang a naive server, and its end."""
    slowest = 0.0
    for pattern in service_patterns():
        for text in HOSTILE_TEXTS:
            slowest = max(slowest, elapsed_seconds(partial(validation.matches, pattern, text)))
    yield Figure("rehearsal: slowest pattern of the service model", slowest, PATTERN_MAX)
    with EmbeddedAws() as aws:
        studio = make_studio(aws, aws.client("sagemaker"))
        repositories = {"CodeRepositories": [{"RepositoryUrl": "https://" + "a" * 900 + "?x"}]}

        def profile() -> None:
            with contextlib.suppress(studio.sm.exceptions.ClientError):
                studio.profile("bo", UserSettings={"JupyterLabAppSettings": repositories})

        yield Figure("rehearsal: refusal of a hostile repository URL", elapsed_seconds(profile), REQUEST_MAX)
        aws.client("cloudformation").create_stack(StackName="waits", TemplateBody=WAITS)
        began = time.perf_counter()
    yield Figure(
        "rehearsal: end with a stack that waits for ever", time.perf_counter() - began, WAITING_END_MAX
    )
    with EmbeddedAws(strict=True) as aws:
        aws.client("s3").create_bucket(Bucket="kept")  # its connection stays open
        began = time.perf_counter()
    yield Figure(
        "rehearsal: end with a client that idles on TLS", time.perf_counter() - began, IDLING_END_MAX
    )


def figures() -> Iterator[Figure]:
    """One after the other."""
    for part in (settings_figures, template_figures, rehearsal_figures):
        yield from part()


if __name__ == "__main__":
    sys.exit(main_of("Hostile input", figures()))
