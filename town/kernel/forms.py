"""Forms: WTForms through Flask-WTF, refilled only with what was posted to them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import g, request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FieldList, FileField, FormField, SelectChoice  # type: ignore[attr-defined]  # types one version behind
from wtforms import Form as AnyForm
from wtforms.meta import DefaultMeta

FORM_FIELD = "_form"


def choices(offered: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """What a field offers: each value, and the words for it."""
    pairs = offered.items() if isinstance(offered, Mapping) else offered
    return [SelectChoice(value, words) for value, words in pairs]


def _leaves(fields: Iterable[Any]) -> Iterator[Any]:
    """The fields that people fill in, as the page reads: those inside parts too, after the list that holds them."""
    for field in fields:
        if isinstance(field, FormField):
            yield from _leaves(field.form)
            continue
        yield field
        if isinstance(field, FieldList):
            yield from _leaves(field)


def _is_wrong(field: Any) -> bool:
    """A list is wrong by itself when it has a sentence of its own, besides those of its parts."""
    return any(isinstance(error, str) for error in field.errors) if isinstance(field, FieldList) else bool(field.errors)


class Attentive(DefaultMeta):
    """The browser itself brings the first wrong field into view, whatever stands above it."""

    whole: Any = None
    """The form that the fields stand in."""

    def takes_focus(self, field: Any) -> bool:
        return field is next((one for one in _leaves(self.whole or ()) if _is_wrong(one)), None)

    def render_field(self, field: Any, render_kw: Any) -> Any:
        return super().render_field(field, {"autofocus": True, **render_kw} if self.takes_focus(field) else render_kw)


class Part(AnyForm):
    """Fields that come together, often several times in a form."""

    class Meta(Attentive):
        pass


class Form(FlaskForm):
    """A form of the town. The forgery check and the one-use key are the kernel's (`form_keys()` in the template).

    Several forms may share a page: each takes posted data only if it is the one that was posted, so a page shown again
    after a refusal keeps what was typed, and a page shown after success starts afresh. `form_keys(form)` names it.
    """

    class Meta(FlaskForm.Meta, Attentive):
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was posted as a form, with files for the fields that take some; a JSON body is no form."""
            if formdata is not _Auto:
                return formdata
            if request.method != "POST":
                return None
            takers = {field.name for field in form if isinstance(field, FileField)}
            sent = request.files.items(multi=True)
            files = MultiDict([(name, file) for name, file in sent if name in takers])
            return CombinedMultiDict([files, request.form])

    def __init__(self, **kwargs: Any) -> None:
        if self._was_not_posted():
            kwargs["formdata"] = None
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]  # Flask-WTF has no types
        for field in _leaves(self):
            field.meta.whole = self

    @classmethod
    def _was_not_posted(cls) -> bool:
        posted = request.form.get(FORM_FIELD)
        return request.method != "POST" or g.get("verb_done", False) or (posted is not None and posted != cls.__name__)
