"""The file that the town hall sends."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FileField
from wtforms.validators import ValidationError

from town.commons.directory.reading import LARGEST
from town.kernel.forms import Form


class FileForm(Form):
    file = FileField(_l("The file, in CSV form"))

    def validate_file(self, field: Any) -> None:
        if not getattr(field.data, "filename", ""):
            raise ValidationError(str(_l("Choose the file first.")))

    @property
    def name(self) -> str:
        """As its sender calls it, without folders."""
        return str(self.file.data.filename).replace("\\", "/").rpartition("/")[2]

    def read(self) -> bytes:
        """Its bytes, one more than may be at most."""
        said: bytes = self.file.data.read(LARGEST + 1)
        return said
