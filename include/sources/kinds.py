"""The kinds of parts that a source loads: an ArcGIS layer, a JSON list, a Fivetran connector."""

from dataclasses import dataclass
from typing import ClassVar, Literal

Kind = Literal["arcgis", "json", "fivetran"]
FieldType = Literal["text", "integer", "number", "timestamp", "date", "boolean"]


@dataclass(frozen=True)
class RawTable:
    """A table in the raw database: `RAW_DDRC_{ENV}.<schema>.<name>`."""

    schema: str
    name: str


@dataclass(frozen=True)
class Expectations:
    """The fewest rows that a load may have; a load with fewer fails.

    Attributes:
        rows: The absolute minimum.
        share: The minimum as a share of the last good load's rows, from 0 to 1. Each source
            declares its own, by how far it may really shrink within an hour.
    """

    rows: int = 1
    share: float = 0.9


@dataclass(frozen=True)
class ArcgisLayer:
    """One layer of an ArcGIS FeatureServer or MapServer.

    Attributes:
        name: The part's name in tasks, files and logs.
        url: The layer's address, without a query.
        key: The field whose values identify a row across loads: the layer's object id where
            that is stable.
        table: The raw table that the loader fills.
        required: The fields that the metrics need. A load from a layer without one fails.
        expects: The fewest rows that a load may have.
    """

    kind: ClassVar[Kind] = "arcgis"

    name: str
    url: str
    key: str
    table: RawTable
    required: tuple[str, ...] = ()
    expects: Expectations = Expectations()

    @property
    def reader(self) -> str:
        """The task that reads it."""
        return "load"

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields that the metrics need, without the key."""
        return tuple(name for name in self.required if name != self.key)


@dataclass(frozen=True)
class JsonField:
    """A declared field of a JSON list.

    Attributes:
        name: The field's name in the list.
        type: The type that its values are read as.
        required: True if each object must have the field; its value may be null.
    """

    name: str
    type: FieldType
    required: bool = True


@dataclass(frozen=True)
class JsonList:
    """One HTTP endpoint that returns a JSON list of flat objects.

    Attributes:
        name: The part's name in tasks, files and logs.
        url: The endpoint's address, with its query.
        table: The raw table that the loader fills.
        fields: The declared fields; any other is loaded as text.
        expects: The fewest rows that a load may have.
    """

    kind: ClassVar[Kind] = "json"

    name: str
    url: str
    table: RawTable
    fields: tuple[JsonField, ...]
    expects: Expectations = Expectations()

    @property
    def reader(self) -> str:
        """The task that reads it."""
        return f"load_{self.name}"

    @property
    def needed(self) -> tuple[str, ...]:
        """The declared fields."""
        return tuple(field.name for field in self.fields)


@dataclass(frozen=True)
class FivetranConnector:
    """A Fivetran connector, which fills one raw table itself.

    Attributes:
        name: The part's name in tasks, files and logs.
        connector_variable: The Airflow Variable that holds the connector's id, which differs
            between environments.
        service: Fivetran's name for the kind of source, for example `dynamodb`.
        key: The column that identifies a row.
        table: The raw table that the connector fills.
        keeps_deleted: True if a row deleted at the source stays in the table, marked as deleted
            (Fivetran's soft delete mode); false if it is removed.
    """

    kind: ClassVar[Kind] = "fivetran"

    name: str
    connector_variable: str
    service: str
    key: str
    table: RawTable
    keeps_deleted: bool = False

    @property
    def reader(self) -> str:
        """The task that waits for its sync."""
        return "wait_for_sync"


# The parts that include/loaders loads, and all: each part fills its own raw table.
LoadedPart = ArcgisLayer | JsonList
Part = LoadedPart | FivetranConnector
