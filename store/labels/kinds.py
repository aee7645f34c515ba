"""What the things are that have the words of a query, counted by class.

It counts what a search held to each of these classes would find, however many that are.
"""

from __future__ import annotations

from collections import Counter

from store.labels.asked import MOST_WORDS, Query
from store.labels.search import Index

# Of so many things it is counted what they are; of more it is not: that takes too long.
COUNTED = 20_000
TYPES = f"""SELECT thing.id, thing.types FROM {{}}
    JOIN thing ON thing.id = name.thing WHERE {{}} GROUP BY thing.id LIMIT {COUNTED + 1}"""
BY_WORDS = TYPES.format("words CROSS JOIN name ON name.id = words.rowid", "words MATCH ?")
BY_TEXT = TYPES.format("name", "name.folded = ?")
# Any class.
ANY = ""


def kinds(index: Index, query: Query) -> dict[str, int] | None:
    """How many things a search finds that is held to a class, by class, and for ANY.

    The classes are those as which things found are shown. None where there is too much to count,
    or more words than are looked for at once.
    """
    if not query.words or len(set(query.words)) > MOST_WORDS:
        return None
    types: Counter[str] = Counter()
    for part in range(len(index.parts)):
        found = _typed(index, part, query)
        if found is None:
            return None
        types.update(found.values())
    counts = {ANY: types.total()}
    for name in {text.split()[0] for text in types if text}:
        meant = {name, *index.below.get(name, ())}
        counts[name] = sum(times for text, times in types.items() if meant & set(text.split()))
    return counts


def _typed(index: Index, part: int, query: Query) -> dict[int, str] | None:
    """The things of one file that have the words, with their classes; None: too many."""
    asked = [(BY_WORDS, f"said : {match}") for match in query.matches]
    asked += [(BY_TEXT, text) for text in query.spellings]
    found: dict[int, str] = {}
    for text, value in asked:
        rows = index.parts[part].execute(text, (value,)).fetchall()
        if len(rows) > COUNTED:
            return None
        # What the large file has and a small one has otherwise counts there.
        found.update(row for row in rows if part or row[0] not in index.replaced)
    return found
