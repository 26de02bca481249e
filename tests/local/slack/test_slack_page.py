"""The page of the messages."""

import httpx
import pytest

from local.credentials import SLACK_PATH
from local.slack.blocks import render_message
from local.slack.mrkdwn import render_mrkdwn


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("a *bold* word", "a <strong>bold</strong> word"),
        ("_slanted_ and ~gone~", "<em>slanted</em> and <s>gone</s>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("snake_case_name", "snake_case_name"),
        ("`a *b* <c>`", "<code>a *b* &lt;c&gt;</code>"),
        ("x\n```\nline <1>\n*2*\n```\ny", "x<pre>line &lt;1&gt;\n*2*</pre>y"),
        ("> said\n> so\nafter", "<blockquote>said\nso</blockquote>after"),
        (":warning: :no_such_sign:", "⚠️ :no_such_sign:"),
        ("<!channel> <@U1|ana>", '<span class="mention">@channel</span> '
         '<span class="mention">@ana</span>'),
        ("a &lt;b&gt; &amp; c < d", "a &lt;b&gt; &amp; c &lt; d"),
    ],
)  # fmt: skip
def test_slacks_marks_become_markup(text: str, markup: str) -> None:
    assert render_mrkdwn(text) == markup


def test_a_link_shows_its_label_and_keeps_its_query() -> None:
    assert render_mrkdwn("*<https://example.org/?a=1&b=2|the run>*") == (
        '<strong><a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer">'
        "the run</a></strong>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<https://example.org/"onclick="x|a>',
        "<javascript:alert(1)|a>",
        '*<img src=x onerror="x">*',
        "`</code><script>`",
        "<https://example.org|<b>>",
        "\ue0000\ue001",
    ],
)
def test_html_in_a_message_is_escaped(text: str) -> None:
    markup = render_mrkdwn(text)
    for forbidden in ("<script", "<img", "<b>", '"onclick', 'href="javascript'):
        assert forbidden not in markup


def test_every_kind_of_block_is_shown() -> None:
    shown = render_message(
        {
            "text": "for the notification",
            "blocks": [
                {"type": "header", "text": {"type": "plain_text", "text": "It *failed*"}},
                {"type": "section", "text": {"type": "mrkdwn", "text": "*why*"}},
                {"type": "section", "fields": [{"type": "mrkdwn", "text": "one field"}]},
                {"type": "divider"},
                {"type": "context", "elements": [{"type": "mrkdwn", "text": "a footnote"}]},
                {"type": "image", "image_url": "https://example.org/i.png", "alt_text": "a chart"},
                {"type": "rich_text", "elements": [{"elements": [{"text": "rich"}]}]},
            ],
            "attachments": [{"title": "attached", "text": "_more_"}],
        }
    )
    for part in (
        '<p class="notification">for the notification</p>',
        "<h3>It *failed*</h3>",
        "<strong>why</strong>",
        '<div class="fields"><div class="text">one field</div></div>',
        "<hr>",
        "a footnote",
        '<a href="https://example.org/i.png" rel="noopener noreferrer">🖼 a chart</a>',
        '<div class="text">rich</div>',
        "<h3>attached</h3>",
        "<em>more</em>",
    ):
        assert part in shown


def test_a_button_with_an_address_is_a_link() -> None:
    def shown(url: str | None) -> str:
        text = {"type": "plain_text", "text": "Runbook"}
        button = {"type": "button", "text": text, "style": "primary", "url": url}
        return render_message({"blocks": [{"type": "actions", "elements": [button]}]})

    assert (
        '<a class="button primary" href="https://example.org/a" rel="noopener noreferrer">'
        "Runbook</a>"
    ) in shown("https://example.org/a")
    for url in (None, "javascript:alert(1)"):
        assert '<span class="button primary">Runbook</span>' in shown(url)


def test_the_newest_message_comes_first_with_its_time_in_california(sink: httpx.Client) -> None:
    for text in ("older", "newer"):
        sink.post(SLACK_PATH, json={"text": text})
    page = sink.get("/").text
    assert page.index("newer") < page.index("older")
    assert " PST</time>" in page or " PDT</time>" in page


def test_an_empty_inbox_says_so(sink: httpx.Client) -> None:
    assert "No messages yet" in sink.get("/").text


def test_the_page_runs_no_script_and_loads_nothing_from_elsewhere(sink: httpx.Client) -> None:
    page = sink.get("/")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    style = sink.get("/style.css").text
    assert "prefers-color-scheme: dark" in style
    assert "http" not in style
    assert "<script" not in page.text
