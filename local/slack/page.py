"""Renders the page of the messages, newest first, with times in California."""

from datetime import datetime

from include.times import CALIFORNIA
from local.slack.blocks import render_message
from local.slack.inbox import Received

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="15">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><h1># incidents</h1><p>{summary}</p></header>
<main>
{messages}
</main>
</body>
</html>
"""

_MESSAGE = """<article>
<div class="avatar" aria-hidden="true">D</div>
<div class="message">
<p class="sender"><b>DDRC pipelines</b> <time datetime="{machine}">{human}</time></p>
{body}
</div>
</article>
"""


def render_page(received: list[Received], *, is_down: bool) -> str:
    """Render the page.

    Args:
        received: The messages, oldest first.
        is_down: Whether the webhook is switched off.
    """
    count = "1 message" if len(received) == 1 else f"{len(received)} messages"
    summary = f"The Slack of this laptop: {count}."
    if is_down:
        summary += " It is switched off: the webhook responds with 503."
    messages = "".join(_article(message) for message in reversed(received))
    empty = '<p class="empty">No messages yet. Failures of the pipeline appear here.</p>'
    return _PAGE.format(title=f"{count} in Slack", summary=summary, messages=messages or empty)


def _article(received: Received) -> str:
    moment = datetime.fromisoformat(received.received_at)
    human = moment.astimezone(CALIFORNIA).strftime("%b %d, %Y, %-I:%M:%S %p %Z")
    return _MESSAGE.format(
        machine=moment.isoformat(), human=human, body=render_message(received.message)
    )
