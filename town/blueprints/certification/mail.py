"""The e-mails about somebody's proof of address, for those who have one. Proofs are nobody else's news."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from town.commons.notices.mail import post_mail
from town.commons.people.models import Person
from town.kernel.features import address_of


def tell_printed(person: Person) -> None:
    """The card is in the post; here is where its code goes."""
    _tell(person, _l("Your postcard is on its way"), "printed", link=address_of("certification.code"))


def tell_certified(person: Person) -> None:
    """The desk has certified somebody."""
    _tell(person, _l("Your address is proved"), "certified", link=address_of("certification.index"))


def tell_revoked(person: Person) -> None:
    """The proof fell."""
    _tell(person, _l("Your address is no longer proved"), "revoked", link=address_of("certification.index"))


def _tell(person: Person, subject: LazyString, letter: str, **words: Any) -> None:
    if person.account is not None and person.account.email and person.account.email_confirmed_at:
        template = f"certification/mail/{letter}.txt"
        post_mail(to=person.account.email, subject=subject, template=template, person=person, **words)
