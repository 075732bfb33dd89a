"""Who speaks for the town hall: its agents, its councillors, its administrator."""

from town.blueprints.townhall.models import DRAFT, Notice
from town.commons.people.visit import Visitor
from town.kernel.policy import Policy

WRITERS = ("agent", "councillor", "admin")


class NoticePolicy(Policy, of=Notice):
    """Everybody reads what was published; writers do the rest."""

    person: Visitor
    thing: Notice

    def read(self) -> bool:
        return self.thing.state != DRAFT or self.write()

    def write(self) -> bool:
        return self.person.has_role(*WRITERS)

    publish = correct = pin = withdraw = write

    def acknowledge(self) -> bool:
        return self.person.signed_in
