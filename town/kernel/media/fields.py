"""A form field for photos: decoded before the verb, kept while the rest of the form is put right."""

from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import TooManyRequests
from wtforms import Field, MultipleFileField
from wtforms.validators import StopValidation
from wtforms.widgets import FileInput

from town.kernel.db import holding_the_lock, let_go
from town.kernel.limits import Limit, by_network, by_person, spend
from town.kernel.media.pictures import LARGEST_FILE, NotAPicture, TooLarge, TooManyPixels, reencode
from town.kernel.media.store import NoRoomForPictures, PictureGone, Stored, store
from town.kernel.media.turns import TooManyAtOnce
from town.kernel.media.waiting import claimed, token_for
from town.kernel.refusals import Refused
from town.kernel.text import one_line

TAKEN = "image/jpeg,image/png,image/webp,image/heic,image/heif"


PHOTOS = Limit("photos", "30 per 30 minutes", key=lambda: by_person() or by_network(), closed=False)


class TooManyPhotos(Refused):
    """More photos than one account, or one visitor's network, sends in half an hour."""

    sentence = _l("You have sent many photos. Wait half an hour before you send more, or send without a photo.")
    status = 429


def receive(data: bytes) -> Stored:
    """Decode a picture and put its files into the store, outside any transaction; `attach()` gives it a row.

    Raises `NotAPicture`, `TooLarge`, `TooManyPixels`, `TooManyAtOnce`, `NoRoomForPictures`.
    """
    return store().put(reencode(data))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A photo that came with an earlier sending of the form: its token, and where its sender can see it."""

    token: str
    preview: str


@dataclass(slots=True)
class Received:
    """What the files of one field became: done once a request, however often the form is made again in it."""

    pictures: list[Stored] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


class PictureInput(FileInput):
    """The file input, followed by the tokens of the photos that are here already, so that no template can lose them."""

    def __call__(self, field: Field, **kwargs: Any) -> Markup:
        assert isinstance(field, PictureField)
        kwargs["accept"] = TAKEN
        kwargs["multiple"] = field.at_most > 1
        if field.kept:
            kwargs["required"] = False
        hidden = Markup("").join(
            Markup('<input type="hidden" name="{}" value="{}">').format(field.kept_name, photo.token)
            for photo in field.kept
        )
        return Markup(super().__call__(field, **kwargs)) + hidden


class PictureField(MultipleFileField):
    """Up to `at_most` photos. `data` is a list of stored pictures, for `attach()` in the verb.

    Reading the form ends a transaction that only read: decoding must not hold the town's write lock.
    """

    widget = PictureInput()

    def __init__(
        self, label: Any = None, validators: list[Any] | None = None, *, at_most: int = 5, **kwargs: Any
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.at_most = at_most
        self.data: list[Stored] = []

    @property
    def kept_name(self) -> str:
        return f"{self.name}-kept"

    @property
    def drop_name(self) -> str:
        """Checkboxes of that name, with a token as value, take a waiting photo off again."""
        return f"{self.name}-drop"

    @property
    def kept(self) -> list[Waiting]:
        """The photos that wait, for the page shown again."""
        tokens = [token_for(picture) for picture in self.data]
        return [Waiting(token, url_for("media.waiting", token=token, size="small")) for token in tokens]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self._tokens: list[str] = []
        if formdata is not None:
            dropped = set(formdata.getlist(self.drop_name))
            self._tokens = [token for token in formdata.getlist(self.kept_name) if token not in dropped]
        super().process(formdata, None, extra_filters)

    def process_data(self, value: Any) -> None:
        self.data = []

    def process_formdata(self, valuelist: list[Any]) -> None:
        waiting = [claimed(token) for token in dict.fromkeys(self._tokens)]
        self.data = [picture for picture in waiting if picture is not None][: self.at_most]
        files = [file for file in valuelist if isinstance(file, FileStorage) and file.filename]
        received = _received(self.name, files, self.at_most - len(self.data), self.at_most)
        self.data += received.pictures
        gone = [str(PictureGone.sentence)] if None in waiting else []
        self.process_errors = [*self.process_errors, *gone, *received.sentences]

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation  # "a photo is needed" would cover up what was wrong with the one that came

    def populate_obj(self, obj: object, name: str) -> None:
        """Photos are attached by the thing's own verb."""


def _received(name: str, files: list[FileStorage], room: int, at_most: int) -> Received:
    """Decode and store the files, once a request: a refused verb makes its form again from the same request."""
    done: dict[str, Received] = request.environ.setdefault("town.received_pictures", {})
    if name in done:
        return done[name]
    done[name] = received = Received()
    if files and holding_the_lock():
        let_go()
    for file in files[: max(room, 0)]:
        try:
            _count_one()
            received.pictures.append(receive(_bytes_of(file)))
        except (NotAPicture, TooLarge, TooManyPixels) as refusal:
            received.sentences.append(f"{_label(file)}{refusal}" if len(files) > 1 else str(refusal))
        except (TooManyAtOnce, TooManyPhotos, NoRoomForPictures) as trouble:
            received.sentences.append(str(trouble))
            raise  # not the photo's fault: answered as it is, so that an outbox tries again
    if len(files) > max(room, 0):
        received.sentences.append(ngettext("One photo at most.", "%(num)s photos at most.", at_most))
    return received


def _count_one() -> None:
    try:
        spend(PHOTOS)
    except TooManyRequests as many:
        raise TooManyPhotos from many


def _bytes_of(file: FileStorage) -> bytes:
    file.stream.seek(0, 2)
    weight = file.stream.tell()
    if weight > LARGEST_FILE:
        raise TooLarge(weight)
    file.stream.seek(0)
    return file.stream.read()


def _label(file: FileStorage) -> str:
    """Which of several photos a sentence is about: the name it had, without folders, line breaks or disguises."""
    shown = one_line((file.filename or "").replace("\\", "/").rpartition("/")[2], 40)
    return _("%(name)s: ", name=shown) if shown else ""
