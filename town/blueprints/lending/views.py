"""The shelf, items and loans: addresses of lending."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.blueprints.lending import queries
from town.blueprints.lending.forms import CATEGORIES, AcceptForm, ItemForm, LoanForm, RefuseForm
from town.blueprints.lending.models import RETURNED, Item, Loan
from town.blueprints.lending.steps import steps
from town.commons.bookings import Month, month_asked, month_of
from town.commons.impact.things import thing_named
from town.commons.people import me, visitor
from town.commons.people.access import CERTIFIED, PUBLIC, SIGNED_IN
from town.commons.people.hats import still_worn
from town.commons.places.concerns import quarters
from town.commons.reviews import exchange_about, reviews_about
from town.commons.trust.keys import reading_keys
from town.kernel.db import db, get_or_404
from town.kernel.features import Feature, link_to
from town.kernel.language import language
from town.kernel.limits import Limit, by_person
from town.kernel.limits import give_back as give_back_try
from town.kernel.media import register_guard
from town.kernel.policy import Access, authorize, may
from town.kernel.web import page, see

feature = Feature("lending", __name__, title=_l("Lending"), icon="lend", short={"/prets": "index", "/pret": "index"})

READERS = Access("certified or moderator", lambda viewer: may("browse", Item), CERTIFIED.refuse)
OFFERS = Limit("lending.offer", "30 per day", by_person, _l("That is many things for one day. Go on tomorrow."))
ASKED = Limit("lending.ask", "10 per hour", by_person, _l("That is many requests at once. Try again in an hour."))


@feature.for_offline
def my_loans() -> list[str]:
    """One's own bookings: when to fetch it, from whom, when it is due back."""
    if not visitor().signed_in:
        return []
    open_now = db.session.scalars(queries.under_way(visitor().person_id or 0)).all()
    pages = [url_for("lending.loan", public_id=loan.public_id) for loan in open_now]
    return [url_for("lending.loans"), url_for("lending.index"), *pages]


@feature.get("/", access=PUBLIC)
def index() -> ResponseReturnValue:
    if not may("browse", Item):
        return page("lending/welcome.html")
    chosen = {name: request.args.get(name, "").replace("\x00", "") for name in ("category", "quarter")}
    rows = db.session.execute(queries.shelf(**chosen, after=request.args.get("after", "").replace("\x00", ""))).all()
    items = [queries.shelf_row(row) for row in rows[: queries.PAGE]]
    older = url_for("lending.index", **_said(chosen), after=items[-1].public_id) if len(rows) > queries.PAGE else ""
    around = db.session.scalars(quarters()).all()
    return page(
        "lending/index.html", "older", items=items, older=older, chosen=chosen, quarters=around, categories=CATEGORIES
    )


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


@feature.get("/items/new", access=CERTIFIED)
def new_item() -> ResponseReturnValue:
    return page("lending/edit.html", form=ItemForm(), item=None, pictures=[], categories=CATEGORIES)


@feature.post("/items", access=CERTIFIED, shows="lending.new_item", limits=(OFFERS,))
def create_item() -> ResponseReturnValue:
    authorize("offer", Item)
    form = ItemForm()
    if not form.validate():
        return page("lending/edit.html", form=form, item=None, pictures=[], categories=CATEGORIES, status=422)
    owner = me()
    item = Item(owner=owner, quarter=owner.quarter)
    form.fill(item)
    item.lend_for(form.hat.organisation)
    item.offer(form.photos.data)
    return see("lending.item", public_id=item.public_id)


@feature.get("/items/<public_id>", access=READERS)
def item(public_id: str) -> ResponseReturnValue:
    found = get_or_404(queries.items_for(visitor()), public_id=public_id)
    return _show_item(found, LoanForm(found, data=_days_asked()))


def _show_item(item: Item, form: LoanForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "lending/item.html",
        "booking",
        status=status,
        item=item,
        form=form,
        month=_calendar(item, form),
        pictures=db.session.scalars(item.pictures()).all(),
        keys=reading_keys(item.owner_id)[item.owner_id] if item.owner_id else [],
        reviews=reviews_about(item.owner, limit=1)[:1] if item.owner else [],
        categories=CATEGORIES,
    )


def _days_asked() -> dict[str, date | None]:
    return {"starts": _day("from"), "ends": _day("to")}


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args[name])
    except (KeyError, ValueError):
        return None


def _calendar(item: Item, form: LoanForm) -> Month:
    """The item's month, whose days are links that choose the first and the last day."""
    chosen = (form.starts.data, form.ends.data)

    def link(first: date | None, last: date | None, month: date) -> str:
        asked = {"from": first, "to": last, "month": f"{month:%Y-%m}"}
        return url_for("lending.item", public_id=item.public_id, **_said(asked), _anchor="booking")

    month = month_asked(request.args.get("month"), chosen)
    return month_of(item.__tablename__, item.id, month, chosen, link, item.unit)


@feature.post("/items/<public_id>/loans", access=CERTIFIED, shows="lending.item", limits=(ASKED,))
def create_loan(public_id: str) -> ResponseReturnValue:
    item = get_or_404(queries.items_for(visitor()), public_id=public_id)
    authorize("borrow", item, _l("This is yours: you need not borrow it."))
    form = LoanForm(item)
    if not form.validate() or form.period is None:
        give_back_try(ASKED)
        return _show_item(item, form, status=422)
    loan = Loan.ask(item, me(), form.period, form.message.data or "", on_behalf_of=form.hat.organisation)
    return see("lending.loan", public_id=loan.public_id)


def _my_item(public_id: str) -> Item:
    """An item, to be changed: whoever may see it but does not own it gets a 403."""
    item = get_or_404(queries.items_for(visitor()), public_id=public_id)
    authorize("edit", item, _l("Only its owner can change this."))
    return item


@feature.get("/items/<public_id>/edit", access=SIGNED_IN)
def edit_item(public_id: str) -> ResponseReturnValue:
    item = _my_item(public_id)
    form = ItemForm(obj=item)
    form.hat.keep(item.on_behalf_of)
    return _show_edit(item, form)


def _show_edit(item: Item, form: ItemForm, status: int = 200) -> ResponseReturnValue:
    pictures = db.session.scalars(item.pictures()).all()
    guess = thing_named(item.title)
    return page(
        "lending/edit.html",
        form=form,
        item=item,
        guess=guess.name(language()) if guess else "",
        pictures=pictures,
        categories=CATEGORIES,
        status=status,
    )


@feature.post("/items/<public_id>", access=SIGNED_IN, shows="lending.edit_item")
def update_item(public_id: str) -> ResponseReturnValue:
    form = ItemForm()  # first: photos are decoded before anything is read that the verb decides on
    item = _my_item(public_id)
    form.hat.keep(item.on_behalf_of)
    if not form.validate():
        return _show_edit(item, form, status=422)
    form.fill(item)
    item.lend_for(form.hat.organisation)
    item.change(form.photos.data, drop=request.form.getlist("drop"))
    return see("lending.item", public_id=public_id) if may("browse", Item) else see("lending.mine")


@feature.post("/items/<public_id>/withdrawal", access=SIGNED_IN, shows="lending.mine")
def withdraw_item(public_id: str) -> ResponseReturnValue:
    _my_item(public_id).withdraw()
    return see("lending.mine")


@feature.post("/items/<public_id>/offer", access=CERTIFIED, shows="lending.mine")
def offer_again(public_id: str) -> ResponseReturnValue:
    item = _my_item(public_id)
    item.lend_for(still_worn(item.on_behalf_of))
    item.offer()
    return see("lending.mine")


@feature.get("/mine", access=SIGNED_IN)
def mine() -> ResponseReturnValue:
    person = visitor().person_id or 0
    loans = db.session.scalars(queries.under_way(person).limit(queries.PAGE)).all()
    items = db.session.scalars(queries.items_of(person, request.args.get("after", ""))).all()
    older = url_for("lending.mine", after=items[queries.PAGE - 1].public_id) if len(items) > queries.PAGE else ""
    return page("lending/mine.html", loans=loans, items=items[: queries.PAGE], older=older)


@feature.get("/loans", access=SIGNED_IN)
def loans() -> ResponseReturnValue:
    rows = db.session.scalars(queries.past(visitor().person_id or 0, request.args.get("after", ""))).all()
    older = url_for("lending.loans", after=rows[queries.PAGE - 1].public_id) if len(rows) > queries.PAGE else ""
    return page("lending/loans.html", loans=rows[: queries.PAGE], older=older)


@feature.get("/loans/<public_id>", access=SIGNED_IN)
def loan(public_id: str) -> ResponseReturnValue:
    return _show_loan(_party_to(public_id))


def _party_to(public_id: str) -> Loan:
    """A loan, for the two neighbours whose it is; anybody else learns only that there is nothing here."""
    return get_or_404(queries.loans_of(visitor().person_id or 0), public_id=public_id)


def _show_loan(loan: Loan, status: int = 200, **forms: Any) -> ResponseReturnValue:
    forms = {"accepting": AcceptForm(), "refusing": RefuseForm(), **forms}
    exchange = exchange_about(loan) if loan.state == RETURNED else None
    asks = loan.borrower_id if loan.waits and may("answer", loan) else None
    return page(
        "lending/loan.html",
        "loan",
        status=status,
        loan=loan,
        steps=steps(loan),
        keys=reading_keys(asks)[asks] if asks else [],
        exchange=exchange,
        review_url=link_to("reviews.exchange", public_id=exchange.public_id) if exchange else "",
        **forms,
    )


@feature.post("/loans/<public_id>/acceptance", access=SIGNED_IN, shows="lending.loan")
def accept(public_id: str) -> ResponseReturnValue:
    loan = _party_to(public_id)
    authorize("answer", loan, _l("Only the owner answers."))
    form = AcceptForm()
    if not form.validate():
        return _show_loan(loan, status=422, form=form, accepting=form)
    loan.accept(form.answer.data or "")
    return see("lending.loan", public_id=public_id)


@feature.post("/loans/<public_id>/refusal", access=SIGNED_IN, shows="lending.loan")
def refuse(public_id: str) -> ResponseReturnValue:
    loan = _party_to(public_id)
    authorize("answer", loan, _l("Only the owner answers."))
    form = RefuseForm()
    if not form.validate():
        return _show_loan(loan, status=422, form=form, refusing=form)
    loan.refuse(form.reason.data or "")
    return see("lending.loan", public_id=public_id)


@feature.post("/loans/<public_id>/cancellation", access=SIGNED_IN, shows="lending.loan")
def cancel(public_id: str) -> ResponseReturnValue:
    loan = _party_to(public_id)
    authorize("cancel", loan, _l("The owner answers a request instead of cancelling it."))
    loan.cancel(me())
    return see("lending.loan", public_id=public_id)


@feature.post("/loans/<public_id>/handover", access=SIGNED_IN, shows="lending.loan")
def hand_over(public_id: str) -> ResponseReturnValue:
    loan = _party_to(public_id)
    authorize("hand_over", loan)
    loan.hand_over(me())
    return see("lending.loan", public_id=public_id)


@feature.post("/loans/<public_id>/return", access=SIGNED_IN, shows="lending.loan")
def give_back(public_id: str) -> ResponseReturnValue:
    loan = _party_to(public_id)
    authorize("give_back", loan)
    loan.give_back(me())
    return see("lending.loan", public_id=public_id)


def _who_sees_pictures(item_id: int) -> Literal["private"] | None:
    """Photos of an item are for those who may open it."""
    found = db.session.scalar(queries.items_for(visitor()).with_only_columns(Item.id).where(Item.id == item_id))
    return "private" if found is not None else None


register_guard(Item.__tablename__, _who_sees_pictures)
