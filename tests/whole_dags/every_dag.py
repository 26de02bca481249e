"""The DAGs in Airflow's metadata tables."""

from collections.abc import Callable, Mapping
from typing import Any

from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
from airflow.models.dag import DagModel
from airflow.sdk.definitions.dag import DAG
from airflow.utils.session import create_session
from sqlalchemy import update


def enter_every_dag(change: Callable[[Any], None] = lambda _: None) -> Mapping[str, DAG]:
    """Parse every DAG and write it to the metadata tables; none is paused, as on a new laptop.

    Args:
        change: Changes each task before.
    """
    manager = DagBundlesManager()  # type: ignore[no-untyped-call]
    manager.sync_bundles_to_db()
    [bundle] = manager.get_all_dag_bundles()
    bundle.initialize()
    bag = BundleDagBag(bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
    assert not bag.import_errors
    for task in (task for dag in bag.dags.values() for task in dag.tasks):
        change(task)
    sync_bag_to_db(bag, bundle.name, bundle.version)
    with create_session() as session:
        session.execute(update(DagModel).values(is_paused=False))
    return dict(bag.dags)
