"""Who may do what: the same question in views and templates, and deny by default.

`Access` says who may use an address at all; a `Policy` says who may do a verb to a thing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, cast

from flask import abort, g
from flask.typing import ResponseReturnValue
from flask_babel.speaklater import LazyString


class Viewer(Protocol):
    """Who is asking, as much as the machinery needs to know. The commons put one into `g.viewer` for every request."""

    @property
    def signed_in(self) -> bool: ...

    @property
    def actor_key(self) -> str:
        """Names the actor of a receipt."""

    @property
    def csrf_secret(self) -> str:
        """Empty without a session."""


def viewer() -> Any:
    """Whoever makes this request: a `Viewer`, with all that the commons know of them."""
    return g.viewer


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route. `refuse` answers those who may not: a sign-in page, or a 403 with the reason.

    holds: who is entitled to it, and so sees links to it, where `allows` also wants a password typed lately. staff: it
    asks for a role of the town hall. alone: only oneself, and nobody in one's name.
    """

    name: str
    allows: Callable[[Any], bool]
    refuse: Callable[[], ResponseReturnValue]
    holds: Callable[[Any], bool] | None = None
    staff: bool = False
    alone: bool = False

    def offered_to(self, viewer: Any) -> bool:
        """Whether a link to the route is of use to this viewer."""
        return (self.holds or self.allows)(viewer)


def _nobody_is_refused() -> ResponseReturnValue:
    raise AssertionError("public pages refuse nobody")


PUBLIC = Access("public", lambda viewer: True, _nobody_is_refused)


class Policy:
    """Who may do which verb to a thing of type `of`. Each method is a verb and answers yes or no.

    `class ItemPolicy(Policy, of=Item)` registers itself; a verb or type nobody wrote raises instead of allowing.
    """

    _of: ClassVar[dict[type, type["Policy"]]] = {}

    def __init_subclass__(cls, of: type, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        Policy._of[of] = cls

    def __init__(self, person: Any, thing: Any) -> None:
        self.person = person
        self.thing = thing


class Undeclared(LookupError):
    """A verb or a type without a policy: a mistake of ours, never a permission."""


def may(verb: str, thing: Any) -> bool:
    """Whether the viewer may do `verb` to `thing`. `thing` may be a type, for verbs that make one."""
    kind = thing if isinstance(thing, type) else type(thing)
    policy = next((Policy._of[base] for base in kind.__mro__ if base in Policy._of), None)
    method = getattr(policy, verb, None) if policy and not verb.startswith("_") else None
    if method is None or policy is None:
        raise Undeclared(f"no policy says who may {verb} {kind.__name__}")
    return bool(cast(Callable[[Policy], bool], method)(policy(viewer(), thing)))


def authorize(verb: str, thing: Any, because: str | LazyString | None = None) -> None:
    """Go on, or answer 403: the viewer sees the thing but lacks the right. `because` tells them why."""
    if not may(verb, thing):
        abort(403, description=str(because) if because else None)
