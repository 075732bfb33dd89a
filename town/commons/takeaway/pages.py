"""The reader: pages that a browser opens from a folder, without a server, in the town's own look."""

import json
from io import BytesIO
from itertools import islice
from typing import Any, Final

from flask import render_template
from sqlalchemy import ColumnElement

from town.commons.takeaway.facts import facts_of
from town.commons.takeaway.matter import Piece, kinds, pieces
from town.kernel.assets import STATIC, vendor_file
from town.kernel.backup.writing import Parcel
from town.kernel.db import now
from town.kernel.media.store import store
from town.kernel.tenancy import current_town
from town.kernel.text import fold

ON_A_PAGE: Final = 100
WORDS: Final = 500
"""Characters of each thing that the search looks through."""
SHEETS: Final = ("tokens.css", "base.css", "components.css", "reader.css")
LOOK: Final = """@font-face{{font-family:Aleo;src:url("aleo.woff2") format("woff2");font-weight:500 800}}
:root{{--th:{hue};--tc:{chroma}}}
"""


def write_pages(parcel: Parcel, among: ColumnElement[bool], *, whole: bool) -> int:
    """Put the pages of these cards into the parcel; returns how many cards. whole: the town hall's copy, with names."""
    shelves = kinds(among)
    index: list[list[str]] = []
    for kind, count in shelves.items():
        found = pieces(among, kind, names=whole)
        last = -(-count // ON_A_PAGE)
        for number in range(1, last + 1):
            some = list(islice(found, ON_A_PAGE))
            _put(
                parcel,
                _page(kind, number),
                "copies/reader/shelf.html",
                kind=kind,
                pieces=some,
                facts=facts_of(some),
                number=number,
                last=last,
            )
            index += [_line(piece, number) for piece in some]
            if not whole:  # the town hall's copy has every picture already
                _put_photos(parcel, some)
    _put(parcel, "index.html", "copies/reader/index.html", shelves=shelves, whole=whole, made_at=now())
    _put_look(parcel, index)
    return sum(shelves.values())


def _page(kind: str, number: int) -> str:
    return f"reader/{kind}-{number}.html"


def _line(piece: Piece, number: int) -> list[str]:
    """What the search knows of a thing: title, address, kind, folded words."""
    words = fold(f"{piece.title} {piece.author} {piece.body}")[:WORDS]
    return [piece.title, f"{_page(piece.kind, number)}#{piece.anchor}", piece.kind, words]


def _put(parcel: Parcel, name: str, template: str, **context: Any) -> None:
    context["up"] = "../" if "/" in name else ""
    text = render_template(template, page_of=_page, today=now(), **context)
    parcel.put(name, BytesIO(text.encode()), pack=True)


def _put_look(parcel: Parcel, index: list[list[str]]) -> None:
    town = current_town()
    style = "\n".join((STATIC / "css" / name).read_text() for name in SHEETS)
    look = LOOK.format(hue=town.hue, chroma=town.chroma)
    parcel.put("reader/style.css", BytesIO((look + style).encode()), pack=True)
    words = json.dumps(index, ensure_ascii=False).replace("</", "<\\/")
    parcel.put("reader/words.js", BytesIO(f"window.townWords = {words};\n".encode()), pack=True)
    parcel.put_file("reader/reader.js", STATIC / "js" / "reader.js", pack=True)
    parcel.put_file("reader/aleo.woff2", vendor_file("aleo.woff2"))


def _put_photos(parcel: Parcel, some: list[Piece]) -> None:
    here = store()
    for piece in some:
        file = here.file(piece.photo, "card") if piece.photo else None
        name = f"media/{piece.photo[:2]}/{piece.photo}/card.webp"
        if file is not None and name not in parcel.held:
            parcel.put_file(name, file)
