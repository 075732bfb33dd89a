"""Who may see and say who runs an organisation."""

from town.commons.people.acting import AGENTS
from town.commons.people.organisations import MANAGER, Organisation, duty_in
from town.kernel.policy import Policy


class OrganisationPolicy(Policy, of=Organisation):
    """A manager, and the town hall, say who runs it; whoever helps sees it."""

    def _town_hall(self) -> bool:
        return bool(self.person.has_role(*AGENTS))

    def see_people(self) -> bool:
        return self._town_hall() or duty_in(self.thing.id, self.person.person_id) != ""

    def name_people(self) -> bool:
        return self._town_hall() or duty_in(self.thing.id, self.person.person_id) == MANAGER
