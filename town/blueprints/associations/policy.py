"""Who may do what with associations and their missions."""

from town.blueprints.associations.models import Association, Mission
from town.commons.people.acting import AGENTS
from town.commons.people.organisations import duty_in
from town.kernel.policy import Policy


class AssociationPolicy(Policy, of=Association):
    """Its page is changed by who runs it, or by the town hall; only who runs it calls for volunteers."""

    def call(self) -> bool:
        return self.person.signed_in and duty_in(self.thing.organisation_id, self.person.person_id) != ""

    def edit(self) -> bool:
        return bool(self.person.has_role(*AGENTS)) or self.call()


class MissionPolicy(Policy, of=Mission):
    """Its association runs it: it alone reads who comes, and how to call them."""

    def run(self) -> bool:
        return self.person.signed_in and duty_in(self.thing.association.organisation_id, self.person.person_id) != ""
