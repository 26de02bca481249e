"""
### What it is for
A change of the public metrics that is valid but odd: a count that fell, a jump, a metric that
vanished. `publish_metrics` starts a run for it, and Slack gets the link. `ask` shows the
differences and offers to publish or to hold; unanswered, it holds, and Slack is told.

### When it runs
Only when `publish_metrics` starts it. A newer candidate takes the place of one that still waits.

### What breaks
Nothing public: the last version stays until somebody publishes another one.

### What to do
Open *Required actions* of the run, compare with the source, and answer with a reason. Answer and
person are kept with the version. To ask again after it was held, clear `ask`.
"""

from airflow.sdk import DAG, chain

from include.pipeline import MANUAL, ask, promote_if_approved, record_published, verify_served

with DAG("approve_change", doc_md=__doc__, tags=["publication"], **MANUAL):
    promoted = promote_if_approved()
    chain(ask(), promoted, verify_served(promoted), record_published(promoted))
