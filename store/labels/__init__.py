"""The names of everything in the default graph, found by their words: an index per generation.

    words.py    a text as the words that are compared, case and accents forgiven
    things.py   what is a name, whose it is, and who comes first, read from the engine
    files.py    the index on disk: SQLite FTS5, written whole or beside the one before
    asked.py    what is asked of it and what it answers
    search.py   asking it; ranking.py: which name comes before another
    kinds.py    what the things are that it would find
    near.py     the names near to a query that finds little; spelling.py: how far words are apart

https://www.sqlite.org/fts5.html
"""
