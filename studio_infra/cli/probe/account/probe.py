"""The probe of an account: look, try if asked to, judge."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from studio_infra.cli.probe.account.facts import FACTS
from studio_infra.cli.probe.account.look import Account, names_of
from studio_infra.cli.probe.account.questions import ask_about
from studio_infra.cli.probe.account.trials import Trials
from studio_infra.cli.probe.account.undertaker import Throwaway
from studio_infra.cli.probe.record import judge_all

if TYPE_CHECKING:
    from studio_infra.cli.probe.record import Result
    from studio_infra.settings import StudioSettings

TITLE: Final = "studio-infra probe account"
_STEP: Final = 20.0


def probe_account(
    account: Account,
    domain_id: str,
    settings: StudioSettings | None,
    *,
    watch: int = 0,
    pause: float | None = None,
) -> tuple[list[Result], list[str]]:
    """Judge every fact, and tell what tries could not take away again.

    Args:
        account: Where to look.
        domain_id: The domain.
        settings: What was deployed, if somebody says.
        watch: Minutes for which apps are looked at.
        pause: Seconds between looks at what tries made, which are only made if this is given.

    """
    ask_about(account, domain_id)
    account.answers["wants_dual_stack"] = settings is not None and settings.network.dual_stack
    account.answers["instance_types"] = _instance_types(account.answers, settings)
    if watch:
        account.answers["watched"] = _watched(account, watch * 60)
    else:
        account.answers["watched"] = []
    left: list[str] = []
    if pause is not None:
        trials = Trials(Throwaway(account, domain_id, pause), account.say)
        account.answers["trials"], left = trials.run()
    return judge_all(FACTS, account.seen, names_of(account.answers)), left


def _instance_types(answers: dict[str, Any], settings: StudioSettings | None) -> list[str]:
    """Types that apps would run on: of the settings, else of the domain and of what runs."""
    if settings is not None:
        teams = {kind for team in settings.teams.values() for kind in team.instance_types}
        return sorted({settings.domain.default_instance_type, *teams} - {"system"})
    domain, apps = answers.get("domain"), answers.get("apps")
    running = apps if isinstance(apps, list) else []
    found = {app.get("ResourceSpec", {}).get("InstanceType") for app in running}
    if isinstance(domain, dict):
        spec = (
            domain.get("DefaultUserSettings", {})
            .get("JupyterLabAppSettings", {})
            .get("DefaultResourceSpec", {})
        )
        found.add(spec.get("InstanceType"))
    return sorted(found - {None, "system"})


def _watched(account: Account, seconds: float) -> list[list[float]]:
    """Seconds between the health checks of each app, seen for a while."""
    apps = account.answers["apps"]
    stamps: dict[int, list[Any]] = {
        number: [] for number in range(len(apps) if isinstance(apps, list) else 0)
    }
    clock = account.calls.clock
    begun = clock.monotonic()
    while stamps and clock.monotonic() - begun < seconds:
        for number, seen in stamps.items():
            stamp = _checked(account, apps[number])
            if stamp is not None and stamp not in seen:
                seen.append(stamp)
        account.say(f"waiting: {(seconds - clock.monotonic() + begun) / 60:.0f} min more for health checks")
        account.calls.wait(_STEP)
    return [
        [(after - before).total_seconds() for before, after in itertools.pairwise(seen)]
        for seen in stamps.values()
    ]


def _checked(account: Account, app: dict[str, Any]) -> Any:
    """When an app was checked last; nothing of one that is gone meanwhile."""
    which = {key: app[key] for key in ("DomainId", "AppType", "AppName")}
    owner = "SpaceName" if app.get("SpaceName") else "UserProfileName"
    try:
        answer = account.read("sagemaker", "describe_app", **which, **{owner: app[owner]})
    except (BotoCoreError, ClientError):
        return None
    return answer.get("LastHealthCheckTimestamp")
