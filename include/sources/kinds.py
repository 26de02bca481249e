"""The kinds of sources, and what has to be known of one of each kind."""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["text", "integer", "number", "timestamp", "date", "boolean"]


@dataclass(frozen=True)
class RawTable:
    """A table in the raw database: `RAW_DDRC_{ENV}.<schema>.<name>`."""

    schema: str
    name: str


@dataclass(frozen=True)
class Expectations:
    """What a load of a source must bring, or it is taken for broken.

    Attributes:
        rows: The fewest rows that are believable at all.
        share: The source's floor: the smallest part of the last good load's rows that is
            believable, from 0 to 1. How far a source may really shrink within an hour is
            declared with each one.
    """

    rows: int = 1
    share: float = 0.9


@dataclass(frozen=True)
class ArcgisLayer:
    """One layer of an ArcGIS FeatureServer or MapServer.

    `url` is the layer's address, without a query. `key` names the field whose values
    identify a row across loads: the layer's object id where that is stable. `required` names
    the fields without which no metric can be counted: a layer that has lost one is refused.
    """

    name: str
    url: str
    key: str
    table: RawTable
    required: tuple[str, ...] = ()
    expects: Expectations = Expectations()


@dataclass(frozen=True)
class JsonField:
    """A declared field of a JSON list. A required one may be null but not missing."""

    name: str
    type: FieldType
    required: bool = True


@dataclass(frozen=True)
class JsonList:
    """One HTTP endpoint that answers a JSON list of flat objects."""

    name: str
    url: str
    table: RawTable
    fields: tuple[JsonField, ...]
    expects: Expectations = Expectations()


@dataclass(frozen=True)
class FivetranConnector:
    """A Fivetran connector that fills one raw table by itself.

    Attributes:
        connector_variable: The Airflow Variable that holds the connector's id, which differs
            between environments.
        service: Fivetran's name for the kind of source, for example `dynamo_db`.
        key: The column that identifies a row.
        keeps_deleted: Whether a row that is gone from the source stays and is marked
            (Fivetran's soft delete mode), or is removed.
    """

    name: str
    connector_variable: str
    service: str
    key: str
    table: RawTable
    keeps_deleted: bool = False


# What a source loads: a layer, a list or a connector, each with a raw table of its own.
Part = ArcgisLayer | JsonList | FivetranConnector
