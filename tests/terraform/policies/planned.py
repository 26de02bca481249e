"""A plan as the policies read it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.terraform.running import Resource


@dataclass(frozen=True)
class Planned:
    """The resources of one environment, all of whose objects have names.

    Attributes:
        environment: `DEV` or `PRD`.
        resources: The planned resources.
    """

    environment: str
    resources: list[Resource]

    @property
    def suffix(self) -> str:
        """The end of every name in Snowflake."""
        return f"DDRC_{self.environment}"

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of these types."""
        return (one for one in self.resources if one.type in types)

    def names(self, *types: str) -> set[str]:
        """The names of the resources of these types."""
        return {one.values["name"] for one in self.of_type(*types)}
