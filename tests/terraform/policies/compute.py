"""What costs credits: the warehouses and the monitor that stops them (docs/cost.md)."""

from collections.abc import Iterator

from include.pipeline.credits import WARN_AT
from tests.terraform.policies.planned import Planned
from tests.terraform.running import VARIABLES

# The longest time that a statement of each warehouse may run; a task's limit is above it.
LONGEST = {"LOADING": 900, "TRANSFORMING": 900, "REPORTING": 300}
# A month's credits: below the first, a month of normal work stops the warehouses; above the second,
# the monitor notices too late that something runs all the time (docs/cost.md has the model).
QUOTA = {"DEV": (21, 60), "PRD": (40, 120)}


def check_warehouses(planned: Planned) -> Iterator[str]:
    """A warehouse is XSMALL, stops soon, starts by itself, and has time limits and the monitor."""
    wanted = {f"{kind}_XS_{planned.suffix}" for kind in LONGEST}
    if planned.names("snowflake_warehouse") != wanted:
        yield f"snowflake_warehouse: the warehouses are not {sorted(wanted)}"
    for warehouse in planned.of_type("snowflake_warehouse"):
        values, at = warehouse.values, warehouse.address
        longest = LONGEST.get(values["name"].partition("_")[0], 0)
        if values["warehouse_size"] != "XSMALL":
            yield f"{at}: is {values['warehouse_size']}, but its name says XS"
        if values["auto_suspend"] != 60:
            yield f"{at}: does not suspend itself after a minute"
        if values["auto_resume"] != "true":
            yield f"{at}: does not resume, so every statement after the first pause fails"
        if values["initially_suspended"] is not True:
            yield f"{at}: bills from the apply on"
        if not 60 <= (values.get("statement_timeout_in_seconds") or 0) <= longest:
            yield f"{at}: lets a statement run for more than {longest} seconds, or hardly at all"
        if not 60 <= (values.get("statement_queued_timeout_in_seconds") or 0) <= 900:
            yield f"{at}: lets a statement wait for more than 15 minutes, or hardly at all"
        if {values["resource_monitor"]} != planned.names("snowflake_resource_monitor"):
            yield f"{at}: has no resource monitor"


def check_monitor(planned: Planned) -> Iterator[str]:
    """The monitor warns, stops the warehouses at the quota, and counts calendar months."""
    least, most = QUOTA[planned.environment]
    for monitor in planned.of_type("snowflake_resource_monitor"):
        values, at = monitor.values, monitor.address
        if values["frequency"] or values["start_timestamp"] or values["end_timestamp"]:
            yield f"{at}: does not count calendar months"
        if set(values["notify_triggers"] or ()) != set(WARN_AT):
            yield f"{at}: warns at {values['notify_triggers']}, but the watch at {WARN_AT}"
        if set(values["notify_users"] or ()) != set(VARIABLES["monitor_notifies"]):
            yield f"{at}: notifies {values['notify_users']}"
        if not least <= (values["credit_quota"] or 0) <= most:
            yield f"{at}: the quota is not between {least} and {most} credits"
        if values["suspend_trigger"] != 100:
            yield f"{at}: never stops a warehouse at its quota"
        if not 100 < (values["suspend_immediate_trigger"] or 0) <= 110:
            yield f"{at}: does not end running statements at 110 %"


POLICIES = (check_warehouses, check_monitor)
