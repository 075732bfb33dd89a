"""Headers: what browsers and caches may do with an answer."""

from flask import Flask, Response, g, request
from flask_compress import Compress

from town.kernel.changes import tag
from town.kernel.features import route_of

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "media-src 'self'",
        "form-action 'self'",
        "frame-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
)

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=(), usb=(), browsing-topics=()",
}
PAGES_VARY = ("Cookie", "Accept-Language", "HX-Request", "HX-Target")

PACKED = (
    "text/html",
    "text/css",
    "text/javascript",
    "text/plain",
    "text/csv",
    "text/calendar",
    "application/json",
    "application/geo+json",
    "application/manifest+json",
    "application/rss+xml",
    "application/atom+xml",
    "image/svg+xml",
)


def compress(app: Flask) -> None:
    """Pack what is text. Cookies are SameSite: no other site can quietly ask for answers and measure how they pack."""
    app.config.update(
        COMPRESS_MIMETYPES=list(PACKED),
        # Pages are packed at each visit, and zstd takes an eighth of brotli's time for a tenth more.
        COMPRESS_ALGORITHM=["zstd", "br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "zstd", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_BR_WINDOW=18,
        COMPRESS_ZSTD_LEVEL=4,
    )
    Compress(app)


def init_app(app: Flask, *, secure: bool) -> None:
    content_policy = CONTENT_POLICY + ("; upgrade-insecure-requests" if secure else "")

    @app.after_request
    def set_headers(response: Response) -> Response:
        for name, value in EVERYWHERE.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", content_policy)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if response.mimetype in {"text/html", "application/json"} and "Cache-Control" not in response.headers:
            _say_what_may_be_kept(response)
        return response


def _say_what_may_be_kept(response: Response) -> None:
    response.vary.update(PAGES_VARY)
    route = route_of(request.endpoint)
    viewer = g.get("viewer")
    if (
        response.status_code not in {200, 304}
        or request.method not in {"GET", "HEAD"}
        or viewer is None
        or route is None
        or route.keep == "never"
        or bool(getattr(viewer, "acting", ""))  # somebody else's pages, on the desk's screen
    ):
        keep = "never"
    else:
        keep = "private" if viewer.signed_in else "public"
    response.headers["X-Offline"] = keep
    response.headers["Cache-Control"] = "no-store" if keep == "never" else f"{keep}, no-cache"
    if keep == "never":
        # not "no-referrer": browsers then call the origin of these pages' own forms null, as they do for strangers'
        response.headers["Referrer-Policy"] = "same-origin"
    elif not response.is_streamed and response.status_code != 304:
        tag(response)  # weak: packed or not, it is the same page
