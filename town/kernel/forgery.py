"""Forgery: a changing request must come from our own pages.

Browsers say where a request comes from; that is checked always. Once there is a session, a token must come along too.
Public pages carry neither cookie nor token.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import g, request
from markupsafe import Markup
from werkzeug.exceptions import Forbidden

from town.kernel.features import route_of
from town.kernel.forms import FORM_FIELD
from town.kernel.policy import viewer
from town.kernel.receipts import KEY_FIELD
from town.kernel.tenancy import towns

CSRF_FIELD = "_csrf"
_more_fields: list[Callable[[], dict[str, str]]] = []
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Forged(Forbidden):
    """The request does not come from one of our pages, or from a page of an older session."""


def csrf_token() -> str:
    """The token of this session, or nothing without one."""
    tokens = _tokens()
    return tokens[0] if tokens else ""


def _tokens() -> list[str]:
    """Of this session, under the secret key and the former ones: a page that stood open when it changed still sends."""
    secret = viewer().csrf_secret
    if not secret:
        return []
    message = f"csrf:{secret}".encode()
    return [hmac.new(key.encode(), message, hashlib.sha256).hexdigest() for key in towns().settings.every_key()]


def also_in_forms(fields: Callable[[], dict[str, str]]) -> None:
    """What every changing form carries besides; empty values are left out."""
    _more_fields.append(fields)


def form_keys(form: object = None) -> Markup:
    """The hidden fields of every changing form.

    The session's token; a fresh key that makes a double tap one thing; the form's name on pages with several.
    """
    g.once = True  # this page is worth another making: see `changes.py`
    fields = {KEY_FIELD: secrets.token_urlsafe(16), CSRF_FIELD: csrf_token()}
    for more in _more_fields:
        fields |= more()
    if form is not None:
        fields[FORM_FIELD] = type(form).__name__
    hidden = Markup('<input type="hidden" name="{}" value="{}">')
    return Markup("").join(hidden.format(name, value) for name, value in fields.items() if value)


def _comes_from_here() -> bool:
    origin = request.headers.get("Origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() == request.environ.get("HTTP_HOST", "").lower() and origin != "null"
    site = request.headers.get("Sec-Fetch-Site")
    return site is None or site in {"same-origin", "none"}


def check_forgery() -> None:
    """Before the view of every changing request."""
    if request.method in SAFE_METHODS:
        return
    if not _comes_from_here():
        raise Forged
    route = route_of(request.endpoint)
    tokens = _tokens()
    if tokens and (route is None or route.csrf):
        sent = request.headers.get("X-CSRF-Token") or request.form.get(CSRF_FIELD, "")
        # as bytes: text comparison breaks on non-ASCII
        if not any(hmac.compare_digest(sent.encode(), token.encode()) for token in tokens):
            raise Forged
