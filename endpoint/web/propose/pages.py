"""``/propose``: what a reader knows, put as the atlas says things; nothing of it is kept here.

/propose                       what can be proposed
/propose/relation?…            the form, its values in its address; check=1: judged by the shapes
/propose/relation/check        the same, sent by POST while one types: what is wrong, as JSON
/propose/relation/proposal.ttl a proposal that the shapes accept, as Turtle
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from pyoxigraph import Triple

from atlas.errors import TooLarge, UnknownName, UsageError
from endpoint.language import LANGUAGES, translate
from endpoint.names import in_language
from endpoint.page_addresses import at, passed
from endpoint.refusals import refused
from endpoint.view import View, answer, current_view
from endpoint.web.constraints.shapes import project_shapes
from endpoint.web.constraints.text import Words
from endpoint.web.constraints.words import Saying
from endpoint.web.propose.check import MUST, NOTED, PARTS, Finding, findings, warm
from endpoint.web.propose.data import name_of, subject_of, triples_of
from endpoint.web.propose.entries import (
    MOST,
    Candidate,
    Entries,
    Entry,
    Option,
    Sent,
    entries_of,
    options_of,
)
from endpoint.web.propose.kinds import KINDS, Field, Kind, fields_of
from endpoint.web.terms.ground import named
from endpoint.wire.addresses import link
from endpoint.wire.answers import with_charset
from endpoint.wire.representations import written

blueprint = Blueprint("propose", __name__)
TURTLE = "text/turtle"
LARGEST = 64 * 1024
# What a button sends that is no wish to be told what is wrong.
CHANGES = ("more", "fill")


@dataclass(frozen=True)
class Proposal:
    """What a form holds, as triples, and what the shapes find in it."""

    kind: Kind
    fields: Sequence[Field]
    options: Mapping[str, Sequence[Option]]
    entries: Entries
    subject: str
    alike: str
    said: Sequence[Triple]
    findings: Sequence[Finding]

    @property
    def conforms(self) -> bool:
        return all(finding.level != MUST for finding in self.findings)

    @property
    def turtle(self) -> str:
        return written(self.said, TURTLE).decode("utf-8")

    @property
    def slug(self) -> str:
        return self.subject.rpartition("/")[2]


@blueprint.get("/propose")
def page() -> Response:
    return answer(choices)


@blueprint.get("/propose/<kind>")
def form(kind: str) -> Response:
    known = kind_of(kind)
    warm()
    return answer(lambda view: shown_form(view, known, request.args))


@blueprint.post("/propose/<kind>/check")
def check(kind: str) -> Response:
    """What is wrong with the fields that are sent, and the Turtle once nothing is."""
    if (request.content_length or 0) > LARGEST:
        raise refused(TooLarge, "refusal.proposal_bytes", most=LARGEST)
    view = current_view()
    proposal = proposed(view, kind_of(kind), request.form, judge=True)
    return jsonify(
        conforms=proposal.conforms,
        iri=proposal.subject,
        page=in_language(link(proposal.subject, view.base)),
        findings=[vars(finding) for finding in proposal.findings],
        turtle=proposal.turtle if proposal.conforms else "",
    )


@blueprint.get("/propose/<kind>/proposal.ttl")
def file(kind: str) -> Response:
    """Raises UsageError for a proposal that the shapes refuse."""
    proposal = proposed(current_view(), kind_of(kind), request.args, judge=True)
    if not proposal.conforms:
        first = next(f for f in proposal.findings if f.level == MUST)
        raise refused(UsageError, "refusal.proposal_incomplete", finding=first.text)
    response = Response(proposal.turtle, content_type=with_charset(TURTLE))
    response.headers["Content-Disposition"] = f'attachment; filename="{proposal.slug}.ttl"'
    return response


def kind_of(name: str) -> Kind:
    if name not in KINDS:
        raise refused(UnknownName, "refusal.proposal_kind", kind=name, known=tuple(KINDS))
    return KINDS[name]


def choices(view: View) -> str:
    iris = [kind.iri for kind in KINDS.values()]
    return view.render("web/propose.html", kinds=KINDS, definitions=definitions(view, iris))


def definitions(view: View, terms: Sequence[str]) -> dict[str, str]:
    rows = view.ask("propose_definitions", terms=" ".join(terms))
    return {row.text("term"): row.text("definition") for row in rows}


def proposed(view: View, kind: Kind, sent: Sent, *, judge: bool) -> Proposal:
    fields = fields_of(kind)
    options = options_of(view, fields)
    entries = entries_of(view, fields, sent, options)
    told: list[Finding] = []
    if "fill" in sent and "label" in entries:
        said_so = sentences(view, entries)
        entries["label"] = filled(entries["label"], said_so)
        if not said_so:
            told = [Finding("label", NOTED, translate("propose.fill_first", view.language))]
    subject, alike = subject_of(view, kind, name_of(fields, entries))
    said = triples_of(kind, subject, fields, entries)
    found = findings(view, fields, entries, said) if judge else told
    return Proposal(kind, fields, options, entries, subject, alike, said, found)


def sentences(view: View, entries: Entries) -> dict[str, str]:
    """What a relation can be called, in each language in which its three parts have a name."""
    parts = [entries.get(part, []) for part in PARTS]
    if not all(part and part[0].iri for part in parts):
        return {}
    iris = [part[0].iri for part in parts]
    known = view.names(iris).known
    return {
        language: capital(" ".join(known[iri][language] for iri in iris))
        for language in LANGUAGES
        if all(language in known.get(iri, {}) for iri in iris)
    }


def filled(labels: Sequence[Entry], said: Mapping[str, str]) -> list[Entry]:
    """The names with a sentence for each language that has none."""
    known = {entry.language for entry in labels}
    new = [Entry(text, language=code) for code, text in said.items() if code not in known]
    return [*labels, *new]


# What the page shows.


def shown_form(view: View, kind: Kind, sent: Sent) -> str:
    checked = "check" in sent and not any(wish in sent for wish in CHANGES)
    proposal = proposed(view, kind, sent, judge=checked)
    properties = [field.iri for field in proposal.fields]
    names = named(view, [*properties, *mentioned(proposal.fields)])
    saying = Saying(Words(project_shapes(), names.value, view.language))
    return view.render(
        "web/propose_form.html",
        proposal=proposal,
        checked=checked,
        labels={iri: capital(names.of(iri)) for iri in properties},
        definitions=definitions(view, properties),
        rules={field.iri: [saying.say(rule) for rule in field.rules] for field in proposal.fields},
        alike=view.names([proposal.alike]).value(proposal.alike) if proposal.alike else None,
        offered=lambda field, place, one: offered(kind, sent, field, place, one),
        blank=blank,
        place=lambda field, nth: f"{field.name}-{nth}" if nth else field.name,
        graphs=f"{view.base}/graph/",
        graph=f"proposals-{kind.name}s",
        root=request.url_root.rstrip("/"),
        asked=beside_language(sent),
    )


def blank(field: Field, entries: Sequence[Entry]) -> list[Entry]:
    """Room for a value more, where there may be one."""
    return [Entry()] if not entries or (field.several and len(entries) < MOST) else []


def mentioned(fields: Sequence[Field]) -> list[str]:
    """The terms that the rules of the fields speak of."""
    shapes = project_shapes()
    return [iri for field in fields for rule in field.rules for iri in shapes.mentioned(rule.shape)]


def beside_language(sent: Sent) -> str:
    """What the address of the form in another language has after the language."""
    kept = [pair for pair in sent.items(multi=True) if pair[0] not in ("lang", *CHANGES)]
    return f"&{urlencode(kept)}" if kept else ""


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def offered(kind: Kind, sent: Sent, field: Field, place: int, one: Candidate) -> str:
    """The address of the form with a thing chosen for the words at this place."""
    values = {name: texts for name, texts in passed(sent).items() if name not in CHANGES}
    texts = sent.getlist(f"{field.name}.name")
    iris = [*sent.getlist(field.name), *[""] * len(texts)][: len(texts)]
    kept = [nth for nth, text in enumerate(texts) if text.strip()]
    texts[kept[place]], iris[kept[place]] = one.label, one.iri
    values.update({field.name: iris, f"{field.name}.name": texts})
    return at("propose.form", kind=kind.name, **values)
