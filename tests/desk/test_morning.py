"""« À faire ce matin »."""

from tests.conftest import Browse
from town.kernel.web import TownApp


def test_residents_and_visitors_do_not_enter_the_desk(browse: Browse) -> None:
    assert browse("odile").get("/desk/").status_code == 403
    assert browse().get("/desk/").location.startswith("/login")


def test_a_feature_that_is_off_leaves_nothing_to_do(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    assert "/desk/complaints" in jean.get("/desk/").text
    app.extensions["towns"].registry.change("saint-loup-des-tilleuls", features_off=["complaints"])
    text = jean.get("/desk/")
    assert text.status_code == 200
    assert "/desk/complaints" not in text.text
    assert jean.get("/desk/complaints").status_code == 404
