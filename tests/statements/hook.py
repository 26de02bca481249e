"""A hook for folders whose tests run DAGs: each test fails if a DAG sent an unknown statement.

Import `pytest_runtest_call` in the folder's conftest.
"""

from collections.abc import Generator

import pytest

from local.cloud import Cloud
from tests.statements.gate import GATE
from tests.whole_dags.helpers import statements


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Function) -> Generator[None, object, object]:
    """After a test, compare what the cloud's warehouse has received since the last one.

    The statements of a test that fails are compared after the next one, so that its own failure
    is reported.
    """
    result = yield
    cloud = item.funcargs.get("cloud")
    if isinstance(cloud, Cloud):
        GATE.compare(statements(cloud, GATE.last))
    return result
