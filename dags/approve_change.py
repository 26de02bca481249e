"""
### What it is for
The review of a suspicious change of the public metrics: a count that fell, a jump, a metric that
vanished. `publish_metrics` starts a run and Slack gets the link. `ask` shows the differences and
offers to publish or to hold. Without an answer, the change is held and Slack is notified.

### When it runs
Only when `publish_metrics` starts it. When the sources have released other metrics meanwhile, an
answer publishes nothing: a newer run asks about those.

### What breaks
Nothing public: the last version stays until another one is published.

### What to do
Open *Required actions* of the run, compare with the source, and answer with a reason. Your name and
reason are stored with the version. Held metrics are asked about again after a day, and at once if
they change, or if you clear `ask`.
"""

from airflow.sdk import DAG, chain

from include.pipeline import MANUAL, ask, promote_if_approved, record_published, verify_served

with DAG("approve_change", doc_md=__doc__, tags=["publication"], **MANUAL):
    promoted = promote_if_approved()
    chain(ask(), promoted, verify_served(promoted), record_published(promoted))
