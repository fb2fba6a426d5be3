"""What exists: with a past that reads may still see, and a future that is already decided."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

State = dict[str, Any]
Key = tuple[str, ...]


class Entity:
    """One thing and the states it has, had and will have. None is: not there."""

    def __init__(self, key: Key, at: float, state: State) -> None:
        self.key = key
        self.first = state
        self._history: list[tuple[float, State | None]] = [(at, state)]
        self.tags: dict[str, str] = {}
        #: Whether it gives signs of life while it runs.
        self.live = False

    def at(self, moment: float) -> State | None:
        """Its state at a moment."""
        for since, state in reversed(self._history):
            if since <= moment:
                return state
        return None

    def change(self, at: float, **changes: Any) -> None:
        """Change it from a moment on; what was decided for later is forgotten."""
        self._forget_later(at)
        self._history.append((at, {**(self.at(at) or {}), **changes}))

    def later(self, at: float, **changes: Any) -> None:
        """Decide what becomes of it later, unless it is changed before."""
        self._history.append((at, {**(self._history[-1][1] or {}), **changes}))

    def vanish(self, at: float) -> None:
        """It is not there any more from a moment on."""
        self._forget_later(at)
        self._history.append((at, None))

    def vanish_later(self, at: float) -> None:
        """Decide that it goes later."""
        self._history.append((at, None))

    def _forget_later(self, at: float) -> None:
        while self._history and self._history[-1][0] > at:
            self._history.pop()


class Store:
    """All of one kind, in the order in which they were made."""

    #: What a thing keeps for life: whoever belongs to a space or a person is found without a look at everybody.
    _FOR_LIFE = ("SpaceName", "UserProfileName", "OwnershipSettings")

    def __init__(self) -> None:
        self._all: dict[Key, Entity] = {}
        self._of: defaultdict[tuple[str, str], list[Entity]] = defaultdict(list)

    def add(self, entity: Entity) -> Entity:
        self._all[entity.key] = entity
        for field in self._FOR_LIFE:
            self._of[field, str(entity.first.get(field))].append(entity)
        return entity

    def get(self, *key: str) -> Entity | None:
        return self._all.get(key)

    def every(self) -> Iterator[Entity]:
        return iter(list(self._all.values()))

    def seen(self, moment: float, **where: Any) -> list[tuple[Entity, State]]:
        """What is there at a moment and has these values."""
        some: Iterable[Entity] = self._all.values()
        for field in where.keys() & set(self._FOR_LIFE):
            some = [e for e in self._of[field, str(where[field])] if self._all[e.key] is e]
        return [
            (e, state)
            for e in some
            if (state := e.at(moment)) is not None
            and all(state.get(field) == value for field, value in where.items())
        ]
