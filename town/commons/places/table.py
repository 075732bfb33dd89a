"""A table that people send: any bytes become numbered lines of cells, or one sentence saying why not."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

LARGEST: Final = 60 * 1024 * 1024
MOST_LINES: Final = 500_000
_SEPARATORS: Final = ";,\t|"
# Marks of files that are not text: zip (so xlsx and ods), PDF, PNG, JPEG, gzip, old Office, SQLite.
_MAGIC: Final = (
    b"PK\x03\x04",
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
    b"SQLite format",
)
_CONTROL: Final = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Windows’ curly apostrophes and œ, taken for control characters by whoever converted the file before us.
_MISREAD: Final = {
    code: bytes([code]).decode("windows-1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about one line of a file, or about the whole of it when `line` is None."""

    line: int | None
    sentence: LazyString

    def __str__(self) -> str:
        if self.line is None:
            return str(self.sentence)
        return str(_l("Line %(line)d: %(sentence)s", line=self.line, sentence=self.sentence))


@dataclass(slots=True)
class Report:
    """What was seen while reading: remarks let the file in, one error keeps the whole of it out."""

    remarks: list[Remark] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)

    def remark(self, line: int | None, sentence: LazyString) -> None:
        self.remarks.append(Remark(line, sentence))

    def error(self, line: int | None, sentence: LazyString) -> None:
        self.errors.append(Remark(line, sentence))


class Unreadable(Exception):
    """These bytes are not a table."""

    def __init__(self, sentence: LazyString, line: int | None = None) -> None:
        super().__init__(line)
        self.remark = Remark(line, sentence)


class NotText(Unreadable):
    """They are an archive, a spreadsheet, a picture."""


class Table:
    """The header and the lines of a separated file. Lines are numbered as a text editor does."""

    def __init__(self, raw: bytes) -> None:
        self._lines = decode(raw).split("\n")
        self._records = self._read()
        try:
            self.header_line, self.header = next(self._records)
        except StopIteration:
            raise Unreadable(_l("This file is empty.")) from None

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Each line that holds something, with its number. Raises Unreadable where the quotes are broken."""
        return self._records

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        skipped = self._before_the_header()
        reader = csv.reader(self._lines[skipped:], delimiter=self._separator(skipped), strict=True)
        while True:
            start = reader.line_num + skipped + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise Unreadable(_broken(error, self._lines[start - 1]), start) from None
            end = reader.line_num + skipped
            if end > start:
                # Two forgotten quotes would otherwise swallow every address between them without a word.
                raise Unreadable(
                    _l("A quotation mark opens on this line and closes only on line %(end)d.", end=end), start
                )
            if any(cell.strip() for cell in cells):
                yield start, cells

    def _before_the_header(self) -> int:
        """Empty lines, and the `sep=;` that spreadsheets write for themselves."""
        for number, line in enumerate(self._lines):
            if line.strip() and not line.strip().lower().startswith("sep="):
                return number
        return len(self._lines)

    def _separator(self, header: int) -> str:
        line = self._lines[header] if header < len(self._lines) else ""
        return max(_SEPARATORS, key=line.count)


def _broken(error: csv.Error, line: str) -> LazyString:
    if "field limit" in str(error) and '"' not in line:
        return _l("This line is too long to hold an address.")
    if "unexpected end" in str(error) or "field limit" in str(error):
        return _l("A quotation mark opens on this line and never closes.")
    return _l("A quotation mark is out of place on this line.")


def decode(raw: bytes) -> str:
    """The text of a file, with `\\n` between lines, whatever system wrote it."""
    if len(raw) > LARGEST:
        raise too_large(len(raw))
    if not raw.strip(b" \t\r\n\x1a\xef\xbb\xbf"):
        raise Unreadable(_l("This file is empty."))
    if raw.startswith(_MAGIC):
        raise not_text()
    text = _characters(raw).replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MOST_LINES:
        raise Unreadable(
            _l(
                "This file has more than %(most)d lines: is it the file of a whole department? "
                "Choose the file of one municipality.",
                most=MOST_LINES,
            )
        )
    # A stray control character is a slip of the keyboard; many are a file of another kind.
    if "\0" in text or len(_CONTROL.findall(text)) > 1 + len(text) // 1000:
        raise not_text()
    return text.translate(_MISREAD)


def _characters(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            raise not_text() from None
    raw = raw.removeprefix(b"\xef\xbb\xbf").rstrip(b"\x1a")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # Line by line: files glued together from two systems hold both.
        return "\n".join(_line(line) for line in raw.split(b"\n"))


def _line(line: bytes) -> str:
    for encoding in ("utf-8", "windows-1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def too_large(size: int) -> Unreadable:
    return Unreadable(
        _l(
            "This file weighs %(size)d MB, and that of one municipality less than %(most)d MB: "
            "is it the file of a whole department?",
            size=size // 1024**2,
            most=LARGEST // 1024**2,
        )
    )


def not_text() -> Unreadable:
    return NotText(
        _l(
            "This is not a text file. Choose the address file in CSV form (Base Adresse Locale), "
            "not an archive, a spreadsheet or a picture."
        )
    )
