"""Text as people type it: cleaned, folded for comparison, made into a slug, reduced to stems."""

import re
import unicodedata
from functools import cache
from itertools import dropwhile
from typing import Final

import snowballstemmer

# Letters that carry no accent to take off, so that Unicode's decomposition leaves them as they are.
_LETTERS: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "þ": "th", "ŋ": "ng"}
)

# Directions of writing, invisible spaces and tags: they let one text pass for another (SECURITY T5, g21).
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
# A zero-width joiner holds a family emoji together; between letters it only hides something.
_PICTURE: Final = "\u2190-\u21ff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_LONE_JOINER: Final = re.compile(f"(?<![{_PICTURE}])\u200d|\u200d(?![{_PICTURE}])")
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
MARKS_PER_LETTER: Final = 3

SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?")
_SLUG_LENGTH: Final = 48
# Names that mean something to a file system or to whoever reads an address.
RESERVED_SLUGS: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)))
) | {"www", "static", "media", "api", "admin", "mail", "localhost", "registry"}

_LANGUAGES: Final = {
    "fr": "french", "en": "english", "de": "german", "es": "spanish", "it": "italian", "nl": "dutch", "pt": "portuguese"
}  # fmt: skip
_FRENCH_EMPTY: Final = """
a au aux avec ce ces cet cette d dans de des du elle en est et eux il ils j je l la le les leur leurs lui m ma mais me
mes mon n ne nos notre nous on ou par pas pour qu que qui s sa se ses son sont sur t ta te tes ton tu un une vos votre
vous y
"""
_ENGLISH_EMPTY: Final = """
a an and are as at be by for from he her his i in is it its my of on or our she so that the their them they this to us
was we were with you your
"""
_EMPTY_WORDS: Final = {"fr": frozenset(_FRENCH_EMPTY.split()), "en": frozenset(_ENGLISH_EMPTY.split())}


def clean(text: str) -> str:
    """The text as written, without what cannot be seen: controls, directions of writing, heaps of accents.

    Line breaks stay, as `\\n`. Cleaning twice changes nothing.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        return text
    text = _CONTROL.sub("", text)
    text = _INVISIBLE.sub("", text)
    text = _LONE_JOINER.sub("", text)
    return unicodedata.normalize("NFC", _few_marks(unicodedata.normalize("NFC", text)))


def one_line(text: str, longest: int | None = None) -> str:
    """The text cleaned and on one line, for a name, a street or a title."""
    line = " ".join(clean(text).split())
    return line if longest is None else line[:longest].rstrip()


def _few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MARKS_PER_LETTER:
            kept.append(character)
    return "".join(kept)


def fold(text: str) -> str:
    """The text as it compares: no capital, accent, ligature or punctuation; single spaces between words.

    >>> fold("12, rue de l’Église Sainte-Cœur")
    '12 rue de l eglise sainte coeur'
    """
    folded = _without_marks(_without_marks(clean(text)).casefold().translate(_LETTERS))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in folded).split())


def _without_marks(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if unicodedata.category(letter) != "Mn")


def slugify(name: str, otherwise: str = "town") -> str:
    """A name for an address or a folder: 1 to 48 characters among a-z, 0-9 and single hyphens inside.

    >>> slugify("L'Haÿ-les-Roses")
    'l-hay-les-roses'
    """
    latin = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")
    return latin[:_SLUG_LENGTH].rstrip("-") or otherwise


def is_slug(text: str) -> bool:
    """Whether a municipality may be called so in addresses and folders (SECURITY T18)."""
    return SLUG.fullmatch(text) is not None and text not in RESERVED_SLUGS


def stems(text: str, language: str = "fr") -> list[str]:
    """The words of a text reduced so that plurals and endings meet, in order; for what is kept and what is asked alike.

    Accents go first: who types « echelle » must find « échelles ». Little words go too, unless there is nothing else.
    """
    words = fold(text).split()
    empty = _EMPTY_WORDS.get(language, frozenset())
    telling = [word for word in words if word not in empty] or words
    if language not in _LANGUAGES:
        return telling
    # A stemmer keeps the word it is working on: one a call, because threads share this module.
    stemmer = snowballstemmer.stemmer(_LANGUAGES[language])
    singular = _singular if language == "fr" else str
    return [singular(stemmer.stemWord(_unusual_plural(word) if language == "fr" else word)) for word in telling]


def _unusual_plural(word: str) -> str:
    """`tuyaux` is the plural of `tuyau`; the stemmer would think of `tuyal`."""
    return re.sub(r"^(tu|no|jo|bo)yaux$", r"\1yau", word)


def _singular(stem: str) -> str:
    """The French stemmer leaves the `s` of `vélos` and the `x` of `bijoux`."""
    return re.sub(r"(?<=[aeiou])[sx]$", "", stem) if len(stem) > 3 else stem


# What reads alike on a screen, folded towards one letter: Cyrillic, Greek, figures and signs used as letters.
_CYRILLIC: Final = str.maketrans("авекмнорстухіјѕһԁԛԝьгпилшєёӏ", "abekmhopctyxijshdqwbrnnlweel")
_GREEK: Final = str.maketrans("αβεηικμνορτυχω", "abehikmvoptyxw")
_SMALL: Final = str.maketrans("ᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢɑ", "abcdeghijklmnoprtuvwyza")
_FIGURES: Final = str.maketrans("01345789", "oleastbg")
_SIGNS: Final = str.maketrans("@$€|", "asel")
# Names of authority wherever they stand, at the head of a name (Jean Maire is a neighbour), or with « de » behind them.
_ALWAYS: Final = (
    "mairie mairies administrateur administrateurs administratrice administration admin moderateur moderateurs "
    "moderatrice moderation moderator prefecture prefet gendarmerie officiel officielle webmaster root sysadmin "
    "clocher townhall administrator"
)
_LEADING: Final = (
    "maire maires municipalite police pompier pompiers support securite samu gouvernement conseil conseiller "
    "conseillere adjoint adjointe adjoints elu elue elus secretariat secretaire service services systeme system "
    "official mayor council councillor staff assistance hotline"
)
_HALLS: Final = ("hotel de ville ", "town hall ", "city hall ", "mai rie ", "ma irie ")
_PLACES: Final = "ville village commune town"
_TITLES: Final = (
    "m mr mme mlle monsieur madame messieurs mesdames le la l les du de d des votre notre the of "
    "1er 1ere premier premiere"
)


def looks_official(name: str) -> bool:
    """Whether a name would let a neighbour pass for the town hall, look-alike letters included (SECURITY g22).

    >>> looks_official("Маirie"), looks_official("Anne Durand (maire)"), looks_official("Jean Maire")
    (True, True, False)
    """
    shown = clean(name).translate(_SIGNS)
    return any(_speaks_for_the_town(part) for part in re.split(r"[(),;:/\[\]•·—–]|\s-\s", shown))


def _speaks_for_the_town(part: str) -> bool:
    always, leading, places, titles = _drawn(_ALWAYS), _drawn(_LEADING), _drawn(_PLACES), _drawn(_TITLES)
    words = fold(part).split()
    if f"{' '.join(dropwhile(titles.__contains__, words))} ".startswith(_HALLS):
        return True
    if len(words) >= 4 and all(len(word) == 1 for word in words):
        words = ["".join(words)]  # M A I R I E
    for seen in ([_skeleton(word) for word in words], [_skeleton(word.rstrip("0123456789")) for word in words]):
        if any(word in always or word.startswith(_skeleton("mairie")) for word in seen):
            return True
        while len(seen) > 1 and seen[0] in titles:
            seen = seen[1:]
        if seen and (seen[0] in leading or (seen[0] in places and (len(seen) == 1 or seen[1] in titles))):
            return True
    return False


@cache
def _drawn(words: str) -> frozenset[str]:
    return frozenset(_skeleton(word) for word in words.split())


def _skeleton(word: str) -> str:
    """What is left of a word when letters that read alike are one letter."""
    drawn = word.translate(_CYRILLIC | _GREEK | _FIGURES | _SMALL)
    return drawn.replace("rn", "m").replace("vv", "w").replace("i", "l").replace("j", "l")
