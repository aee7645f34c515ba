"""What a partner publishes whole: one file, or those of its DCAT catalogue, and what they import.

Imports (owl:imports) are read where they are the partner's own; others are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode, Triple

from atlas.errors import PartnerFailed
from loaders import foreign
from loaders.harvests import catalogue, contexts, oai
from loaders.harvests.catalogue import Catalogue
from loaders.harvests.fetching import Fetched, Fetcher, plain_source
from loaders.harvests.kinds import CATALOGUE, OAI, RDF, RECORDS, SCRUTARI, SKOS
from loaders.readers import rdf_file
from loaders.rows import Problems
from loaders.terms import OWL
from store.parsing.files import read_bytes

IMPORTS = OWL["imports"]
# Real sites have a few dozen files; beyond this a site invents them.
MAXIMUM_FILES = 500
MAXIMUM_PAGES = 100


@dataclass(frozen=True)
class Gathered:
    """The files of a harvest. ``notes``: what was not read, a sentence each. ``licence``: the one
    that the partner states for all of it, "" where it states none or several."""

    kind: str
    files: tuple[Fetched, ...]
    notes: tuple[str, ...] = ()
    licence: str = ""


def gather(fetcher: Fetcher, kind: str) -> Gathered:
    """What is at the address of the partner's dump. ``kind``: what it must be, "" for anything.

    Raises PartnerFailed, PartnerLimit, Forbidden, and MalformedSource for RDF that is none.
    """
    if kind == OAI:
        return _repository(fetcher)
    first = _whole(fetcher, fetcher.partner.dump)
    found = first.syntax if first.syntax in RECORDS else ""
    if kind and found != (kind if kind in RECORDS else ""):
        name = RECORDS.get(found) or f"RDF ({first.syntax})"
        raise PartnerFailed(
            fetcher.partner.name, f"serves {name} at {first.address}, and {kind} was asked for."
        )
    if found == OAI:
        return _repository(fetcher)
    if found == SCRUTARI:
        return Gathered(SCRUTARI, (first,))
    gathered = None if kind in (RDF, SKOS) else _catalogue(fetcher, first)
    if gathered is None and kind == CATALOGUE:
        raise PartnerFailed(
            fetcher.partner.name, f"serves RDF at {first.address} that is no DCAT catalogue."
        )
    return _with_imports(fetcher, gathered or Gathered(kind or RDF, (first,)))


def _repository(fetcher: Fetcher) -> Gathered:
    """All records of an OAI-PMH repository."""
    file, notes = oai.take(fetcher, fetcher.partner.dump)
    return Gathered(OAI, (file,), notes)


def rows(files: Sequence[Fetched]) -> Iterator[Triple]:
    """The triples of RDF files, parsed where they can do no harm. Raises MalformedSource."""
    paths = {file.path.name: file.path for file in files}
    source = plain_source(paths, base_iris=[file.address for file in files])
    return rdf_file.read_rows(source, Problems(source))


def _whole(fetcher: Fetcher, address: str) -> Fetched:
    """A file with the contexts that it needs."""
    fetched = fetcher.fetch(address)
    if fetched.syntax != "jsonld" or not fetched.fresh:
        return fetched
    if not contexts.complete(fetched.path, address, fetcher):
        return fetched
    # A context may change while the file stays: it is fetched each time.
    return replace(fetched, kept=replace(fetched.kept, etag="", modified=""))


def _catalogue(fetcher: Fetcher, first: Fetched) -> Gathered | None:
    """The files of a catalogue, None where the file is none."""
    if catalogue.NAMESPACE not in read_bytes(first.path):
        return None
    found = _pages(fetcher, first)
    if found is None:
        return None
    own = [one for one in found.chosen if fetcher.is_own(one.address)]
    notes = [
        f"{one.address} was not read: it is not an address of the partner's entry."
        for one in found.chosen
        if one not in own
    ]
    notes += [f"The dataset {name} was not read: it has no RDF file." for name in found.without]
    if not own:
        raise PartnerFailed(
            fetcher.partner.name,
            f"has a catalogue at {first.address} that lists no RDF file of its own.",
        )
    _check_number(fetcher, [one.address for one in own])
    licences = {one.licence for one in own}
    if len(licences) > 1:
        stated = ", ".join(sorted(filter(None, licences)))
        notes.append(f"Its files have several licences, or some none; those stated: {stated}.")
    return Gathered(
        CATALOGUE,
        tuple(_rdf(fetcher, one.address) for one in own),
        tuple(notes),
        licences.pop() if len(licences) == 1 else "",
    )


def _pages(fetcher: Fetcher, first: Fetched) -> Catalogue | None:
    """The catalogue, all pages of it (hydra:next)."""
    pages = {first.address: first}
    waiting = [first]
    while waiting:
        found = catalogue.read(rows([waiting.pop()]))
        for address in found.pages if found else ():
            if address in pages:
                continue
            if len(pages) == MAXIMUM_PAGES:
                raise PartnerFailed(
                    fetcher.partner.name, f"has a catalogue of more than {MAXIMUM_PAGES} pages."
                )
            pages[address] = _rdf(fetcher, address)
            waiting.append(pages[address])
    return catalogue.read(rows(list(pages.values())))


def _with_imports(fetcher: Fetcher, gathered: Gathered) -> Gathered:
    """The files and what they import, the imports of imports too."""
    files = {file.address: file for file in gathered.files}
    notes, waiting = list(gathered.notes), list(gathered.files)
    told: set[str] = set()
    while waiting:
        for address in _imported(waiting.pop()):
            if address in files or address in told:
                continue
            if not fetcher.is_own(address):
                told.add(address)
                # Our own modules are here already.
                if not address.startswith(foreign.OURS):
                    notes.append(f"{address} is imported and not read: it is not the partner's.")
                continue
            _check_number(fetcher, [*files, address])
            files[address] = _rdf(fetcher, address)
            waiting.append(files[address])
    return replace(gathered, files=tuple(files.values()), notes=tuple(notes))


def _imported(file: Fetched) -> Iterable[str]:
    if b"imports" not in read_bytes(file.path):
        return ()
    found = (t.object for t in rows([file]) if t.predicate == IMPORTS)
    return sorted(
        {value.value.partition("#")[0] for value in found if isinstance(value, NamedNode)}
    )


def _rdf(fetcher: Fetcher, address: str) -> Fetched:
    fetched = _whole(fetcher, address)
    if name := RECORDS.get(fetched.syntax):
        raise PartnerFailed(fetcher.partner.name, f"serves {name} at {address}, not RDF.")
    return fetched


def _check_number(fetcher: Fetcher, addresses: Sequence[str]) -> None:
    if len(addresses) > MAXIMUM_FILES:
        raise PartnerFailed(
            fetcher.partner.name, f"lists more than {MAXIMUM_FILES} files; more are not fetched."
        )
