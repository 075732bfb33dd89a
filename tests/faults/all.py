"""Every fault, by the name that `make faults` knows it by."""

from tests.faults.clients import bad_clients
from tests.faults.delivering import kill_the_worker
from tests.faults.disk import full_disk
from tests.faults.errors import io_errors
from tests.faults.killing import kill_under_load
from tests.faults.migrating import kill_migrations
from tests.faults.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    "kill-9": kill_under_load,
    "worker-killed": kill_the_worker,
    "migration-killed": kill_migrations,
    "disk-full": full_disk,
    "io-errors": io_errors,
    "bad-clients": bad_clients,
}
