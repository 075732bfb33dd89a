"""Passwords at their real price, which the other tests do not pay."""

from flask_security.core import _get_pwd_context as context_of  # as it is before tests make it cheap

from tests.cast import PASSWORD
from town.kernel.web import TownApp


def test_whoever_steals_the_file_pays_dearly_for_each_guess(app: TownApp) -> None:
    """OWASP's least for Argon2id is 19 MiB twice; libargon2's own RFC 9106 profile is 64 MiB three times."""
    with app.app_context():
        kept = context_of(app).hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
