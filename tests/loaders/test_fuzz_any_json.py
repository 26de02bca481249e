"""Answers with any JSON in two places: a layer is read, or the error is a typed one."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.loaders import LoadError
from include.loaders.arcgis.metadata import FIELD_TYPES
from include.loaders.geometry.esri_json import KINDS
from tests.loaders.fuzzed_layer import LAYERS, read
from tests.loaders.layer import FIELDS
from tests.loaders.mutations import DELETED, Path, paths, replaced

METADATA = LAYERS["by offset"].describe()
PAGE = json.loads(LAYERS["by offset"].page(LAYERS["by offset"].rows[:2]).body)
# Where another value can take the place of the layer's own: the kind of answer and the way to it.
PLACES: list[tuple[str, Path]] = [
    *(("metadata", path) for path in paths(METADATA)),
    *(("count", path) for path in paths({"count": 6})),
    *(("ids", path) for path in paths({"objectIds": [1, 2]})),
    *(("page", path) for path in paths(PAGE)),
]
NAMES = [*METADATA, *PAGE, *FIELDS, "attributes", "geometry", "rings", "x", "y", "wkid", "error"]
WORDS = [*FIELD_TYPES, *KINDS, *FIELDS, "true", "2025-01-07", "NaN", "\ud800", "\0"]

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(WORDS)
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=10,
)
CHANGES = st.lists(
    st.tuples(st.sampled_from(PLACES), ANY_JSON | st.just(DELETED)), min_size=1, max_size=2
)


@pytest.mark.parametrize("name", LAYERS)
@settings(max_examples=50)
@given(changes=CHANGES)
def test_only_typed_errors_come_out(name: str, changes: list[tuple[tuple[str, Path], Any]]) -> None:
    def change(kind: str, _number: int, answer: Any) -> Any:
        for (place, path), other in changes:
            if place == kind:
                answer = replaced(answer, path, other)
        return answer

    with suppress(LoadError):
        read(name, change)
