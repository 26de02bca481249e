"""
### What it is for
To raise or lower the severity of an open incident, with a reason. Slack gets a message; a high
severity mentions the person who responds at this hour.

### When it runs
When somebody triggers it. The parameters are the incident, its severity, and why. The severity
stays until the incident is over; the watch does not change it.

### What breaks
If no such incident is open, the task is skipped and changes nothing; its log lists the open ones.

### What to do
Copy the identifier from the last line of the Slack message, or from the page *Publication*.
"""

from airflow.sdk import DAG

from include.pipeline import MANUAL, SEVERITY_PARAMS, set_severity

with DAG("set_severity", doc_md=__doc__, tags=["publication"], params=SEVERITY_PARAMS, **MANUAL):
    set_severity()
