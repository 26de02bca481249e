"""Resource monitors: their quota, what they have used, and `SHOW RESOURCE MONITORS`."""

from __future__ import annotations

from dataclasses import dataclass, field

# https://docs.snowflake.com/en/sql-reference/sql/show-resource-monitors
COLUMNS = (
    "name", "credit_quota", "used_credits", "remaining_credits", "level", "frequency", "start_time",
    "end_time", "notify_at", "suspend_at", "suspend_immediately_at", "created_on", "owner",
    "comment", "notify_users",
)  # fmt: skip


@dataclass
class Monitor:
    """A resource monitor.

    Attributes:
        quota: Credits an interval; `None` for no limit.
        notify_at: Percentages of the quota at which people are notified.
        suspend_at: The percentage at which its warehouses no longer resume; 0 for never.
        suspend_immediately_at: The percentage at which their statements end too; 0 for never.
        spent: Credits beyond those of its warehouses' meters: of dropped ones, or set by hand;
            less than 0 for those of earlier months.
        month: The month that it counts, for example `2026-11`.
    """

    name: str
    quota: float | None = None
    frequency: str = "MONTHLY"
    start_time: str = ""
    end_time: str = ""
    notify_at: list[int] = field(default_factory=list)
    suspend_at: int = 0
    suspend_immediately_at: int = 0
    created_on: str = ""
    owner: str = "ACCOUNTADMIN"
    comment: str = ""
    notify_users: str = ""
    spent: float = 0.0
    month: str = ""

    def used(self, metered: float, month: str) -> float:
        """The credits of this month; they begin at 0 in each.

        Args:
            metered: Those of its warehouses' meters, which count on.
            month: The present month.
        """
        if self.month and self.month != month:
            self.spent = -metered
        self.month = month
        return self.spent + metered

    def suspends_at(self, used: float) -> bool:
        """True if its warehouses may not resume with this many credits used."""
        percentages = [at for at in (self.suspend_at, self.suspend_immediately_at) if at]
        if self.quota is None or not percentages:
            return False
        return used >= self.quota * min(percentages) / 100

    def row(self, used: float, level: str | None) -> tuple[object, ...]:
        """Its row of `SHOW RESOURCE MONITORS`; numbers are texts with two digits, as there."""
        quota = self.quota
        return (
            self.name,
            None if quota is None else f"{quota:.2f}",
            f"{used:.2f}",
            None if quota is None else f"{quota - used:.2f}",
            level,
            self.frequency,
            self.start_time,
            self.end_time or None,
            ",".join(f"{at}%" for at in sorted(self.notify_at)) or None,
            f"{self.suspend_at}%" if self.suspend_at else None,
            f"{self.suspend_immediately_at}%" if self.suspend_immediately_at else None,
            self.created_on,
            self.owner,
            self.comment,
            self.notify_users,
        )
