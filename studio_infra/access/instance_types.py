"""Instance types a team may use: one list for IAM and for Studio's launcher."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from studio_infra.settings.facts.instance_types import known

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Families with disks of their own whose name does not say so by a ``d`` behind the generation.
_FAMILIES_WITH_DISKS: Final = re.compile("(dl1|g5|g6e?|gr6|g7e?|p5|p5en?|p6.*|p6e.*|trn[12]n?)", re.ASCII)
_DISK_ATTRIBUTE: Final = re.compile("[a-z]+[0-9]+[a-z]*d[a-z]*(-.*)?", re.ASCII)


def hidden_instance_types(allowed: Iterable[str]) -> list[str]:
    """`HiddenInstanceTypes`: what the launcher must not offer, as IAM would refuse it."""
    return sorted(known("apps") - set(allowed) - {"system"})


def has_own_disks(instance_type: str) -> bool:
    """Whether it has disks of its own, which its hardware encrypts: SageMaker refuses a KMS key for them.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/InstanceStorage.html
    """
    _, _, rest = instance_type.partition(".")
    family = rest.partition(".")[0]
    return _FAMILIES_WITH_DISKS.fullmatch(family) is not None or _DISK_ATTRIBUTE.fullmatch(family) is not None
