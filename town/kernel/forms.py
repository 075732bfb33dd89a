"""Forms: WTForms through Flask-WTF, refilled only with what was posted to them."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import g, request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FileField, SelectChoice  # type: ignore[attr-defined]  # types-WTForms is one version behind

FORM_FIELD = "_form"


def choices(offered: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """What a field offers: each value, and the words for it."""
    pairs = offered.items() if isinstance(offered, Mapping) else offered
    return [SelectChoice(value, words) for value, words in pairs]


class Form(FlaskForm):
    """A form of the town. The forgery check and the one-use key are the kernel's (`form_keys()` in the template).

    Several forms may share a page: each takes posted data only if it is the one that was posted, so a page shown again
    after a refusal keeps what was typed, and a page shown after success starts afresh. `form_keys(form)` names it.
    """

    class Meta(FlaskForm.Meta):
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

    @classmethod
    def _was_not_posted(cls) -> bool:
        posted = request.form.get(FORM_FIELD)
        return request.method != "POST" or g.get("verb_done", False) or (posted is not None and posted != cls.__name__)
