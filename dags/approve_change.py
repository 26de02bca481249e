"""
### What it is for
The review of a suspicious change of the public metrics: a count that fell, a jump, a metric that
vanished. `publish_metrics` starts a run and Slack gets the link. `ask` shows the differences and
offers to publish or to hold. Without an answer, the change is held and Slack is notified.

### When it runs
Only when `publish_metrics` starts it. A newer candidate replaces one still waiting for review.

### What breaks
Nothing public: the last version stays until another one is published.

### What to do
Open *Required actions* of the run, compare with the source, and answer with a reason. Your name and
reason are stored with the version. To ask again after a hold, clear `ask`.
"""

from airflow.sdk import DAG, chain

from include.pipeline import MANUAL, ask, promote_if_approved, record_published, verify_served

with DAG("approve_change", doc_md=__doc__, tags=["publication"], **MANUAL):
    promoted = promote_if_approved()
    chain(ask(), promoted, verify_served(promoted), record_published(promoted))
