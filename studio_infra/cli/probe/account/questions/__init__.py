"""The questions about a domain, in the order in which one needs the answer of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.cli.probe.account.questions.apps import ask_about_apps
from studio_infra.cli.probe.account.questions.domain import ask_about_home, ask_about_people
from studio_infra.cli.probe.account.questions.services import (
    ask_about_money,
    ask_about_stacks,
    ask_about_work,
)

if TYPE_CHECKING:
    from studio_infra.cli.probe.account.look import Account


def ask_about(account: Account, domain_id: str) -> None:
    """Ask everything about a domain and what stands around it."""
    domain = account.ask(
        "domain", "DescribeDomain", lambda: account.read("sagemaker", "describe_domain", DomainId=domain_id)
    )
    if domain is None:
        return
    ask_about_people(account, domain_id)
    ask_about_home(account, domain)
    apps = account.answers["apps"]
    ask_about_apps(account, domain, apps if isinstance(apps, list) else [])
    ask_about_stacks(account, domain["DomainName"])
    ask_about_work(account, domain)
    ask_about_money(account)
