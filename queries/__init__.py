"""Named SPARQL queries, one question each, with typed parameters and a header in three languages.

The package knows no engine: what runs a query receives one, or receives the bound text.
"""

from queries.library import DEFAULT_BASE, BoundQuery, NamedQuery, library
from queries.parameters import TYPES, Parameter

__all__ = ["DEFAULT_BASE", "TYPES", "BoundQuery", "NamedQuery", "Parameter", "library"]
