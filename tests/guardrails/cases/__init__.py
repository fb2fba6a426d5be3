"""Templates for every rule: those that pass, those that fail, and those that only the deployment decides."""

from __future__ import annotations

from tests.guardrails.cases import domains, endpoints, files, idle, lifecycle, roles

CASES = {**domains.CASES, **endpoints.CASES, **files.CASES, **idle.CASES, **lifecycle.CASES, **roles.CASES}
