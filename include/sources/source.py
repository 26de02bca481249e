"""A source: its name, its parts, and how its metrics are made."""

from dataclasses import dataclass
from typing import Literal

from include.sources.kinds import (
    ArcgisLayer,
    FivetranConnector,
    JsonList,
    Kind,
    LoadedPart,
    Part,
)

MetricsKind = Literal["computed", "entered by staff", "for analysis"]


@dataclass(frozen=True, init=False)
class Source:
    """One source: a DAG, dbt models, an asset and a released file bear its name.

    Attributes:
        name: The name; the module that declares the source bears it too.
        parts: The layers, the lists or the connector that it loads, each into its own raw table.
        metrics: How its metrics are made: `computed` from its rows by the rules of its mart,
            `entered by staff`, of which a computed metric of the same name takes the place, or
            `for analysis`, which are not in the published file.
    """

    name: str
    parts: tuple[Part, ...]
    metrics: MetricsKind

    def __init__(self, name: str, *parts: Part, metrics: MetricsKind = "computed") -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "metrics", metrics)

    @property
    def layers(self) -> tuple[ArcgisLayer, ...]:
        """Its ArcGIS layers."""
        return tuple(part for part in self.parts if isinstance(part, ArcgisLayer))

    @property
    def lists(self) -> tuple[JsonList, ...]:
        """Its JSON lists."""
        return tuple(part for part in self.parts if isinstance(part, JsonList))

    @property
    def connectors(self) -> tuple[FivetranConnector, ...]:
        """Its Fivetran connectors."""
        return tuple(part for part in self.parts if isinstance(part, FivetranConnector))

    @property
    def loaded(self) -> tuple[LoadedPart, ...]:
        """The layers and lists, which `include/loaders` loads."""
        return (*self.layers, *self.lists)

    @property
    def kind(self) -> Kind:
        """The kind of its parts."""
        return self.parts[0].kind

    @property
    def is_synced(self) -> bool:
        """True if Fivetran fills its raw tables, false if `include/loaders` does."""
        return bool(self.connectors)

    @property
    def mart(self) -> str:
        """The dbt model that holds its metrics."""
        return f"{self.name}_metrics"
