"""The names of everything in the default graph, found by their words: an index per generation.

    words.py    a text as the words that are compared, case and accents forgiven
    things.py   what is a name, whose it is, and who comes first, read from the engine
    files.py    the index on disk: SQLite FTS5, written whole or beside the one before
    search.py   asking it

https://www.sqlite.org/fts5.html
"""
