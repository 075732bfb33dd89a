"""E-mail: promised with what it tells, sent after it, recognisable when sent twice, and never a way in."""

import smtplib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
import time_machine
from aiosmtpd.controller import Controller
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import delete, select

from tests.cast import person_named
from town.commons.notices import mail
from town.commons.notices.carriers import SmtpMail
from town.commons.notices.mail import NoMailbox, mailbox, paragraphs, post_mail
from town.commons.people.models import Person
from town.kernel.db import SlowWorkInsideTheLock, db, now
from town.kernel.jobs import Job
from town.kernel.registry import Town
from town.kernel.rendering import Spoken, Templates
from town.kernel.web import TownApp

Work = Callable[[], int]
Outbox = Callable[[], list[EmailMessage]]


@dataclass
class PostOffice:
    """A real mail server on this machine, which remembers what it was handed."""

    answers: list[str] = field(default_factory=list)
    refuses: str = ""
    got: list[tuple[str, EmailMessage]] = field(default_factory=list)
    conversations: set[int] = field(default_factory=set)
    port: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append((envelope.rcpt_tos[0], message))
        self.conversations.add(id(session))
        return self.answers.pop(0) if self.answers else "250 OK"


@pytest.fixture
def post_office(app: TownApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    office = PostOffice()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        office.port = free.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    carrier = SmtpMail(f"smtp://127.0.0.1:{office.port}")
    monkeypatch.setitem(app.extensions, "mail_carrier", carrier)
    yield office
    carrier._hang_up()
    controller.stop()


@pytest.fixture(autouse=True)
def nothing_waits(town: Town) -> None:
    """What the demo town has promised is not what these tests look at."""
    db.session.execute(delete(Job))
    db.session.commit()


@pytest.fixture
def template(app: TownApp, monkeypatch: pytest.MonkeyPatch) -> str:
    """A template of some feature, found beside the real ones."""
    words = "Bonjour {{ name }},\n\nvotre code : {{ code }}\n\n\n\nhttp://localhost/login?a=1&b=2\n"
    assert app.jinja_loader is not None
    common = cast(Templates, app.create_jinja_environment())
    common.loader = ChoiceLoader([DictLoader({"mail/test.txt": words}), app.jinja_loader])
    monkeypatch.setattr(app, "_spoken", Spoken(common))  # each language's own environment begins with this loader
    return "mail/test.txt"


def _promise(template: str, to: str = "odile@saint-loup.example", **more: Any) -> None:
    post_mail(to=to, subject="Votre code", template=template, name="Odile", code="BK7Q", **more)
    db.session.commit()


def test_an_email_leaves_only_once_what_it_tells_is_certain(
    town: Town, template: str, work: Work, outbox: Outbox
) -> None:
    post_mail(to="odile@saint-loup.example", subject="Votre code", template=template, name="Odile", code="BK7Q")
    db.session.rollback()
    work()
    assert outbox() == []
    _promise(template)
    work()
    (letter,) = outbox()
    assert letter["To"] == "odile@saint-loup.example"
    assert letter["From"] == "Saint-Loup-des-Tilleuls <clocher@localhost>"
    assert letter["Subject"] == "Votre code"


def test_every_email_has_a_plain_part_and_says_that_a_machine_wrote_it(
    town: Town, template: str, work: Work, outbox: Outbox
) -> None:
    _promise(template, person=person_named("odile"))
    work()
    (letter,) = outbox()
    plain = letter.get_body(("plain",))
    html = letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == [
        "Bonjour Odile,",
        "",
        "votre code : BK7Q",
        "",
        "http://localhost/login?a=1&b=2",
    ]
    assert '<a href="http://localhost/login?a=1&amp;b=2">' in html.get_content()
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] is None  # nobody unsubscribes from their own code
    assert not (set(range(128, 256)) & set(letter["Message-ID"].encode()))


def test_what_a_name_holds_stays_words_in_the_html_part(town: Town, template: str, work: Work, outbox: Outbox) -> None:
    post_mail(
        to="odile@saint-loup.example",
        subject="Votre <b>code</b>\r\nBcc: tout@le.monde",
        template=template,
        name="<img src=x onerror=alert(1)>",
        code="{{ 7 * 7 }}",
    )
    db.session.commit()
    work()
    (letter,) = outbox()
    html = letter.get_body(("html",))
    assert html is not None
    assert "<img" not in html.get_content()
    assert "{{ 7 * 7 }}" in html.get_content()
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Votre <b>code</b> Bcc: tout@le.monde"


@pytest.mark.parametrize(
    "unfit",
    [
        "odile@saint-loup.example\r\nBcc: tout@le.monde",
        "odile@saint-loup.example, karim@saint-loup.example",
        "Odile <odile@saint-loup.example>",
        "odile@",
        "@saint-loup.example",
        "odile",
        "",
        "odile@saint-loup.example\x00",
        "a" * 250 + "@b.fr",
        "é@saint-loup.example",
    ],
)
def test_nothing_is_promised_to_what_is_not_one_mailbox(town: Town, unfit: str) -> None:
    with pytest.raises(NoMailbox):
        post_mail(to=unfit, subject="Votre code", template="mail/test.txt")
    assert db.session.scalar(select(Job.id).where(Job.name == mail.SEND)) is None


def test_a_mailbox_with_accents_in_its_domain_is_written_as_servers_read_it() -> None:
    assert str(mailbox("mairie@forêt-sur-mer.example")) == "mairie@xn--fort-sur-mer-qeb.example"


def test_an_address_in_a_text_becomes_a_link_and_nothing_else_does() -> None:
    (only,) = paragraphs("Voir https://a.example/x?y=1 ou javascript:alert(1)\n")
    assert only == 'Voir <a href="https://a.example/x?y=1">https://a.example/x?y=1</a> ou javascript:alert(1)'


def test_a_real_server_receives_it_in_the_readers_language(
    town: Town, template: str, work: Work, post_office: PostOffice
) -> None:
    yvonne = person_named("yvonne")
    yvonne.language = "en"
    _promise(template, person=yvonne)
    work()
    ((to, letter),) = post_office.got
    assert to == "odile@saint-loup.example"
    html = letter.get_body(("html",))
    assert html is not None
    assert '<html lang="en">' in html.get_content()


def test_a_letter_sent_twice_is_recognised_by_its_message_id(
    town: Town, template: str, work: Work, post_office: PostOffice
) -> None:
    post_office.answers = ["451 try again", "250 OK"]
    _promise(template)
    work()
    with time_machine.travel(now() + timedelta(hours=2), tick=False):
        work()
    (_, first), (_, second) = post_office.got
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    assert db.session.scalar(select(Job.id).where(Job.name == mail.SEND)) is None


def test_a_silent_server_keeps_the_letter_waiting_and_is_not_asked_again_at_once(
    app: TownApp, town: Town, template: str, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    carrier = SmtpMail(f"smtp://127.0.0.1:{port}")
    calls: list[str] = []
    call = carrier._call

    def counted() -> smtplib.SMTP:
        calls.append("once more")
        return call()

    monkeypatch.setattr(carrier, "_call", counted)
    monkeypatch.setitem(app.extensions, "mail_carrier", carrier)
    for _ in range(5):
        _promise(template)
    assert work() == 0
    waiting = list(db.session.scalars(select(Job).where(Job.name == mail.SEND)))
    assert len(waiting) == 5
    assert all(job.failed_at is None and job.run_at > now() for job in waiting)
    assert len(calls) == 1


def test_a_letter_survives_a_night_without_mail_server(
    app: TownApp, town: Town, template: str, work: Work, post_office: PostOffice
) -> None:
    post_office.answers = ["421 later"] * 20 + ["250 OK"]
    _promise(template)
    when = now()
    for _ in range(21):
        when += timedelta(hours=2)
        with time_machine.travel(when, tick=False):
            work()
    assert db.session.scalar(select(Job.id).where(Job.name == mail.SEND)) is None
    assert len(post_office.got) == 21


@pytest.mark.parametrize("refusal", ["550 no such mailbox", "553 not here"])
def test_a_mailbox_that_does_not_exist_is_given_up_quietly(
    town: Town, template: str, work: Work, post_office: PostOffice, refusal: str, caplog: pytest.LogCaptureFixture
) -> None:
    post_office.refuses = refusal
    _promise(template)
    assert work() == 1
    assert db.session.scalar(select(Job.id).where(Job.name == mail.SEND)) is None
    assert "odile" not in caplog.text


def test_many_letters_are_one_conversation(town: Town, template: str, work: Work, post_office: PostOffice) -> None:
    for _ in range(5):
        _promise(template)
    assert work() == 5
    assert len(post_office.got) == 5
    assert len(post_office.conversations) == 1


def test_a_forgotten_person_gets_nothing_more(town: Town, template: str, work: Work, outbox: Outbox) -> None:
    guest = Person(first_name="Paul", last_name="Durand")
    db.session.add(guest)
    _promise(template, to="paul@saint-loup.example", person=guest)
    db.session.execute(delete(Person).where(Person.id == guest.id))
    db.session.commit()
    work()
    assert outbox() == []


def test_no_letter_is_handed_over_while_the_town_is_locked(town: Town) -> None:
    db.session.execute(select(Job.id))
    with pytest.raises(SlowWorkInsideTheLock):
        SmtpMail("smtp://127.0.0.1:1").send(EmailMessage())


def test_a_password_does_not_travel_in_clear(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain:
        def __init__(self, *_: object, **__: object) -> None:
            self.login_tried = False

        def ehlo(self) -> None: ...
        def has_extn(self, _: str) -> bool:
            return False

        def close(self) -> None: ...
        def login(self, *_: object) -> None:
            raise AssertionError("the password left")

    monkeypatch.setattr(smtplib, "SMTP", Plain)
    with pytest.raises(smtplib.SMTPNotSupportedError):
        SmtpMail("smtp://clocher:secret@mail.example:587")._call()


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example:25", ""])
def test_a_mail_server_that_cannot_be_understood_stops_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="TOWN_SMTP_URL"):
        SmtpMail(url)


def test_two_towns_write_into_their_own_folders(app: TownApp, town: Town, template: str, work: Work) -> None:
    _promise(template)
    work()
    files = list((app.extensions["towns"].folder(town.slug) / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml"]
    assert files[0].stat().st_mode & 0o077 == 0
