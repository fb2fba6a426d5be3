"""The CloudFormation engine: its tables of resource types."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import changesets, drift, provisioners, stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    Props = dict[str, Any]
    #: A resource's physical id, and the attributes that ``GetAtt`` can read.
    Made = tuple[str, Props]
    #: Makes a resource from its properties: its physical id, and the id that carries its tags.
    Maker = Callable[[Props], tuple[str, str]]
    Deleter = Callable[[str], None]
    Attributes = Callable[[str], Props]


@dataclass(frozen=True)
class Change:
    """An update of one resource.

    Args:
        physical_id: Which one.
        old: Its properties until now.
        new: Its properties from now on.
        stack: The stack's name.
        logical_id: Its name in the template.

    """

    physical_id: str
    old: Props
    new: Props
    stack: str
    logical_id: str

    @property
    def changed(self) -> set[str]:
        """The names of the properties that are not what they were."""
        return {n for n in self.old.keys() | self.new.keys() if self.old.get(n) != self.new.get(n)}


@dataclass(frozen=True)
class Type:
    """A resource type as the engine wants it.

    Args:
        name: For example ``AWS::SageMaker::Domain``.
        create: Makes a resource from its logical id, properties and stack.
        update: Changes one.
        delete: Ends one: physical id and properties.
        replacing: Properties whose change makes a new resource.
        maybe_replacing: Properties of which only some changes do.
        custom_name: The property, or properties, that name it; a replacement under the same name is refused.
        tags: Its property for tags, when stack tags reach it.
        read: What a resource is like now, for drift; ``None`` when it is gone.
        readable: The properties that ``read`` can tell.
        waits: Whether creating it takes time just now.

    """

    name: str
    create: Callable[[str, Props, str], Made]
    update: Callable[[Change], Made]
    delete: Callable[[str, Props], None]
    replacing: tuple[str, ...] = ()
    maybe_replacing: tuple[str, ...] = ()
    custom_name: str | tuple[str, ...] = ()
    tags: str | None = None
    read: Callable[[str, Props], Props | None] | None = None
    readable: frozenset[str] = field(default_factory=frozenset)
    adopt: Callable[[Props], Made] | None = None
    identifiers: tuple[str, ...] = ()
    waits: Callable[[], bool] | None = None


_waiting: dict[str, Callable[[], bool]] = {}


def register_type(kind: Type) -> None:
    """Teach the engine a type."""
    handlers: dict[str, Any] = {
        "create": kind.create,
        "update": lambda pid, old, new, stack, logical_id=None: kind.update(
            Change(pid, old, new, stack, logical_id or pid)
        ),
        "delete": kind.delete,
        "update_with_logical_id": True,
    }
    if kind.adopt is not None:
        adopt, names = kind.adopt, kind.identifiers
        handlers["import"] = adopt
        changesets._IMPORT_LOOKUPS[kind.name] = (
            names,
            lambda *v: _problem(adopt, dict(zip(names, v, strict=True))),
        )
    provisioners._RESOURCE_HANDLERS[kind.name] = handlers
    # Also when there are none: a type without an entry shows every change as a possible replacement.
    provisioners._REPLACING_PROPERTIES[kind.name] = kind.replacing
    if kind.maybe_replacing:
        provisioners._CONDITIONALLY_REPLACING_PROPERTIES[kind.name] = kind.maybe_replacing
    if kind.custom_name:
        provisioners._CUSTOM_NAME_REPLACEMENT[kind.name] = {"name": kind.custom_name}
    if kind.tags is not None:
        provisioners._STACK_TAG_PROPERTY[kind.name] = (kind.tags, "list")
    if kind.read is not None:
        drift._DRIFT_READERS[kind.name] = (kind.read, kind.readable)
    if kind.waits is not None:
        _waiting[kind.name] = kind.waits


def _problem(adopt: Callable[[Props], Made], identifier: Props) -> str | None:
    try:
        adopt(identifier)
    except ValueError as error:
        return str(error)
    return None


def has_type(name: str) -> bool:
    """Whether the engine knows a type already."""
    return name in provisioners._RESOURCE_HANDLERS


def extend_type(name: str, operation: str, wrapper: Callable[..., Any]) -> None:
    """Wrap one of the engine's own handlers: ``wrapper`` gets the old handler and its arguments."""
    handlers = provisioners._RESOURCE_HANDLERS[name]
    old = handlers[operation]
    handlers[operation] = lambda *args, **kwargs: wrapper(old, *args, **kwargs)


def set_replacing(name: str, properties: tuple[str, ...]) -> None:
    """Say which properties of one of the engine's own types replace the resource."""
    provisioners._REPLACING_PROPERTIES.setdefault(name, properties)


def physical_name(stack: str, logical_id: str, *, longest: int, lowercase: bool = False) -> str:
    """A name as CloudFormation makes them up: stable over updates, another one after a replacement."""
    return str(provisioners._physical_name(stack, logical_id, max_len=longest, lowercase=lowercase))


def replace(name: str, change: Change) -> Made:
    """Make a new resource in place of an old one, which is deleted when the update is over."""
    kept = provisioners._custom_named_replacement_error(name, change.old, change.new, change.physical_id)
    if kept:
        raise ValueError(kept)
    made: Made = provisioners._replace_resource(
        name, change.physical_id, change.old, change.new, change.stack, change.logical_id
    )
    return made


def let_slow_types_wait() -> None:
    """Run the types that take time on threads of their own: all others block the server's event loop."""
    engine_says = stacks._runs_on_worker_thread

    def runs_on_worker_thread(name: str) -> bool:
        return bool(engine_says(name)) or (name in _waiting and _waiting[name]())

    stacks._runs_on_worker_thread = runs_on_worker_thread
