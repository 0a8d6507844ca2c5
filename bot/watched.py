"""A thread that notes what of it is looked at: on what it has not looked at, an answer does not depend."""

from dataclasses import fields
from typing import Any

from bot.values import Context

_FIELDS = tuple(field.name for field in fields(Context))
# What was looked at, and how it reads: figures that are equal may be written otherwise.
Looks = tuple[tuple[str, str], ...]


class Watched(Context):
    """A thread under watch."""

    __slots__ = ("_seen",)

    def __init__(self, **of: Any) -> None:
        object.__setattr__(self, "_seen", set())
        super().__init__(**of)

    def __eq__(self, other: object) -> bool:
        """The same only as itself: to be compared, it need not be looked at."""
        return self is other

    __hash__ = object.__hash__

    def __getattribute__(self, name: str) -> Any:
        """The thread's own, and noted."""
        if name in _FIELDS:
            object.__getattribute__(self, "_seen").add(name)
        return object.__getattribute__(self, name)

    @property
    def begun(self) -> bool:
        """The same as the thread's, without a look at the question itself."""
        object.__getattribute__(self, "_seen").add("begun")
        return object.__getattribute__(self, "query") is not None


def watched(context: Context) -> Watched:
    """The same thread, of which nothing has been looked at."""
    return Watched(**{name: getattr(context, name) for name in _FIELDS})


def looks(context: Watched) -> Looks:
    """What has been looked at so far."""
    return tuple((name, repr(getattr(context, name))) for name in sorted(object.__getattribute__(context, "_seen")))


def alike(found: Looks, context: Context) -> bool:
    """Whether all that was looked at is the same in this thread."""
    return all(repr(getattr(context, name)) == value for name, value in found)
