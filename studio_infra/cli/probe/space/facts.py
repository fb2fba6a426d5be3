"""What the lifecycle scripts take for granted about a space, and how each of it is judged. Pure.

Needs Python 3.10 and nothing else: it is part of the script that runs in a space.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.cli.probe.record import (
    Fact,
    Unanswered,
    Verdict,
    decide,
    not_testable,
    proven,
    refuted,
)
from studio_infra.cli.probe.space.look import METADATA_KEYS, TOOLS, VARIABLES

if TYPE_CHECKING:
    from studio_infra.cli.probe.space.look import Mount, Process, Space

#: Seconds: the guard complains when Studio is later than that.
OVERDUE = 300
#: The guard looks once a minute; a heartbeat that is older lies with an idle app, so age alone decides nothing.
FUTURE = 5
_GIT = "`runtime/lifecycle/git_ssh.sh` (`[git]`)"
_IDLE = "`runtime/lifecycle/idle.py` (`[idle_shutdown]`)"
_MODE = 0o700


def _metadata_file(space: Space) -> Verdict:
    if space.metadata is None:
        return refuted("the metadata file: " + space.metadata_fault)
    missing = [key for key in METADATA_KEYS if key != "UserProfileName" and not space.metadata[key]]
    return decide(
        holds=not missing,
        evidence="it has AppType, DomainId, ResourceName and SpaceName",
        otherwise="it lacks, or has in another form: " + ", ".join(missing),
    )


def _metadata_user(space: Space) -> Verdict:
    if space.metadata is None:
        raise Unanswered("the metadata file: " + space.metadata_fault)
    if space.space_type == "shared":
        return not_testable("this space is shared: it has no person")
    return decide(
        holds=space.metadata["UserProfileName"],
        evidence="UserProfileName is there",
        otherwise="UserProfileName is missing or has another form: the scripts ask DescribeSpace for the owner",
    )


def _keeper(space: Space) -> Process:
    if not space.keepers:
        raise Unanswered(
            "no idle program of ours runs here: the engine is native, or the space has another script"
        )
    return space.keepers[0]


def _script_environment(space: Space) -> Verdict:
    keeper = _keeper(space)
    needed = {"AWS_REGION", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"}
    return decide(
        holds=needed <= set(keeper.variables),
        evidence=f"a child of the script has {_listed(keeper.variables)}; this terminal {_listed(space.variables)}",
    )


def _space_type(space: Space) -> Verdict:
    shared = space.efs is None or not space.efs.mounted
    told = f"SAGEMAKER_SPACE_TYPE_LOWERCASE is {space.space_type or 'not set'}"
    home = "no EFS home is mounted" if shared else "an EFS home is mounted"
    if space.space_type == "shared" and not shared:
        return refuted(f"{told}, and {home}")
    if space.space_type == "another":
        return refuted(told + " word")
    if shared and space.space_type != "shared":
        return not_testable(f"{told}, and {home}: run it in a shared space, too")
    return proven(f"{told}, and {home}")


def _children(space: Space) -> Verdict:
    if space.keepers:
        count, leads = len(space.keepers), all(one.leads_session for one in space.keepers)
        return decide(
            holds=count == 1 and leads,
            evidence=f"{count} idle program runs, in a session of its own",
            otherwise=f"{count} idle programs run, {'each' if leads else 'not each'} in a session of its own",
        )
    if space.git_log == "finished":
        return proven("the detached half of the git script has reported its end")
    if space.git_log == "started":
        return refuted(
            "the git script has ended, and its detached half has not reported: wait a minute, try again"
        )
    raise Unanswered("no script of ours has left anything behind here")


def _order(space: Space) -> Verdict:
    keeper = _keeper(space)
    if space.server_started is None:
        raise Unanswered("no process of the app's server was recognized")
    first = "the script" if keeper.started <= space.server_started else "the server"
    return decide(holds=first == "the script", evidence=first + " started first")


def _script_place(space: Space) -> Verdict:
    if not space.script:
        raise Unanswered("the script's file is not there any more, or never was")
    return decide(holds=space.script == "starts with #!", evidence="the script's file " + space.script)


def _user(space: Space) -> Verdict:
    return decide(
        holds=(space.uid, space.gid) == (1000, 100) and space.same_home,
        evidence="the app runs as 1000:100, and HOME is the home of passwd",
        otherwise=f"the app runs as {space.uid}:{space.gid}, and HOME is {'' if space.same_home else 'not '}"
        "the home of passwd",
    )


def _mount(space: Space) -> Mount:
    if space.efs is None:
        raise Unanswered("there is no user-default-efs: a shared space, or AutoMountHomeEFS is off")
    return space.efs


def _efs_mounted(space: Space) -> Verdict:
    mount = _mount(space)
    return decide(
        holds=mount.mounted and mount.writable,
        evidence="user-default-efs is a mount, and may be written",
        otherwise="user-default-efs is no mount"
        if not mount.mounted
        else "user-default-efs is a mount that may not be written",
    )


def _efs_owner(space: Space) -> Verdict:
    mount = _mount(space)
    if not mount.mounted:
        raise Unanswered("user-default-efs is no mount")
    return decide(
        holds=mount.owned or mount.writable,
        evidence=f"its owner is {'this user' if mount.owned else 'another uid'}, its group "
        f"{'root' if mount.group_root else 'another one'}, its mode {mount.mode:o}"
        f"{'' if mount.mode == _MODE else ' where 700 was expected'}",
    )


def _efs_link(space: Space) -> Verdict:
    mount = _mount(space)
    if not mount.mounted:
        raise Unanswered("user-default-efs is no mount")
    if not mount.written:
        return not_testable("it writes a file and takes it away again: add --apply")
    return decide(
        holds=mount.written == "linked",
        evidence="a file could be published by a hard link",
        otherwise=mount.written,
    )


def _tools(space: Space) -> Verdict:
    missing = [tool for tool in TOOLS if tool not in space.tools]
    return decide(holds=not missing, evidence="all are there", otherwise="not there: " + ", ".join(missing))


def _extension(space: Space) -> Verdict:
    if not space.extension:
        raise Unanswered("the detector was not found in the image's packages")
    version = tuple(int(part) for part in space.extension.split(".") if part)
    return decide(holds=version >= (0, 3, 2), evidence=f"the detector's version is {space.extension}")


def _idle_api(space: Space) -> Verdict:
    if not space.idle_base:
        return refuted("no server answers to /api/idle at the app's place on port 8888")
    return decide(
        holds=space.idle_stamp,
        evidence=f"{space.idle_base}/api/idle says since when the app is idle",
        otherwise=f"{space.idle_base}/api/idle answers in another form",
    )


def _heartbeat(space: Space) -> Verdict:
    if not space.has_heartbeat:
        raise Unanswered("nothing has written the file yet: run a cell for two minutes, then try again")
    if space.heartbeat is None:
        return refuted("the file has another form than the detector reads")
    return decide(
        holds=space.heartbeat > -FUTURE,
        evidence=f"the file says {max(0, round(space.heartbeat))} s ago",
        otherwise="the file lies in the future",
    )


def _polled(space: Space) -> Verdict:
    if len(space.polls) < 3:  # noqa: PLR2004 - fewer show no rhythm
        raise Unanswered(
            "the app's log shows no questions for idleness; `probe account --watch 15` looks from outside"
        )
    middle = sorted(space.polls)[len(space.polls) // 2]
    return decide(
        holds=middle <= OVERDUE,
        evidence=f"{len(space.polls)} times between questions: {middle:.0f} s mostly, {max(space.polls):.0f} s at most",
    )


def _app_log(space: Space) -> Verdict:
    return decide(
        holds=space.app_log, evidence=f"the app's log may {'' if space.app_log else 'not '}be written"
    )


def _restart(space: Space) -> Verdict:
    if space.app_type != "JupyterLab":
        raise Unanswered("only JupyterLab has it")
    return decide(
        holds=space.restart, evidence=f"restart-jupyter-server is {'' if space.restart else 'not '}there"
    )


def _sdk_defaults(space: Space) -> Verdict:
    if not space.sdk_defaults:
        raise Unanswered(
            "no defaults of ours are there: no team has any, or they stand in the person's own folder"
        )
    return proven("the SDK's file for the whole system is ours")


def _listed(names: tuple[str, ...]) -> str:
    return f"{len(names)} of {len(VARIABLES)} ({', '.join(names) or 'none'})"


FACTS = (
    Fact(
        "metadata-file",
        "A space's metadata says app type, domain and space, in names as SageMaker allows them.",
        f"{_GIT}, `runtime/lifecycle/idle_watcher.py`, `runtime/lifecycle/sagemaker_defaults.sh`",
        "reads /opt/ml/metadata/resource-metadata.json",
        'Scripts cannot tell whose space it is: set `[git] key_store = "space"`. The watcher cannot stop its app: do '
        'not set `[idle_shutdown] engine = "watcher"`.',
        _metadata_file,
    ),
    Fact(
        "metadata-user",
        "A private space's metadata says whose it is.",
        f"{_GIT}, `runtime/lifecycle/sagemaker_defaults.sh`",
        "reads the same file",
        "Nothing, as long as people's roles keep `sagemaker:DescribeSpace` on their own spaces: that is the way round. "
        "A `permissions_boundary` of `[access]` must let it through.",
        _metadata_user,
    ),
    Fact(
        "script-environment",
        "What a lifecycle script starts has the region and the way to the role's credentials.",
        f"{_GIT}: keys are published, `runtime/lifecycle/idle_watcher.py`: DeleteApp",
        "reads names, not values, of /proc/PID/environ of the idle program",
        'Detached scripts cannot call AWS: set `[idle_shutdown] engine = "native_with_guard"`, which needs no call, '
        "and register keys by hand.",
        _script_environment,
    ),
    Fact(
        "space-type",
        "SAGEMAKER_SPACE_TYPE_LOWERCASE is `shared` in shared spaces, and in no private one.",
        f"{_GIT}: nothing personal is put into a shared space",
        "compares the variable with whether an EFS home is mounted",
        "Leave out `[teams.NAME.shared_spaces]` until this is understood: keys could be put where others read them.",
        _space_type,
    ),
    Fact(
        "children-survive",
        "What a lifecycle script leaves behind in a session of its own goes on after the script.",
        f"{_IDLE}, {_GIT}",
        "looks for the idle program, and for the last line of the git script's detached half",
        'Set `[idle_shutdown] engine = "native"`: no program of ours is needed then.',
        _children,
    ),
    Fact(
        "script-first",
        "The lifecycle script runs before the app's server starts.",
        "nothing: both orders are handled",
        "compares the start of the idle program and of the server",
        "Nothing: both orders are handled.",
        _order,
    ),
    Fact(
        "script-place",
        "Studio runs the very bytes of the configuration, first line included.",
        "`studio/lifecycle/lifecycle_script.py`",
        "reads two bytes of /opt/ml/lifecycleconfig/lifecycle_script.sh",
        "Say so in an issue: the shebang does not choose the shell.",
        _script_place,
    ),
    Fact(
        "app-user",
        "Apps run as uid 1000, gid 100, and HOME is the home that ssh knows.",
        f"{_GIT}, `[images]`",
        "asks the system",
        "An image of `[images]` runs as somebody else, or recovery mode is on: start the space without it.",
        _user,
    ),
    Fact(
        "efs-mounted",
        "A person's EFS home is at ~/user-default-efs, and may be written.",
        f"{_GIT}: one key per person",
        "compares devices, and asks for the right to write",
        'Set `[git] key_store = "space"` until security groups and mount targets let NFS through (`[network]`).',
        _efs_mounted,
    ),
    Fact(
        "efs-owner",
        "The EFS home belongs to the app's user, or may be written all the same; its mode is 700.",
        f"{_GIT}: the key is copied from it, because ssh takes only keys of its own user",
        "reads owner, group and mode",
        'Set `[git] key_store = "space"`: the key cannot be shared by spaces through this mount.',
        _efs_owner,
    ),
    Fact(
        "efs-hard-link",
        "Of simultaneous starts, one wins: hard links work on the EFS home.",
        f"{_GIT}: `make_key`",
        "writes a file, links it, takes both away",
        'Set `[git] key_store = "space"`.',
        _efs_link,
        True,
    ),
    Fact(
        "image-tools",
        "The image has what the scripts call.",
        f"{_GIT}, {_IDLE}",
        "looks along PATH",
        "Add them to the image of `[images]`, or use SageMaker Distribution 2.0 or newer.",
        _tools,
    ),
    Fact(
        "detector-version",
        "The image's idle detector reads the heartbeat file: 0.3.2 or newer.",
        '`[idle_shutdown] engine = "native_with_guard"`',
        "reads the name of the package's folder",
        'Use a newer image, or `[idle_shutdown] engine = "watcher"`.',
        _extension,
    ),
    Fact(
        "idle-api",
        "The app says at its place on port 8888 since when it is idle.",
        _IDLE,
        "asks 127.0.0.1; the question does not count as use",
        'Studio cannot see idleness here: `[idle_shutdown] engine = "watcher"`.',
        _idle_api,
    ),
    Fact(
        "heartbeat-file",
        "The heartbeat file is where the detector reads it, in its form, not in the future.",
        "`runtime/lifecycle/idle_guard.py`",
        "reads /tmp/.sagemaker-last-active-timestamp",
        'Use `[idle_shutdown] engine = "watcher"` and say so in an issue.',
        _heartbeat,
    ),
    Fact(
        "idle-polled",
        "Studio asks for idleness at least every five minutes.",
        "`runtime/lifecycle/idle_guard.py`: `overdue`",
        "reads times of questions in the app's log, where it has them",
        "Expect apps to stop later than `[idle_shutdown] after_minutes` by that long.",
        _polled,
    ),
    Fact(
        "app-log",
        "What programs write into the app's log file, Studio ships to CloudWatch.",
        f"{_IDLE}, `operations/monitoring/lifecycle_failures.py` (`[operations.alarms] lifecycle_failures`)",
        "asks for the right to write; `probe account` looks for the lines in CloudWatch",
        "Alarms of scripts see only what a script says before it ends: the guard's are in /var/tmp/studio-idle.log.",
        _app_log,
    ),
    Fact(
        "restart-command",
        "JupyterLab can be restarted by restart-jupyter-server.",
        "`runtime/lifecycle/idle_guard.py`: a detector that believes in the future",
        "looks along PATH",
        "Nothing: the guard ends the server's process instead.",
        _restart,
    ),
    Fact(
        "sdk-defaults",
        "The SageMaker SDK's defaults can be put where all of an image's Pythons read them.",
        "`runtime/lifecycle/sagemaker_defaults.sh`",
        "reads the first line of /etc/xdg/sagemaker/config.yaml",
        "Nothing: the person's own folder is the way round.",
        _sdk_defaults,
    ),
)
