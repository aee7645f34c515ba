"""What a partner serves, told from its answer: ScrutariData, OAI-PMH, RDF, or none of them.

What the bytes say counts more than the media type, and that more than the address: sites of the
field send RDF as text/plain and web pages with status 200.
"""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path
from urllib.parse import urlsplit

from atlas.errors import PartnerFailed
from store.parsing.files import GZIP_MAGIC
from store.parsing.syntaxes import SYNTAXES

# What --kind may say.
SPARQL, SCRUTARI, CATALOGUE, RDF, SKOS = "sparql", "scrutari", "dcat", "rdf", "skos"
OAI = "oai-pmh"
KINDS = (SPARQL, SCRUTARI, CATALOGUE, RDF, SKOS, OAI)
# Those that are XML of their own and not RDF, with the name of each for people.
RECORDS = {SCRUTARI: "ScrutariData", OAI: "OAI-PMH"}
# The root of each.
ROOTS = {"base": SCRUTARI, "OAI-PMH": OAI, "RDF": "rdf"}

# Media type -> extension, as SYNTAXES names them. https://www.iana.org/assignments/media-types/
MEDIA_TYPES = {
    "application/n-triples": "nt",
    "application/n-quads": "nq",
    "text/turtle": "ttl",
    "application/x-turtle": "ttl",
    "application/trig": "trig",
    "text/n3": "n3",
    "application/rdf+xml": "rdf",
    "application/ld+json": "jsonld",
}
ACCEPT = ", ".join(
    [*MEDIA_TYPES, "application/xml;q=0.6", "text/xml;q=0.6", "application/gzip;q=0.5", "*/*;q=0.1"]
)
# What other packings begin with: they are named, not read.
PACKED = {b"PK\x03\x04": "a zip", b"BZh": "a bzip2", b"\xfd7zXZ": "an xz", b"7z\xbc\xaf": "a 7z"}
HEAD_BYTES = 16 * 1024
# Line-based syntaxes: what is cut off at the end of a line is well-formed still.
BY_LINE = ("nt", "nq")

NOT_THE_ROOT = re.compile(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>\[]*(\[.*?\])?[^>]*>", re.DOTALL)
ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([\w.-]+)(?=[\s>/]|$)")
TURTLE = re.compile(
    r"\s*(?:#[^\n]*\n\s*)*(?:@prefix|@base|PREFIX\b|BASE\b|VERSION\b|<|_:|\[)", re.I
)
JSON = re.compile(r"\s*[\[{]\s*[\"{\]}]")


def served(partner: str, address: str, path: Path, media_type: str) -> str:
    """What a file that was fetched is: "scrutari", "oai-pmh", or the extension of an RDF syntax.

    ``media_type``: without parameters, "" where none was given.
    Raises PartnerFailed, saying what it is instead.
    """
    head = _head(partner, address, path)
    if not head.strip():
        raise PartnerFailed(partner, f"serves an empty file at {address}.")
    packed = next((name for magic, name in PACKED.items() if head.startswith(magic)), "")
    if packed:
        raise PartnerFailed(
            partner,
            f"serves {packed} archive at {address}, which is not read; plain files and gzip are.",
        )
    text = _decoded(head)
    root = _root(text)
    if root == "html" or (root == "" and media_type in ("text/html", "application/xhtml+xml")):
        raise PartnerFailed(partner, f"serves a web page (HTML) at {address} instead of data.")
    if root in ROOTS:
        return ROOTS[root]
    return _by_type(media_type, address, text) or _unknown(partner, address, media_type, root)


def by_name(address: str) -> str:
    """The RDF syntax that the end of an address says, "" where none."""
    name = urlsplit(address).path.removesuffix(".gz")
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return extension if extension in SYNTAXES and extension not in ("xml", "json") else ""


def _by_type(media_type: str, address: str, text: str) -> str:
    if media_type in MEDIA_TYPES:
        return MEDIA_TYPES[media_type]
    if name := by_name(address):
        return name
    if JSON.match(text):
        return "jsonld"
    return "ttl" if TURTLE.match(text) and not _root(text) else ""


def _unknown(partner: str, address: str, media_type: str, root: str) -> str:
    what = f"XML whose root is {root!r}" if root else media_type or "a file of no known type"
    raise PartnerFailed(
        partner, f"serves {what} at {address}, which is neither RDF nor ScrutariData nor OAI-PMH."
    )


def _head(partner: str, address: str, path: Path) -> bytes:
    """The first bytes, unpacked."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head.startswith(GZIP_MAGIC):
        return head
    try:
        with gzip.open(path) as unpacked:
            return unpacked.read(HEAD_BYTES)
    except (EOFError, OSError, zlib.error) as error:
        raise PartnerFailed(partner, f"serves damaged gzip at {address} ({error}).") from error


def _decoded(head: bytes) -> str:
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    return head.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def _root(text: str) -> str:
    """The local name of the root of XML or HTML, "" where the text does not begin with one.

    The IRI that Turtle may begin with goes on with what no element's name has.
    """
    found = ROOT.match(NOT_THE_ROOT.sub("", text))
    name = found.group(1) if found else ""
    return name.lower() if name.lower() == "html" else name
