"""No sentence of the town is missing in French, and none says one thing here and another there."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import town

PACKAGE = Path(town.__file__).parent
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "_l", "gettext", "lazy_gettext")),
    **dict.fromkeys(("ngettext", "_n"), (1, 2)),
    "pgettext": ((1, "c"), 2),
}


def said() -> dict[str | tuple[str, str], str]:
    """Every message of the code and templates, with one place where it stands."""
    found: dict[str | tuple[str, str], str] = {}
    methods = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
    for file, line, message, _comments, context in extract_from_dir(str(PACKAGE), methods, keywords=KEYWORDS):
        key = tuple(message) if isinstance(message, list | tuple) else message
        key = f"{context}: {key}" if context else key
        if key and key != "":
            found.setdefault(key, f"{file}:{line}")
    return found


def catalogued() -> dict[str, list[tuple[str, str, object]]]:
    """Every French message by its first English form: catalogue, plural form, translation."""
    found: dict[str, list[tuple[str, str, object]]] = defaultdict(list)
    for file in sorted((PACKAGE / "translations/fr/LC_MESSAGES").glob("*.po")):
        with file.open("rb") as text:
            catalog = read_po(text, locale="fr")
        for message in catalog:
            if message.id:
                first = message.id[0] if isinstance(message.id, tuple | list) else message.id
                first = f"{message.context}: {first}" if message.context else first
                assert not message.fuzzy, f"{file.name}: {first!r} is marked fuzzy"
                found[first].append((file.name, "", message.string))
    return found


def test_every_sentence_is_said_in_french() -> None:
    french = catalogued()
    missing = []
    for message, place in said().items():
        first = message[0] if isinstance(message, tuple) else message
        strings = [string for _file, _form, string in french.get(first, [])]
        if not any(all(string) if isinstance(string, tuple | list) else string for string in strings):
            missing.append(f"{place}: {first}")
    assert not missing, "\n".join(sorted(missing))


def test_french_never_leaves_a_sign_alone_on_a_line() -> None:
    """Narrow no-break spaces before ? ! ; », no-break ones before : and after «."""
    alone = re.compile("[ \u00a0][?!;»]|[ \u202f]:(?=\\s|$)|«[ \u202f]")
    wrong = [
        f"{file}: {form}"
        for entries in catalogued().values()
        for file, _form, string in entries
        for form in (string if isinstance(string, tuple | list) else [string])
        if alone.search(str(form))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_french_word_that_elides_stands_before_a_name() -> None:
    """« Ce que Odile a dit », « vos voisins de Étretat »: `of_name` says it right, or the sentence is turned round."""
    clumsy = re.compile(
        r"\b(?:que|de|jusque|lorsque|puisque) %\((?:name|first|who|town|shop|association)\)s", re.IGNORECASE
    )
    wrong = [
        f"{file}: {form}"
        for entries in catalogued().values()
        for file, _form, string in entries
        for form in (string if isinstance(string, tuple | list) else [string])
        if clumsy.search(str(form))
    ]
    assert not wrong, "\n".join(wrong)


def test_whoever_reads_is_not_taken_for_a_man() -> None:
    """« Vous êtes inscrit » is turned round: « Votre inscription est faite »."""
    for_him = re.compile(r"\bvous (?:y )?êtes (?:\w+ )?\w*(?:é|i|it|u|eul)\b|\bvous seul\b", re.IGNORECASE)
    wrong = [
        f"{file}: {form}"
        for entries in catalogued().values()
        for file, _form, string in entries
        for form in (string if isinstance(string, tuple | list) else [string])
        if for_him.search(str(form))
    ]
    assert not wrong, "\n".join(wrong)


def test_a_translation_puts_in_what_its_sentence_gives() -> None:
    """A hole that the English lacks would break the page that says it."""
    holes = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
    wrong = [
        f"{file}: {form}"
        for first, entries in catalogued().items()
        for file, _form, string in entries
        for form in (string if isinstance(string, tuple | list) else [string])
        if not set(holes.findall(str(form))) <= set(holes.findall(first)) | {"%(num)s", "%(n)s"}
    ]
    assert not wrong, "\n".join(wrong)


def test_the_same_sentence_is_said_the_same_way_everywhere() -> None:
    different = []
    for first, entries in catalogued().items():
        if len({str(string) for _file, _form, string in entries}) > 1:
            different.append(f"{first!r}: " + "; ".join(f"{file} {string!r}" for file, _form, string in entries))
    assert not different, "\n".join(different)


def test_french_sentences_have_french_typography() -> None:
    wrong = []
    for first, entries in catalogued().items():
        for file, _form, string in entries:
            for form in string if isinstance(string, tuple | list) else [string]:
                if "'" in str(form).replace("%(", ""):
                    wrong.append(f"{file}: straight apostrophe in {form!r}")
                if "..." in str(form):
                    wrong.append(f"{file}: three dots instead of … in {form!r} ({first!r})")
    assert not wrong, "\n".join(wrong)
