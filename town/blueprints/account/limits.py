"""How often one may try to join, to sign in, to enter a code: generous for a network, strict for an account."""

from flask import request
from flask_babel import lazy_gettext as _l

from town.commons.people.accounts import mailbox_of
from town.commons.trust.letterbox import held_ticket
from town.kernel.limits import Limit, by_network, by_person


def by_email() -> str:
    """The mailbox that was typed, aliases taken off."""
    typed = request.form.get("email", "")
    return mailbox_of(typed) if typed.strip() else ""


def by_page() -> str:
    """The code's own page."""
    return str((request.view_args or {}).get("ref", ""))


def by_network_without_card() -> str:
    """Phones of one network share an address, and cards come on one day: whoever holds a card is counted by it."""
    return "" if by_card() else by_network()


def by_card() -> str:
    """The letterbox card that whoever joins has opened."""
    ticket = held_ticket()
    return f"{ticket['card']}.{ticket['prints']}" if ticket else ""


SIGN_IN = (
    Limit("sign-in", "30 per 5 minutes", by_network),
    Limit(
        "sign-in",
        "10 per 5 minutes; 50 per day",
        by_email,
        _l("There were many attempts with this e-mail. Wait a few minutes, or receive a code by e-mail."),
    ),
)
CONFIRM = (Limit("confirm", "10 per 5 minutes; 50 per day", by_person),)
ASK_FOR_A_CODE = (
    Limit("ask", "25 per 5 minutes", by_network),
    Limit("ask", "5 per day", by_email, _l("Five codes were sent to this e-mail today. The next one leaves tomorrow.")),
)
ENTER_A_CODE = (Limit("enter", "30 per 5 minutes", by_network),)
SEND_AGAIN = (Limit("again", "3 per 6 hours", by_page, _l("The e-mail was sent several times. See your junk folder.")),)
CHANGE_EMAIL = (Limit("email", "5 per day", by_person),)
JOIN = (
    Limit(
        "join",
        "5 per 30 minutes",
        by_network_without_card,
        _l("Several people have just joined from your network. Please try again in half an hour."),
    ),
    Limit(
        "join-mail",
        "5 per day",
        by_email,
        _l("Five codes were sent to this e-mail today. The next one leaves tomorrow."),
    ),
    Limit("join-card", "12 per day", by_card, _l("This card was used many times today. Please try again tomorrow.")),
)
SECOND_FACTOR = (
    Limit("2fa", "5 per 5 minutes; 20 per hour; 50 per day", by_person),
    Limit("2fa", "10 per 5 minutes", by_network),
)
EXPORT = (Limit("export", "2 per day", by_person, _l("Two copies a day are enough. The next one tomorrow.")),)
