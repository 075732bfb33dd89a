"""Clocher: an open-source, self-hosted, installable web app for small towns. `create_app()` is where reading starts."""

from flask import g
from htmx_flask import Htmx
from werkzeug.middleware.proxy_fix import ProxyFix

from town.kernel import assets, changes, errors, headers, language, limits, logs, media, metrics
from town.kernel.db import db
from town.kernel.features import discover, features_on, gestures, link_to, path_to, refuse_what_is_off, register
from town.kernel.forgery import check_forgery, csrf_token, form_keys
from town.kernel.policy import may
from town.kernel.room import check_room
from town.kernel.tenancy import Towns, find_town
from town.kernel.web import (
    TownApp,
    answer_replays,
    begin_request,
    end_request,
    limit_queries,
    limit_the_body,
    said_once,
)
from town.settings import Settings

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> TownApp:
    """The application of one installation, with every town it holds and every feature of the code."""
    from town import commons

    settings = settings or Settings()  # type: ignore[call-arg]  # its values come from the environment
    app = TownApp("town", static_folder="static", instance_path=str(settings.instance.resolve()))
    app.config.update(
        SECRET_KEY=settings.key(),
        SECRET_KEY_FALLBACKS=[key.get_secret_value() for key in settings.secret_key_fallbacks],
        SQLALCHEMY_DATABASE_URI="sqlite://",  # never opened: TownSession finds the engine of the request's town
        MAX_CONTENT_LENGTH=62 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=200,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions["towns"] = Towns(settings)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]  # Flask's way
    headers.compress(app)  # before the parts: what is first here is done last to an answer
    db.init_app(app)
    Htmx(app)
    for part in (metrics, logs, headers, errors, assets, language, limits, media):
        part.init_app(app, secure=not settings.development) if part is headers else part.init_app(app)

    app.before_request(limit_the_body)
    app.before_request(limit_queries)
    app.before_request(find_town)
    commons.init_app(app)  # says who is asking
    checks = (
        refuse_what_is_off,
        commons.check_access,
        check_forgery,
        answer_replays,  # what was done stays done, whatever has happened to the disk since
        check_room,
        limits.check_limits,
        changes.answer_unchanged,
        begin_request,
    )
    for check in checks:
        app.before_request(check)
    app.teardown_request(end_request)
    for feature in discover():
        register(app, feature)
    app.jinja_env.globals.update(
        csrf_token=csrf_token,
        form_keys=form_keys,
        link_to=link_to,
        url_for=path_to,
        may=may,
        said_once=said_once,
        features_on=features_on,
        gestures=gestures,
        version=__version__,
    )
    app.context_processor(lambda: {"town": g.get("town"), "viewer": g.get("viewer")})
    return app
