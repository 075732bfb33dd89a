"""The e-mails about accounts. Each says what to do when one did not ask for it."""

from datetime import datetime

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from town.commons.notices import language_of, post_mail
from town.commons.people.codes import FIGURES
from town.commons.people.models import Account, OneUseCode
from town.commons.people.sessions import device
from town.kernel.features import address_of
from town.kernel.language import day


def spaced(figures: str) -> str:
    """« 482 913 »."""
    return f"{figures[: FIGURES // 2]} {figures[FIGURES // 2 :]}"


def send_join_code(code: OneUseCode, figures: str, known: Account | None) -> None:
    """The code that ends joining; whoever has an account already is told so, in their mailbox and nowhere else."""
    if known is not None:
        post_mail(
            to=code.email,
            subject=_l("You already have an account"),
            template="account/mail/already.txt",
            person=known.person,
            login=address_of("account.login"),
            password=address_of("account.forgotten"),
        )
        return
    post_mail(
        to=code.email,
        subject=_l("Your code to join: %(code)s", code=spaced(figures)),
        template="account/mail/join.txt",
        name=code.details["first_name"],
        code=spaced(figures),
        link=address_of("account.join_link", ref=code.public_id, code=figures) if code.details["password"] else "",
    )


def send_code(code: OneUseCode, figures: str, account: Account) -> None:
    """The code to sign in, or to choose a new password."""
    post_mail(
        to=code.email,
        subject=_l("Your code: %(code)s", code=spaced(figures)),
        template=f"account/mail/{code.purpose}.txt",
        person=account.person,
        code=spaced(figures),
        device=device(),
    )


def send_new_email_code(code: OneUseCode, figures: str, account: Account, known: Account | None) -> None:
    """The code that proves the new mailbox."""
    if known is not None:
        post_mail(
            to=code.email,
            subject=_l("This e-mail has an account already"),
            template="account/mail/taken.txt",
            person=known.person,
            login=address_of("account.login"),
        )
        return
    post_mail(
        to=code.email,
        subject=_l("Your code: %(code)s", code=spaced(figures)),
        template="account/mail/email.txt",
        person=account.person,
        code=spaced(figures),
    )


def tell_new_password(account: Account) -> None:
    if account.email:
        post_mail(
            to=account.email,
            subject=_l("Your password has changed"),
            template="account/mail/password_changed.txt",
            person=account.person,
            password=address_of("account.forgotten"),
        )


def tell_former_mailbox(account: Account, former: str) -> None:
    post_mail(
        to=former,
        subject=_l("Your e-mail has changed"),
        template="account/mail/email_changed.txt",
        person=account.person,
        login=address_of("account.login"),
    )


def tell_leaving(account: Account, when: datetime, *, at_once: bool) -> None:
    """Whoever holds the mailbox hears that the account ends, and how to stop that."""
    if account.email:
        with force_locale(language_of(account.person)):
            words = day(when)
        post_mail(
            to=account.email,
            subject=_l("Your account is being erased") if at_once else _l("Your account will be erased"),
            template="account/mail/leaving.txt",
            person=account.person,
            at_once=at_once,
            day=words,
            login=address_of("account.login"),
        )


def warn_the_absent(account: Account, when: datetime) -> None:
    """Nobody has signed in for two years."""
    if account.email:
        with force_locale(language_of(account.person)):
            words = day(when)
        post_mail(
            to=account.email,
            subject=_l("Your account will be erased on %(day)s", day=words),
            template="account/mail/absent.txt",
            person=account.person,
            day=words,
            login=address_of("account.login"),
        )


def tell_new_device(account: Account) -> None:
    """Staff hear of each sign-in from a device their account was not on."""
    if account.email:
        post_mail(
            to=account.email,
            subject=_l("A sign-in from another device"),
            template="account/mail/new_device.txt",
            person=account.person,
            device=device(),
            password=address_of("account.forgotten"),
        )
