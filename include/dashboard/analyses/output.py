"""What an analysis leaves behind: a picture, a CSV file and some sentences."""

import os
from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import Final

import altair as alt
import pandas as pd

from include.dashboard.components import as_csv

# Okabe and Ito's colours, which people with any kind of colour blindness can distinguish, on white:
# https://jfly.uni-koeln.de/color/
BLUE: Final = "#0072B2"
GREEN: Final = "#009E73"
GREY: Final = "#8C8C8C"
ORANGE: Final = "#E69F00"
PURPLE: Final = "#CC79A7"
VERMILLION: Final = "#D55E00"

# The folder of the files; a relative one is below the current folder.
FOLDER_VARIABLE: Final = "DDRC_ANALYSES"
FOLDER: Final = ".local/analyses"
MADE_UP: Final = "The history behind this chart is made up: a laptop's sample data."
_WIDTH: Final = 640
# As many as fit above a chart of that width.
_CHARACTERS: Final = 105


def titled(
    chart: alt.TopLevelMixin, title: str, sentences: Sequence[str], *, is_made_up: bool = False
) -> alt.TopLevelMixin:
    """A chart with its answer above it, on white, for a page or a slide.

    Args:
        chart: The chart.
        title: The question or its answer, in one line.
        sentences: What a reader has to know beside the chart, a line each.
        is_made_up: Whether to say that the history is made up.
    """
    said = [*sentences, *([MADE_UP] if is_made_up else [])]
    lines = [line for sentence in said for line in wrap(sentence, _CHARACTERS)]
    finished: alt.TopLevelMixin = (
        chart.properties(
            title=alt.TitleParams(
                title,
                subtitle=lines,
                anchor="start",
                fontSize=18,
                subtitleFontSize=12,
                subtitleColor="#444444",
                offset=14,
            ),
            background="white",
            padding=16,
        )
        .configure_axis(labelFontSize=12, titleFontSize=12, labelColor="#333", titleColor="#333")
        .configure_legend(labelFontSize=12, titleFontSize=12, labelLimit=320, symbolLimit=20)
        .configure_header(labelFontSize=13, labelFontWeight="bold", labelLimit=320, title=None)
        .configure_view(stroke="#dddddd")
    )
    return finished


def without_rows(sentence: str) -> alt.Chart:
    """A chart that says why there is nothing to draw."""
    chart: alt.Chart = (
        alt.Chart(pd.DataFrame({"text": [sentence]}))
        .mark_text(fontSize=14, color="#444444", align="left")
        .encode(text="text:N", x=alt.value(8), y=alt.value(30))
        .properties(width=_WIDTH, height=60)
    )
    return chart


def save(
    name: str, chart: alt.TopLevelMixin, table: pd.DataFrame, sentences: Sequence[str]
) -> alt.TopLevelMixin:
    """Print the sentences and write `<name>.png` and `<name>.csv`; return the chart.

    A notebook shows the chart, which is the value of its last cell.

    Args:
        name: The analysis.
        chart: Its chart.
        table: Its numbers.
        sentences: Its results in words.

    Raises:
        OSError: The folder cannot be written.
    """
    folder = Path(os.environ.get(FOLDER_VARIABLE, FOLDER))
    folder.mkdir(parents=True, exist_ok=True)
    picture, file = folder / f"{name}.png", folder / f"{name}.csv"
    chart.save(str(picture), scale_factor=2)
    file.write_bytes(as_csv(table))
    print(*sentences, f"Wrote {picture} and {file}.", sep="\n")
    return chart
