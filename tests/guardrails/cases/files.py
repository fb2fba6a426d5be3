"""Cases of the rule about shared file systems."""

from __future__ import annotations

from typing import Any

from tests.guardrails.cases.parts import CHOICE, REF, Cases, Json, other, resource


def _point(path: Any = "/teams/vision", mode: Any = None, uid: Any = None) -> Json:
    made = (
        {} if mode is None else {"CreationInfo": {"OwnerUid": "0", "OwnerGid": "1001", "Permissions": mode}}
    )
    user = {} if uid is None else {"PosixUser": {"Uid": uid, "Gid": "1001"}}
    where = {} if path is None else {"Path": path}
    return resource("EFS::AccessPoint", RootDirectory={**where, **made}, **user)


CASES = {
    "STUDIO_ACCESS_POINT_CLOSED": Cases(
        passes={
            "a team's directory": {"P": _point(mode="0770")},
            "the same in three digits": {"P": _point(mode="770")},
            "a person's directory": {"P": _point(path="/people/ana", mode="0700", uid="10001")},
            "a directory that exists": {"P": _point()},
            "others have nothing, the group may read": {"P": _point(mode="0750")},
            "another resource": {"O": other(_point(path="/", mode="0777", uid="0"))},
        },
        fails={
            "everybody may do everything": {"Bad": _point(mode="0777"), "Good": _point(mode="0770")},
            "the same in three digits": {"Bad": _point(mode="777")},
            "others may read": {"Bad": _point(mode="0775")},
            "others may enter": {"Bad": _point(mode="0771")},
            "whoever runs a program becomes its owner": {"Bad": _point(mode="4770")},
            "a sign too many": {"Bad": _point(mode="07700")},
            "a sign too few": {"Bad": _point(mode="70")},
            "no number of its kind": {"Bad": _point(mode="0780")},
            "the same in the place before": {"Bad": _point(mode="0870")},
            "a point at the root": {"Bad": _point(path="/", mode="0770"), "Good": _point(mode="0770")},
            "no directory is named": {"Bad": _point(path=None), "Good": _point()},
            "no directory at all": {"Bad": resource("EFS::AccessPoint", FileSystemId="fs-1")},
            "whoever comes through is root": {"Bad": _point(uid="0"), "Good": _point(uid="10001")},
        },
        tokens={
            "parameters decide": {"P": _point(path=REF, mode=REF, uid=REF)},
            "conditions decide": {"P": _point(path=CHOICE, mode=CHOICE, uid=CHOICE)},
            "a condition decides about all of it": {"P": resource("EFS::AccessPoint", RootDirectory=CHOICE)},
            "a parameter decides about all of it": {"P": resource("EFS::AccessPoint", RootDirectory=REF)},
        },
    )
}
