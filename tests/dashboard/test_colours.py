"""The dashboard's colours: their contrast in both themes, and for colour-blind people."""

import tomllib
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from include.dashboard import components, maps
from local import dashboard

THEME: dict[str, Any] = tomllib.loads(
    (dashboard.APP.parent / ".streamlit" / "config.toml").read_text()
)["theme"]
THEMES = ("light", "dark")
# WCAG 2.2, 1.4.3 and 1.4.11: the least contrast of texts, and of marks that carry meaning.
TEXT, MARK = 4.5, 3.0
# Streamlit draws captions and hints in the text's colour with this opacity.
CAPTION_OPACITY = 0.6
# What people with each kind of colour blindness see of linear RGB: Machado, Oliveira and Fernandes
# 2009, doi.org/10.1109/TVCG.2009.113, severity 1.
SEEN = {
    "all colours": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868],
         [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968],
         [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779],
         [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
# Okabe and Ito's seven colours are at least 8.5 apart by the same measure.
LEAST_DISTANCE = 15.0


def rgb(colour: str) -> Any:
    """A colour's red, green and blue, from 0 to 1."""
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255


def linear(part: Any) -> Any:
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def contrast(one: Any, other: Any) -> float:
    """The contrast of two colours, from 1 to 21, as WCAG defines it."""
    low, high = sorted(float(linear(each) @ [0.2126, 0.7152, 0.0722]) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(light: Any) -> Any:
    """Linear RGB in CIELAB, where a distance of about 2 can just be seen."""
    to_xyz = [[0.4124564, 0.3575761, 0.1804375],
              [0.2126729, 0.7151522, 0.0721750],
              [0.0193339, 0.1191920, 0.9503041]]  # fmt: skip
    xyz = np.array(to_xyz) @ np.clip(light, 0, 1) / np.array([0.95047, 1, 1.08883])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_contrast_of_known_colours_is_that_of_the_standard() -> None:
    assert contrast(rgb("#000000"), rgb("#FFFFFF")) == pytest.approx(21)
    assert contrast(rgb("#767676"), rgb("#FFFFFF")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["backgroundColor", "secondaryBackgroundColor"])
@pytest.mark.parametrize(
    "name", ["textColor", "linkColor", "dataframeHeaderTextColor", "the first of a chart"]
)
def test_texts_have_enough_contrast(name: str, ground: str, theme: str) -> None:
    colours = THEME[theme]
    text = colours.get(name, colours["chartCategoricalColors"][0])
    assert contrast(rgb(text), rgb(colours[ground])) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["backgroundColor", "secondaryBackgroundColor"])
def test_captions_have_enough_contrast(ground: str, theme: str) -> None:
    text, back = rgb(THEME[theme]["textColor"]), rgb(THEME[theme][ground])
    caption = CAPTION_OPACITY * text + (1 - CAPTION_OPACITY) * back
    assert contrast(caption, back) >= TEXT


def test_texts_of_charts_can_be_read_on_white_and_before_the_theme_is_known() -> None:
    text = rgb(components.CHART_TEXT)
    assert contrast(text, rgb(THEME["light"]["backgroundColor"])) >= TEXT
    assert contrast(text, rgb(THEME["dark"]["backgroundColor"])) >= MARK


@pytest.mark.parametrize("theme", THEMES)
def test_marks_have_enough_contrast(theme: str) -> None:
    colours = THEME[theme]
    marks = [*colours["chartCategoricalColors"], colours["primaryColor"], maps.BORDER, maps.FIRE]
    assert min(contrast(rgb(one), rgb(colours["backgroundColor"])) for one in marks) >= MARK


@pytest.mark.parametrize("theme", THEMES)
def test_a_chart_has_as_many_colours_as_it_may_show(theme: str) -> None:
    colours = THEME[theme]["chartCategoricalColors"]
    assert len(set(colours)) == components.MAX_COLOURS


@pytest.mark.parametrize("kind", SEEN)
@pytest.mark.parametrize("theme", THEMES)
def test_each_pair_of_colours_is_far_apart_for_colour_blind_people(theme: str, kind: str) -> None:
    seen = [lab(SEEN[kind] @ linear(rgb(one))) for one in THEME[theme]["chartCategoricalColors"]]
    distances = [float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)]
    assert min(distances) >= LEAST_DISTANCE


@pytest.mark.parametrize("theme", THEMES)
def test_more_of_something_is_further_from_the_background(theme: str) -> None:
    colours = THEME[theme]
    back = rgb(colours["backgroundColor"])
    found = [contrast(rgb(one), back) for one in colours["chartSequentialColors"]]
    # Streamlit takes exactly ten.
    assert len(found) == 10
    assert found == sorted(found)
    assert found[-1] >= 2 * MARK
