"""Bindings as blocks of values: all that may join, each row once."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from federation.partner import IRIS, NONE, Limits, Partner
from federation.query.bindings import Bindings
from federation.query.blocks import Block, blocks
from federation.rows import Rows
from store.answers import Term

XSD = "http://www.w3.org/2001/XMLSchema#"
A, B, C = (NamedNode(f"urn:{name}") for name in "abc")


def asked(*parts: Rows, sends: str = "all", block: int = 2, most: int = 20) -> list[Block]:
    partner = Partner("there", "http://example.org/", sends=sends, limits=Limits(block=block))
    return blocks(Bindings(parts), partner, most=most)


def column(*values: Term, name: str = "x") -> Rows:
    return Rows((name,), [(value,) for value in values])


def test_terms_that_are_written_in_one_way_stand_in_values() -> None:
    made = asked(column(A, B, Literal("c\n\"'"), Literal("d", language="fr")))
    assert [block.values for block in made] == [
        "VALUES (?x) { (<urn:a>) (<urn:b>) }",
        'VALUES (?x) { ("c\\n\\"\'") ("d"@fr) }',
    ]
    assert [(block.bindings, block.filters) for block in made] == [(2, ""), (2, "")]


def test_numbers_dates_and_the_like_are_compared_as_values() -> None:
    (block,) = asked(column(Literal(1), Literal("2020", datatype=NamedNode(XSD + "gYear"))))
    assert (block.values, block.filters) == (
        "",
        f'FILTER(?x = "1"^^<{XSD}integer> || ?x = "2020"^^<{XSD}gYear>)',
    )


def test_a_language_that_engines_write_in_two_ways_is_left_out_of_the_comparison() -> None:
    (block,) = asked(column(Literal("b", language="en-GB"), Literal("c", language="fr")))
    assert block.filters == 'FILTER(STR(?x) IN ("b", "c"))'


def test_equal_numbers_are_asked_together_so_that_no_row_comes_twice() -> None:
    one = (Literal(1), Literal("1.0", datatype=NamedNode(XSD + "decimal")), Literal(1.0))
    made = asked(column(one[0], Literal(2), one[1], Literal(3), one[2]))
    assert [f'"2"^^<{XSD}integer>' in block.filters for block in made] == [False, True]
    assert [block.bindings for block in made] == [3, 2]
    assert all(str(term) in made[0].filters for term in one)


def test_what_is_not_equal_to_itself_or_cannot_be_cut_is_not_sent() -> None:
    nan = Literal("NaN", datatype=NamedNode(XSD + "double"))
    assert asked(column(nan, Literal(1))) == [Block()]
    years = [Literal(str(year), datatype=NamedNode(XSD + "gYear")) for year in range(2000, 2003)]
    assert asked(column(*years)) == [Block()]


def test_values_of_several_variables_stay_together() -> None:
    pairs = Rows(("x", "n"), [(A, Literal(1)), (B, Literal(1)), (A, Literal(2))])
    (block,) = asked(pairs)
    assert block.values == "VALUES (?x) { (<urn:a>) (<urn:b>) }"
    assert block.filters.count("?n =") == 2


def test_the_longest_list_is_cut_and_short_ones_go_with_each_block() -> None:
    other = column(A, B, name="y")
    made = asked(other, column(A, B, C))
    assert [block.values for block in made] == [
        "VALUES (?x) { (<urn:a>) (<urn:b>) } VALUES (?y) { (<urn:a>) (<urn:b>) }",
        "VALUES (?x) { (<urn:c>) } VALUES (?y) { (<urn:a>) (<urn:b>) }",
    ]
    assert made[0].names == {"x", "y"}


def test_too_many_blocks_become_one_request_for_all_rows() -> None:
    assert asked(column(A, B, C), block=1, most=2) == [Block()]
    assert asked() == [Block()]


def test_a_partner_is_sent_what_its_entry_allows() -> None:
    rows = Rows(("x", "n"), [(A, Literal("secret")), (B, Literal("more"))])
    (block,) = asked(rows, sends=IRIS)
    assert (block.names, "secret" in block.values + block.filters) == ({"x"}, False)
    assert asked(rows, sends=NONE) == [Block()]
    mixed = column(A, Literal("secret"))
    assert asked(mixed, sends=IRIS) == [Block()]
