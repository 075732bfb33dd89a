"""E-mail: promised in the transaction of what it tells, sent after it, at least once.

`post_mail(to=…, subject=…, template="mail/code.txt", person=…, code=…)` is all that features need. The template is
plain text; the HTML part is the same words, with its addresses made into links.
"""

import re
import secrets
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Any

from flask import Flask, current_app, render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape
from sqlalchemy import select

from town.commons.notices.carriers import FileMail, Mail, SmtpMail, Undeliverable
from town.commons.people.models import Account, OneUseCode, Person
from town.kernel.db import db, flush, let_go, now
from town.kernel.jobs import enqueue, job, nightly
from town.kernel.language import LANGUAGES, choose_language
from town.kernel.retention import Span, keeps
from town.kernel.signals import person_erased
from town.kernel.tenancy import current_town, towns
from town.kernel.text import one_line

SEND = "mail.send"
FILES_KEPT = Span(days=30)
NIGHTS = 40
"""Attempts before an e-mail is given up: a mail server may be down for a day."""


class NoMailbox(ValueError):
    """That is no address of a mailbox, or it holds what would break out of a header."""


def post_mail(
    *, to: str, subject: str | LazyString, template: str, person: Person | None = None, **context: Any
) -> None:
    """Promise an e-mail in the current transaction. `context` is what the template needs, in JSON's types.

    person: whose mailbox it is, if known; their language is spoken, and nothing is sent once they are forgotten.
    """
    if person is not None and person.id is None:
        flush()
    language = language_of(person)
    with force_locale(language):
        words = one_line(str(subject))
    enqueue(
        SEND,
        {
            "id": secrets.token_hex(16),
            "at": now().isoformat(timespec="seconds"),
            "to": str(mailbox(to)),
            "subject": words,
            "template": template,
            "language": language,
            "person": person.id if person else None,
            "context": context,
        },
    )


def language_of(person: Person | None) -> str:
    """What to speak to somebody: their own choice, else the town's language; a stranger gets the page's."""
    if person is None:
        return choose_language()
    wishes = (person.language, current_town().language)
    return next((wish for wish in wishes if wish in LANGUAGES), "fr")


@job(SEND, attempts=NIGHTS)
def send_promised(payload: dict[str, Any]) -> None:
    """Send what `post_mail` promised."""
    if payload["person"] is not None and db.session.get(Person, payload["person"]) is None:
        return
    with force_locale(payload["language"]):
        text = render_template(payload["template"], subject=payload["subject"], **payload["context"])
        carry(compose(payload["id"], payload["at"], payload["to"], payload["subject"], text))


def compose(number: str, at: str, to: str, subject: str, text: str, stop: str = "") -> EmailMessage:
    """The message of one promise. `number` names it for ever: a resend is recognised by its Message-ID.

    stop: the address that ends this sort of e-mail with one click.
    """
    sender = parseaddr(towns().settings.mail_from)[1]
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(one_line(current_town().name), addr_spec=sender)
    message["To"] = mailbox(to)
    message["Subject"] = one_line(subject, 200)
    message["Date"] = datetime.fromisoformat(at)
    message["Message-ID"] = f"<{number}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if stop:
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    message.set_content(text, cte="quoted-printable")
    html = render_template("mail/layout.html", subject=subject, paragraphs=paragraphs(text))
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message


def carry(message: EmailMessage) -> None:
    """Hand a message over, holding no lock. One that can never arrive is given up, without its address in the log."""
    let_go()
    carrier: Mail = current_app.extensions["mail_carrier"]
    try:
        carrier.send(message)
    except Undeliverable:
        current_app.logger.warning("an e-mail can never be delivered: it was given up")


def mailbox(text: str) -> Address:
    """The mailbox of that address. Raises `NoMailbox` for what is not exactly one, in letters that mail carries."""
    try:
        found = Address(addr_spec=text.strip())
        if not (found.username and found.domain and len(text) <= 254):
            raise NoMailbox
        return Address(username=found.username, domain=found.domain.encode("idna").decode())
    except (ValueError, IndexError, MessageError) as unfit:
        raise NoMailbox("that is no address of a mailbox") from unfit


def paragraphs(text: str) -> list[Markup]:
    """The paragraphs of a plain text, with their addresses made into links."""
    return [
        Markup("<br>").join(_linked(line) for line in paragraph.split("\n")) for paragraph in text.strip().split("\n\n")
    ]


def _linked(line: str) -> Markup:
    found = Markup()
    for n, piece in enumerate(re.split(r"(https?://[^\s<>\"]+)", line)):
        found += Markup('<a href="{0}">{0}</a>').format(piece) if n % 2 else escape(piece)
    return found


keeps(
    "notices.mail_files",
    what=_l("E-mails, while the town is only being tried out and none is really sent"),
    why=_l("To read them on the machine itself"),
    lasts=FILES_KEPT,
    then=_l("They are erased; an e-mail that was really sent lies in its reader’s mailbox"),
)


@nightly
def forget_old_files() -> None:
    """Development's mailboxes are no archive."""
    carrier: Mail = current_app.extensions["mail_carrier"]
    if isinstance(carrier, FileMail):
        carrier.forget_before(FILES_KEPT.before(now()))


@person_erased.connect
def forget_files(person: Person, **_: Any) -> None:
    """Development's mailboxes are files of the town: what they say of somebody goes too."""
    carrier: Mail = current_app.extensions["mail_carrier"]
    if isinstance(carrier, FileMail):
        mailboxes = select(OneUseCode.email).join(Account).where(Account.person_id == person.id)
        email = person.account.email if person.account else None
        words = {email, person.full_name, person.name, person.first_name, *db.session.scalars(mailboxes)}
        carrier.forget([word for word in words if word])


def init_app(app: Flask) -> None:
    url = app.extensions["towns"].settings.smtp_url
    app.extensions["mail_carrier"] = SmtpMail(url.get_secret_value()) if url else FileMail()
