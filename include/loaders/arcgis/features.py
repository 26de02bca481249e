"""A page of features as an Arrow record batch."""

from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa

from include.loaders.arcgis.declarations import flag
from include.loaders.arcgis.metadata import LayerInfo
from include.loaders.columns import ARROW, check_names, match_names, to_array
from include.loaders.errors import SchemaError
from include.loaders.excerpts import short_repr
from include.loaders.geometry.parts import Floats, Integers, MalformedError
from include.loaders.geometry.projection import UnknownSystemError
from include.loaders.geometry.shapes import Shapes, no_shapes, read_shapes
from include.loaders.report import Notes
from include.loaders.values import integer

GEOMETRY = "GEOMETRY"


@dataclass(frozen=True)
class Page:
    """Some rows of a layer.

    Attributes:
        ids: The rows' object ids in the order of the rows, shape (rows,).
        batch: The rows: the layer's columns and `GEOMETRY`, in an Arrow record batch.
        bounds: The extent of each shape, as in `Shapes`.
        kinds: The kind of each shape, as in `Shapes`.
        more: True if the answer says that rows were left out (`exceededTransferLimit`), False if
            it says that none were, `None` if it does not say.
    """

    ids: Integers
    batch: pa.RecordBatch
    bounds: Floats
    kinds: Integers
    more: bool | None = None

    def only(self, ids: Integers) -> "Page":
        """The rows whose ids are among `ids`."""
        wanted = np.isin(self.ids, ids)
        return self if wanted.all() else self._at(np.flatnonzero(wanted))

    def in_id_order(self) -> "Page":
        """The same rows in the order of their ids."""
        if (np.diff(self.ids) > 0).all():
            return self
        return self._at(np.argsort(self.ids, kind="stable"))

    def _at(self, rows: Integers) -> "Page":
        taken = self.batch.take(pa.array(rows))
        return Page(self.ids[rows], taken, self.bounds[rows], self.kinds[rows], self.more)


def join_pages(pages: list[Page]) -> Page:
    """One page made of several, in the order of the object ids; `more` is the last one's."""
    if len(pages) == 1:
        return pages[0].in_id_order()
    return Page(
        np.concatenate([page.ids for page in pages]),
        pa.concat_batches([page.batch for page in pages]),
        np.concatenate([page.bounds for page in pages]),
        np.concatenate([page.kinds for page in pages]),
        pages[-1].more,
    ).in_id_order()


class FeatureReader:
    """Turns answers into pages of one schema, the layer's declared one.

    Attributes:
        schema: The Arrow schema of the pages: the declared fields and `GEOMETRY`.
    """

    def __init__(self, info: LayerInfo, required: tuple[str, ...], notes: Notes) -> None:
        self._info = info
        self._required = {name.casefold() for name in required}
        self._notes = notes
        self.schema = pa.schema(
            [(column.name, ARROW[column.type]) for column in info.columns]
            + [(GEOMETRY, pa.binary())]
        )

    def read(self, answer: Any) -> Page:
        """The features of one answer, as a page.

        Raises:
            SchemaError: The answer has no features, or values that their fields cannot hold.
        """
        features = answer.get("features") if isinstance(answer, dict) else None
        if not isinstance(features, list):
            reason = f"the answer has no list of features: {short_repr(answer)}"
            raise SchemaError(self._info.source, reason, self._info.url)
        rows = self._rows(features)
        actual, extra = match_names(
            (column.name for column in self._info.columns), rows, self._info.source
        )
        if extra:
            # Two spellings of one field would lose the values of one of them.
            check_names(self._info.source, [*actual, *extra])
        ids = self._ids(rows, actual[self._info.object_id])
        arrays = [
            to_array(
                self._values(rows, ids, actual[column.name]),
                column,
                self._info.source,
                lambda position: f"row {self._info.object_id}={ids[position]}",
            )
            for column in self._info.columns
        ]
        for name in extra:
            self._notes.add(f"the undeclared field {short_repr(name)} was not read")
        shapes = self._shapes(answer, features, ids)
        arrays.append(pa.array(shapes.wkb, pa.binary()))
        batch = pa.record_batch(arrays, schema=self.schema)
        more = flag(answer.get("exceededTransferLimit"))
        return Page(ids, batch, shapes.bounds, shapes.kinds, more)

    def _rows(self, features: list[Any]) -> list[dict[str, Any]]:
        """The attributes of each feature.

        Raises:
            SchemaError: A feature has no attributes; they have its id.
        """
        with suppress(KeyError, TypeError):
            rows = list(map(itemgetter("attributes"), features))
            if {*map(type, rows)} <= {dict}:
                return rows
        position, feature = next(
            (position, feature)
            for position, feature in enumerate(features)
            if not isinstance(feature, dict) or not isinstance(feature.get("attributes"), dict)
        )
        raise self._no_id(position, f"is {short_repr(feature)}")

    def _ids(self, rows: list[dict[str, Any]], name: str) -> Integers:
        """The object id of each row.

        Raises:
            SchemaError: A row has no whole number of 64 bits as its id.
        """
        given = [row.get(name) for row in rows]
        with suppress(OverflowError):
            if {*map(type, given)} <= {int}:
                return np.array(given, dtype=np.int64)
        return np.array([self._id(*each) for each in enumerate(given)], dtype=np.int64)

    def _id(self, position: int, value: Any) -> int:
        try:
            number = integer(value)
        except (ValueError, TypeError, OverflowError):
            number = None
        if number is None:
            raise self._no_id(position, f"has {short_repr(value)}")
        return number

    def _no_id(self, position: int, reason: str) -> SchemaError:
        return SchemaError(
            self._info.source,
            f"a feature has no whole number in {self._info.object_id} (feature {position + 1:,} "
            f"of the answer {reason})",
            self._info.url,
        )

    def _values(self, rows: list[dict[str, Any]], ids: Integers, name: str) -> list[Any]:
        try:
            return list(map(itemgetter(name), rows))
        except KeyError:
            absent = [position for position, row in enumerate(rows) if name not in row]
        if name.casefold() in self._required:
            reason = (
                f"the required field {name!r} is missing from {len(absent):,} rows, first from "
                f"{self._info.object_id}={ids[absent[0]]}"
            )
            raise SchemaError(self._info.source, reason, self._info.url)
        self._notes.add(
            f"rows without the field {name!r}, which is null there: {{count}}", len(absent)
        )
        return [row.get(name) for row in rows]

    def _shapes(
        self, answer: dict[str, Any], features: list[dict[str, Any]], ids: Integers
    ) -> Shapes:
        if self._info.geometry_type is None:
            return no_shapes(len(features))
        if answer.get("transform") is not None:
            reason = "the answer has quantized coordinates (`transform`), which were not requested"
            raise SchemaError(self._info.source, reason, self._info.url)
        geometries = [feature.get("geometry") for feature in features]
        if geometries and not any(geometries):
            self._notes.add("rows of answers without any shape: {count}", len(geometries))
        try:
            shapes = read_shapes(
                geometries, self._info.geometry_type, answer.get("spatialReference")
            )
        except MalformedError as error:
            row = f"row {self._info.object_id}={ids[error.position]}"
            raise SchemaError(self._info.source, f"{row}: bad geometry: {error}") from error
        except UnknownSystemError as error:
            raise SchemaError(self._info.source, f"bad geometry: {error}") from error
        self._notes.add("invalid shapes that were repaired: {count}", shapes.repaired)
        self._notes.add("shapes without usable coordinates, which are null: {count}", shapes.lost)
        for reason, positions in (
            ("with coordinates that are not on Earth", shapes.off_earth),
            ("of another type than the layer's", shapes.other_kind),
        ):
            self._notes.add_rows(
                f"shapes {reason}, which are null: {{count}} ({self._info.object_id}={{rows}})",
                ids[positions].tolist(),
            )
        return shapes
