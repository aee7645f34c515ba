"""The kinds of sources, and the module that reads each."""

from __future__ import annotations

# kind in sources.toml -> module, imported only when a source of that kind is read.
KINDS = {
    "france_map": "loaders.readers.france_map",
    "banatic": "loaders.readers.banatic",
    "rdf_file": "loaders.readers.rdf_file",
    "scrutari": "loaders.readers.scrutari",
    "oai_pmh": "loaders.readers.oai_pmh",
    "tables": "loaders.readers.tables",
    "schemes": "loaders.readers.schemes",
}
# The build's own: not for sources.toml.
OWN = {"ontology": "loaders.readers.ontology_files"}
