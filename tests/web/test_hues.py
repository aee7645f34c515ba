"""The hues of the seven components stay apart for every kind of sight, on light and dark paper.

They never stand alone, the number of the component is always there; these bounds keep them useful.
"""

from __future__ import annotations

import re
from itertools import combinations
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "endpoint" / "assets" / "parts" / "tokens.css"
Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]

# What is left of linear red, green and blue without one kind of cones, in full:
# Machado, Oliveira and Fernandes 2009, https://doi.org/10.1109/TVCG.2009.113, table 1.
SIGHTS: dict[str, Matrix] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# https://www.w3.org/TR/css-color-4/#color-conversion-code, D65
TO_XYZ: Matrix = (
    (0.4123908, 0.3575843, 0.1804808),
    (0.2126390, 0.7151687, 0.0721923),
    (0.0193308, 0.1191948, 0.9505322),
)
WHITE: Triple = (0.9504559, 1.0, 1.0890578)


def tokens(scheme: int) -> dict[str, str]:
    """The colours of the tokens, of the light scheme (0) or the dark one (1)."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS.read_text("utf-8"))
    return {name: both[scheme] for name, *both in found}


def hues(scheme: int) -> list[str]:
    known = tokens(scheme)
    return [known[f"component-{number}"] for number in range(1, 8)]


def times(matrix: Matrix, vector: Triple) -> Triple:
    rows = [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]
    return (rows[0], rows[1], rows[2])


def linear(colour: str) -> Triple:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    made = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return (made[0], made[1], made[2])


def lab(rgb: Triple) -> Triple:
    """CIELAB of linear sRGB."""
    clipped = tuple(min(max(part, 0.0), 1.0) for part in rgb)
    xyz = times(TO_XYZ, (clipped[0], clipped[1], clipped[2]))
    ratios = [part / white for part, white in zip(xyz, WHITE, strict=True)]
    x, y, z = (r ** (1 / 3) if r > 216 / 24389 else (24389 / 27 * r + 16) / 116 for r in ratios)
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))


def difference(one: Triple, other: Triple) -> float:
    """CIEDE2000 of two CIELAB colours: https://doi.org/10.1002/col.20070 (Sharma and others)."""
    chroma = (hypot(*one[1:]) + hypot(*other[1:])) / 2
    stretch = 1 + 0.5 * (1 - sqrt(chroma**7 / (chroma**7 + 25**7)))
    (a1, b1), (a2, b2) = ((stretch * one[1], one[2]), (stretch * other[1], other[2]))
    c1, c2 = hypot(a1, b1), hypot(a2, b2)
    h1, h2 = (degrees(atan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 and c2 else 0.0
    apart = 2 * sqrt(c1 * c2) * sin(radians(turn / 2))
    light, mean = (one[0] + other[0]) / 2, (c1 + c2) / 2
    hue = (h1 + turn / 2) % 360 if c1 and c2 else h1 + h2
    weight = (
        1
        - 0.17 * cos(radians(hue - 30))
        + 0.24 * cos(radians(2 * hue))
        + 0.32 * cos(radians(3 * hue + 6))
        - 0.20 * cos(radians(4 * hue - 63))
    )
    by_light = 1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2)
    by_chroma, by_hue = 1 + 0.045 * mean, 1 + 0.015 * mean * weight
    rotation = (
        -2 * sqrt(mean**7 / (mean**7 + 25**7)) * sin(radians(60 * exp(-(((hue - 275) / 25) ** 2))))
    )
    parts = (other[0] - one[0]) / by_light, (c2 - c1) / by_chroma, apart / by_hue
    return sqrt(sum(part**2 for part in parts) + rotation * parts[1] * parts[2])


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    dark, light = sorted(times(TO_XYZ, linear(colour))[1] for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def test_the_difference_is_that_of_the_published_examples() -> None:
    # Rows 1, 7, 13, 17, 25 and 34 of the table of Sharma and others.
    for one, other, wanted in (
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, -0.001, 2.49), (50.0, 0.0011, -2.49), 4.7461),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ):
        assert difference(one, other) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_hues_stay_apart(scheme: int, sight: str) -> None:
    seen = [lab(times(SIGHTS[sight], linear(colour))) for colour in hues(scheme)]
    least = min(difference(one, other) for one, other in combinations(seen, 2))
    assert least >= 15, "CIEDE2000; two are told apart at a glance from about 10 on"


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_hues_are_seen_on_their_paper(scheme: int) -> None:
    """WCAG 2.2, 1.4.11: what must be seen to understand has three to one."""
    known = tokens(scheme)
    assert all(contrast(colour, known["paper"]) >= 3 for colour in hues(scheme))
