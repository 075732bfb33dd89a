"""Features: one folder a feature under `town/blueprints`, found at start, switched on and off per town."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, Literal, TypeVar

from flask import Blueprint, Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel.speaklater import LazyString
from werkzeug.exceptions import NotFound
from werkzeug.routing import BuildError, Map

from town.kernel.limits import Limit
from town.kernel.policy import Access, viewer
from town.kernel.tenancy import current_town, towns
from town.kernel.text import fold

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
Keep = Literal["viewer", "never"]


@dataclass(frozen=True, slots=True)
class Route:
    """What an address declares: who may use it, whether its GET writes, where a refusal is shown, what may be kept.

    keep: "viewer" lets a browser keep the page, privately if somebody is signed in; "never" is for sign-in and tokens.
    """

    access: Access
    writes: bool = False
    shows: str | None = None
    keep: Keep = "viewer"
    csrf: bool = True
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page of a feature that the town hall's staff open from their desk. Its route's access says who sees the link.

    endpoint: of the feature, as in `short`. daily: it stands among the pages of every day, or below with the others.
    """

    endpoint: str
    title: str | LazyString
    icon: str
    daily: bool = True


@dataclass(frozen=True, slots=True)
class DeskLink:
    """A desk page as whoever is asking finds it."""

    url: str
    words: str
    icon: str
    daily: bool


@dataclass(frozen=True, slots=True)
class Gesture:
    """Something that whoever is asking may do in one tap, from home and from the sheet of things to post.

    kind: the one of what it makes, whose colour and medallion it takes. note: what tells it from another like it.
    organisation: by its public id, in whose name it is done, if in one's.
    """

    kind: str
    words: str
    url: str
    note: str = ""
    organisation: str = ""


class Feature(Blueprint):
    """A door of the town. `title` and `icon` are shown in menus; `short` are the addresses that paper carries.

    desk: its pages for the town hall's staff. gestures: what it offers to whoever is asking, who may be anybody.
    personal: what nobody does for somebody else, not even the town hall.
    """

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        title: str | LazyString,
        icon: str,
        url_prefix: str | None = None,
        short: dict[str, str] | None = None,
        desk: Sequence[DeskPage] = (),
        gestures: Callable[[], Sequence[Gesture]] = tuple,
        essential: bool = False,
        personal: bool = False,
    ) -> None:
        super().__init__(name, import_name, url_prefix=f"/{name}" if url_prefix is None else url_prefix)
        self.title = title
        self.icon = icon
        self.essential = essential
        self.personal = personal
        self.shorts = short or {}
        self.desk = tuple(desk)
        self.gestures = gestures
        self.routes: dict[str, Route] = {}
        self.offline: Callable[[], Iterable[str]] = list

    def for_offline(self, pages: Callable[[], Iterable[str]]) -> Callable[[], Iterable[str]]:
        """Declare the addresses that whoever is asking wants to read without network, the most useful first."""
        self.offline = pages
        return pages

    # Flask's own decorators take no `access`; ours demand it, so that no address can forget to say who may use it.
    def get(  # type: ignore[override]  # stricter on purpose
        self,
        rule: str,
        *,
        access: Access,
        writes: bool = False,
        keep: Keep = "viewer",
        limits: tuple[Limit, ...] = (),
        **options: Any,
    ) -> Callable[[View], View]:
        return self._route(rule, "GET", Route(access, writes=writes, keep=keep, limits=limits), options)

    def post(  # type: ignore[override]  # stricter on purpose
        self,
        rule: str,
        *,
        access: Access,
        shows: str | None = None,
        keep: Keep = "viewer",
        csrf: bool = True,
        limits: tuple[Limit, ...] = (),
        **options: Any,
    ) -> Callable[[View], View]:
        route = Route(access, writes=True, shows=shows, keep=keep, csrf=csrf, limits=limits)
        return self._route(rule, "POST", route, options)

    def _route(self, rule: str, method: str, route: Route, options: dict[str, Any]) -> Callable[[View], View]:
        def declare(view: View) -> View:
            endpoint = options.pop("endpoint", view.__name__)
            self.routes[f"{self.name}.{endpoint}"] = route
            self.add_url_rule(rule, endpoint, view, methods=[method], **options)
            return view

        return declare


def _import_parts(package: str) -> None:
    for part in ("models", "policy", "activity", "keys", "registers", "commands", "demo"):
        if find_spec(f"{package}.{part}") is not None:
            import_module(f"{package}.{part}")


def feature_packages() -> list[str]:
    """The feature folders' import names, in alphabetical order."""
    import town.blueprints as doors

    return [f"{doors.__name__}.{module.name}" for module in iter_modules(doors.__path__) if module.ispkg]


def discover() -> list[Feature]:
    """Import every feature folder and return the `feature` of its views."""
    features: list[Feature] = []
    for package in feature_packages():
        if find_spec(f"{package}.views") is None:
            continue  # a folder without a door is not a feature yet
        _import_parts(package)
        features.append(import_module(f"{package}.views").feature)
    return features


def register(app: Flask, feature: Feature) -> None:
    app.register_blueprint(feature)
    app.extensions.setdefault("features", {})[feature.name] = feature
    app.extensions.setdefault("routes", {}).update(feature.routes)
    for shown in feature.desk:
        feature.routes[f"{feature.name}.{shown.endpoint}"]  # a desk page that does not exist stops the start
    for short, endpoint in feature.shorts.items():
        name = "short" + re.sub(r"\W+", "_", short).rstrip("_")
        target = endpoint if "." in endpoint else f"{feature.name}.{endpoint}"
        app.add_url_rule(short, f"{feature.name}.{name}", _redirect_to(target), methods=["GET"])
        app.extensions["routes"][f"{feature.name}.{name}"] = feature.routes[target]


def _redirect_to(endpoint: str) -> Callable[[], ResponseReturnValue]:
    def short_address(**thing: str) -> ResponseReturnValue:
        said = request.args.items()
        # `url_for` keeps these names for itself
        values: dict[str, Any] = {name: value for name, value in said if name != "endpoint" and name[:1] != "_"}
        return redirect(url_for(endpoint, **{**values, **thing}), 302)

    return short_address


def features() -> dict[str, Feature]:
    """Every feature of the code, by name."""
    found: dict[str, Feature] = current_app.extensions["features"]
    return found


def is_on(name: str) -> bool:
    """Whether the current town has this feature: an unknown one is off."""
    feature = features().get(name)
    return feature is not None and (feature.essential or name not in current_town().features_off)


def features_on() -> list[Feature]:
    """The features of the current town, for menus and slots."""
    return [feature for name, feature in features().items() if is_on(name)]


def desk_links() -> list[DeskLink]:
    """The desk pages of every feature that is on, for whoever is asking, in the order of their words."""
    who, found = viewer(), []
    for feature in features_on():
        for shown in feature.desk:
            endpoint = f"{feature.name}.{shown.endpoint}"
            if feature.routes[endpoint].access.offered_to(who):
                found.append(DeskLink(url_for(endpoint), str(shown.title), shown.icon, shown.daily))
    return sorted(found, key=lambda link: fold(link.words))


def offline_pages() -> list[str]:
    """What the device of whoever is asking keeps, of the features that are on."""
    return list(dict.fromkeys(address for feature in features_on() for address in feature.offline() if address))


def gestures() -> list[Gesture]:
    """What the features that are on offer to whoever is asking."""
    return [gesture for feature in features_on() for gesture in feature.gestures()]


def route_of(endpoint: str | None) -> Route | None:
    routes: dict[str, Route] = current_app.extensions["routes"]
    return routes.get(endpoint or "")


def refuse_what_is_off() -> None:
    """Before the view: a feature that is off answers as if it did not exist."""
    if request.blueprint and request.blueprint in features() and not is_on(request.blueprint):
        raise NotFound


def link_to(endpoint: str, **values: Any) -> str:
    """The address of another feature's page, or nothing where that feature is off or absent."""
    name = endpoint.partition(".")[0]
    if not is_on(name):
        return ""
    try:
        return path_to(endpoint, **values)
    except BuildError:
        return ""


def path_to(endpoint: str, **values: Any) -> str:
    """What `url_for` answers to a template, and faster. Raises `BuildError`, like that one."""
    if endpoint.startswith(".") or any(name.startswith("_") for name in values):
        return url_for(endpoint, **values)
    current_app.inject_url_defaults(endpoint, values)
    holes = {name: value for name, value in values.items() if value is not None}
    if not all(isinstance(value, str) and _PLAIN.fullmatch(value) for value in holes.values()):
        return url_for(endpoint, **values)
    pattern = _pattern(current_app.url_map, endpoint, tuple(holes))
    return pattern.format(*holes.values()) if pattern else url_for(endpoint, **values)


_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
"""What is written into an address as it is."""


@lru_cache(maxsize=1024)
def _pattern(addresses: Map, endpoint: str, holes: tuple[str, ...]) -> str:
    """An address with holes for its values, or nothing where only some values may stand.

    A page has some seventy links, and werkzeug builds each from scratch.
    """
    marks = {name: f"-hole-{number}-" for number, name in enumerate(holes)}
    try:
        built = addresses.bind("localhost").build(endpoint, marks).replace("{", "{{").replace("}", "}}")
    except ValueError:
        return ""
    for number, mark in enumerate(marks.values()):
        built = built.replace(mark, f"{{{number}}}")
    return built


def address_of(endpoint: str, **values: Any) -> str:
    """The whole address of a page, for e-mails and paper: on the town's first host, never a request's Host header."""
    settings = towns().settings
    hosts = towns().registry.hosts(current_town().slug)
    host = hosts[0] if hosts else "localhost"
    server = f"{host}:{settings.port}" if settings.port else host
    return current_app.url_map.bind(server, url_scheme=settings.scheme).build(endpoint, values, force_external=True)
