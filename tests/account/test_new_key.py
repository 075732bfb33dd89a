"""The operator changes the secret key: nobody notices, until the former one is taken away."""

import pytest
from pydantic import SecretStr

from tests.conftest import Browse
from town.kernel.web import TownApp


def test_a_new_key_signs_karim_out_only_when_the_former_one_goes(
    app: TownApp, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    karim = browse("karim")
    settings = app.extensions["towns"].settings
    former = SecretStr(settings.key())
    monkeypatch.setattr(settings, "secret_key", SecretStr("a new key of more than thirty-two characters"))
    monkeypatch.setattr(settings, "secret_key_fallbacks", [former])
    assert karim.get("/account/").status_code == 200
    assert karim.post("/language/fr").status_code == 303, "a page that stood open, with its former token, still sends"
    monkeypatch.setattr(settings, "secret_key_fallbacks", [])
    assert karim.get("/account/").status_code == 303, "signed out"
