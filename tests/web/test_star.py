"""The star: a thing among its relations, on which nothing hides anything, in any letters."""

from __future__ import annotations

from itertools import pairwise

import pytest

from endpoint.names import Value
from endpoint.web.star.drawing import CENTRE, MOST, NAME, NAME_WIDTH, Spoke, star
from endpoint.web.star.text import VERB, lines, width
from tests.web.watching import Opener

HOSTILE = ("<script>alert(1)</script>", "مدينة ‮gnol שלום", "x" * 10_000, "🗺️" * 40, '"&]]>\u0301')
# Things with many relations, with relations of many kinds, or with long words, found among all of
# the national atlas as those on which texts ran over each other or out of their boxes.
WORST = (
    "/doc/grouping/200067106",
    "/doc/grouping/248300543",
    "/doc/department/26",
    "/doc/region/52",
    "/doc/competence/banatic-2021-5505",
    "/doc/descriptor/cross-cutting-work",
    "/doc/descriptor/relational-atlas",
    "/doc/question/experience-exchange",
    "/doc/document/calame-talk-talk",
    "/doc/site/citego",
    "/vocabulary/document-types/dossier",
    "/ontology/PublicAuthority",
    "/questions",
    "/map?centre=grouping/245400676",
)
# Of each drawing: every text that is over another text, a dot, an arrow, a line or the box in the
# middle, or beyond the frame. Of a line of text its middle is looked at, where the letters are.
OVERLAPS = """() => [...document.querySelectorAll(".star svg")].flatMap((svg) => {
  const found = [];
  const box = (element) => element.getBoundingClientRect();
  const frame = box(svg);
  const texts = [...svg.querySelectorAll("text tspan:not(.star-gap)")].map((span) => {
    const range = document.createRange();
    range.selectNodeContents(span);
    const { left, right, top, bottom, height } = range.getBoundingClientRect();
    return { said: span.textContent, whole: span.closest("text"), left, right,
      top: top + 0.18 * height, bottom: bottom - 0.18 * height };
  });
  const shapes = [...svg.querySelectorAll("rect.star-box, circle, .star-arrow")]
    .map((shape) => ({ said: shape.getAttribute("class"), ...box(shape).toJSON() }));
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const inside = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1
    && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
  const middle = shapes.find(({ said }) => said === "star-box");
  texts.forEach((text, nth) => {
    const central = text.whole.matches(".star-centre");
    if (!inside(text, central ? middle : frame)) found.push(`${text.said} is out of its place`);
    const shown = central ? shapes.filter((one) => one !== middle) : shapes;
    const others = [...texts.slice(nth + 1), ...shown];
    for (const other of others) if (meet(text, other)) found.push(`${text.said} on ${other.said}`);
  });
  const at = svg.getScreenCTM();
  for (const path of svg.querySelectorAll(".star-line")) {
    for (let far = 0; far < path.getTotalLength(); far += 8) {
      const { x, y } = path.getPointAtLength(far).matrixTransform(at);
      const under = texts.find((text) => !text.whole.matches(".star-centre")
        && x > text.left + 1 && x < text.right - 1 && y > text.top + 1 && y < text.bottom - 1);
      if (under) found.push(`a line through ${under.said}`);
    }
  }
  return found;
})"""


def test_the_star_keeps_every_name_in_its_place_and_counts_what_it_leaves_out() -> None:
    spokes = [
        Spoke(
            verb=f"verbe {number % 5}",
            direction="to" if number % 3 else "from",
            other=Value(HOSTILE[number % len(HOSTILE)] * (number % 3 + 1)),
        )
        for number in range(30)
    ]
    figure = star(Value("centre " * 40), spokes)
    assert figure.more == len(spokes) - MOST
    ends = [end for branch in figure.branches for end in branch.ends]
    assert len(ends) == MOST
    for side in (1, -1):
        column = sorted(
            (end.text_y, len(end.lines))
            for branch in figure.branches
            if branch.side == side
            for end in branch.ends
        )
        for (above, count), (below, _) in pairwise(column):
            assert below - above >= count * 18 - 1, "no name runs into the next"
        assert column[0][0] > 0
        assert column[-1][0] + (column[-1][1] - 1) * 18 < figure.height
    assert figure.width == 2 * (NAME + NAME_WIDTH)
    assert all(width(line, 15) <= NAME_WIDTH for end in ends for line in end.lines)


def test_a_few_relations_stay_on_the_side_on_which_they_read() -> None:
    figure = star(Value("Nancy"), [Spoke("est membre de", "from", Value("Métropole"))])
    assert [branch.side for branch in figure.branches] == [1]
    assert not star(Value("seul"), []).branches


def test_a_drawing_of_some_of_many_counts_those_it_was_not_given() -> None:
    spokes = [Spoke("contient", "from", Value(f"{number}")) for number in range(MOST)]
    assert star(Value("tout"), spokes, every=77).more == 77 - MOST


def test_lines_break_at_words_and_end_in_an_ellipsis() -> None:
    assert lines("un deux", 500, 15) == ("un deux",)
    assert lines("", 100, 15) == ("",)
    cut = lines("un mot après un autre et encore un mot de plus", 90, 15, most=2)
    assert len(cut) == 2
    assert cut[-1].endswith("…")
    assert all(width(line, 15) <= 90 for line in lines("x" * 500, 90, 15))


def test_no_verb_comes_to_the_box_in_the_middle_or_to_the_names() -> None:
    """Of any number of verbs, however long, on branches that bend towards the middle."""
    for count in (1, 2, 3, 7, 24):
        spokes = [
            Spoke(
                verb=f"{number} est articulé avec les compétences de", direction="from", other=end
            )
            for number, end in enumerate([Value("x" * 90)] * count)
        ]
        for branch in star(Value("centre " * 40), spokes).branches:
            half = max(width(line, 13.5, VERB) for line in branch.lines) / 2
            ends = [abs(end.text_x) for end in branch.ends]
            assert abs(branch.x) - half >= CENTRE
            assert abs(branch.x) + half <= min(ends)


@pytest.mark.national
@pytest.mark.slow
def test_nothing_hides_anything_on_the_worst_real_drawings(open_page: Opener) -> None:
    page = open_page("/questions", scripts=False)
    for address in WORST:
        page.goto(address)
        assert page.locator(".star svg").count(), address
        assert page.evaluate(OVERLAPS) == [], address
