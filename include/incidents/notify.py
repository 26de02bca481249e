"""The failure callback of every task: one Slack message that says what broke."""

from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook
from airflow.sdk import Context

SLACK_CONNECTION = "slack_incidents"
ERROR_LENGTH = 500


def escape(text: str) -> str:
    """Text as Slack shows it literally: no mention, link or markup comes from an error.

    The three characters are those of Slack's own rule for message text.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def failure_text(context: Context) -> str:
    """The message for a failed task: DAG, task, try, the error's first line, and the log."""
    instance = context["ti"]
    error = str(context.get("exception") or "no error was given")
    first_line = next((line for line in error.splitlines() if line.strip()), error)
    return "\n".join(
        [
            f":red_circle: *{instance.dag_id}* failed in `{instance.task_id}`"
            f" (try {instance.try_number}, run `{escape(instance.run_id)}`)",
            escape(first_line[:ERROR_LENGTH]),
            f"<{instance.log_url}|Open the log>",
        ]
    )


def tell(text: str) -> None:
    """Post a message to the incidents channel; what comes from outside has to be escaped."""
    SlackWebhookHook(slack_webhook_conn_id=SLACK_CONNECTION).send(text=text)


def notify_failure(context: Context) -> None:
    """Post the message to the incidents channel."""
    tell(failure_text(context))
