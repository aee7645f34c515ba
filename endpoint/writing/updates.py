"""Cuts a SPARQL Update request into operations, each with the graphs that it may change.

https://www.w3.org/TR/sparql11-update/. The engine judges syntax and runs each operation by itself;
here is read where one ends, and what its templates name. A text in which that cannot be told is
refused: no operation may reach a graph that is not seen here, and be it by a trick of quotes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from atlas.errors import Forbidden, MalformedQuery, TooLarge, UsageError
from atlas.settings import Settings
from endpoint.reading.cursor import Cursor
from endpoint.reading.guard import refuse_oversize, refuse_services, refuse_unreadable
from endpoint.reading.using import Using, selection
from endpoint.refusals import refused
from endpoint.writing.quads import Quads, read_quads, targets
from queries.lexer import Analysis, analyse
from store import UpdateStep

MAX_OPERATIONS = 10_000
# White space that puts an operation where it stood, so that the engine names the right place.
MAX_PADDING = 1_000_000


@dataclass(frozen=True)
class LoadStep:
    """A LOAD of a document that may be fetched, before it is.

    https://www.w3.org/TR/sparql11-update/#load
    """

    source: str
    graph: str
    silent: bool

    @property
    def graphs(self) -> tuple[str, ...]:
        return (self.graph,)


Step = UpdateStep | LoadStep


def none(source: str) -> bool:
    """No document may be fetched."""
    return False


@dataclass
class Pattern:
    """A DELETE/INSERT or DELETE WHERE as it is being read."""

    templates: list[Quads] = field(default_factory=list)
    graph: str | None = None  # WITH
    using: Using = field(default_factory=Using)


def split(
    text: str,
    settings: Settings,
    *,
    base: str,
    using: Using | None = None,
    may_load: Callable[[str], bool] = none,
) -> tuple[Step, ...]:
    """The operations of a request, in their order; none for a text that has none.

    ``base``: where relative IRIs start. ``using``: the request's using-graph-uri and
    using-named-graph-uri. ``may_load``: whether LOAD may fetch what is at an address. Raises
    MalformedQuery, TooLarge, Forbidden for any other LOAD and for SERVICE, UsageError where both
    the request and the text say what WHERE reads.
    """
    splitter = Splitter(text, settings, base=base, using=using or Using(), may_load=may_load)
    return tuple(splitter.steps())


class Splitter:
    """One reading of one text."""

    def __init__(
        self,
        text: str,
        settings: Settings,
        *,
        base: str,
        using: Using,
        may_load: Callable[[str], bool],
    ) -> None:
        self.text, self.settings, self.using, self.may_load = text, settings, using, may_load
        self.cursor = Cursor(text, base)
        self.labels: set[str] = set()
        self.padding = MAX_PADDING
        self.line = self.column = self.start = 0
        self.refusal: Forbidden | None = None
        self.readers: dict[str, Callable[[str], Step | None]] = {
            "INSERT": self.insert,
            "DELETE": self.delete,
            "WITH": self.within,
            "LOAD": self.load,
            "CLEAR": self.clear,
            "DROP": self.clear,
            "CREATE": self.create,
            "ADD": self.transfer,
            "COPY": self.transfer,
            "MOVE": self.transfer,
        }

    def steps(self) -> list[Step]:
        steps: list[Step] = []
        self.cursor.prologue()
        while not self.cursor.finished:
            if len(steps) == MAX_OPERATIONS:
                raise refused(TooLarge, "refusal.update_operations", most=MAX_OPERATIONS)
            if step := self.operation():
                steps.append(step)
            if self.cursor.finished:
                break
            if self.cursor.token.text != ";":
                raise self.cursor.malformed("expected ; and another operation")
            self.cursor.take()
            self.cursor.prologue()
        if self.refusal is not None:  # Not earlier: a text that is no update is malformed first.
            raise self.refusal
        return steps

    def operation(self) -> Step | None:
        """Take one operation; None for one that changes nothing."""
        cursor = self.cursor
        cursor.used = set()
        self.start = cursor.token.start
        self.line, self.column = cursor.place()
        keyword = cursor.need(*self.readers)
        return self.readers[keyword](keyword)

    def insert(self, keyword: str) -> UpdateStep:
        if self.cursor.took("DATA"):
            return self.data(once=True)
        return self.modify(Pattern([read_quads(self.cursor)]))

    def delete(self, keyword: str) -> UpdateStep:
        if self.cursor.took("DATA"):
            return self.data(once=False)
        if self.cursor.at("WHERE"):
            return self.delete_where()
        return self.modify(self.templates(Pattern([read_quads(self.cursor)])))

    def within(self, keyword: str) -> UpdateStep:
        self.refuse_conflict(keyword)
        pattern = Pattern(graph=self.cursor.iri())
        first = self.cursor.need("DELETE", "INSERT")
        pattern.templates.append(read_quads(self.cursor))
        return self.modify(self.templates(pattern) if first == "DELETE" else pattern)

    def templates(self, pattern: Pattern) -> Pattern:
        """The template of INSERT behind that of DELETE, where there is one."""
        if self.cursor.took("INSERT"):
            pattern.templates.append(read_quads(self.cursor))
        return pattern

    def data(self, *, once: bool) -> UpdateStep:
        """INSERT DATA and DELETE DATA; ``once``: no other block may have its blank nodes' labels.

        https://www.w3.org/TR/sparql11-update/#insertData
        """
        quads = read_quads(self.cursor)
        self.refuse_depth(quads)
        if once and (shared := self.labels & quads.labels):
            raise refused(MalformedQuery, "refusal.update_blank", label=min(shared))
        self.labels |= quads.labels
        return self.managed(*targets([quads], ""))

    def delete_where(self) -> UpdateStep:
        """Its block is template and pattern at once.

        https://www.w3.org/TR/sparql11-update/#deleteWhere
        """
        where = self.cursor.token.start
        self.cursor.take()
        start = self.cursor.token.start
        quads = read_quads(self.cursor)
        self.refuse_depth(quads)
        block = self.text[start : self.cursor.end]
        text = self.placed("", self.start)
        if self.using:
            # Its grammar has no USING; DELETE with the same template does the same.
            text = self.placed(f"DELETE {block} {self.using.clauses('USING')}", where)
        step = self.matched(Pattern([quads], using=self.using), text, start)
        # A pattern of triples alone matches the same each time, and takes no FILTER.
        return replace(step, variables=())

    def modify(self, pattern: Pattern) -> UpdateStep:
        """USING and WHERE, once the templates are read.

        https://www.w3.org/TR/sparql11-update/#deleteInsert
        """
        for quads in pattern.templates:
            self.refuse_depth(quads)
        pattern.using = self.dataset()
        where = self.cursor.token.start
        self.cursor.need("WHERE")
        start = self.cursor.token.start
        self.group()
        if pattern.using is self.using and self.using:
            head = self.text[self.start : where]
            text = self.placed(f"{head}{self.using.clauses('USING')}", where)
        else:
            text = self.placed("", self.start)
        return self.matched(pattern, text, start)

    def dataset(self) -> Using:
        """The USING clauses of the text, else what the request says."""
        default: list[str] = []
        named: list[str] = []
        while self.cursor.at("USING"):
            self.refuse_conflict("USING")
            self.cursor.take()
            (named if self.cursor.took("NAMED") else default).append(self.cursor.iri())
        return Using(tuple(default), tuple(named)) or self.using

    def group(self) -> None:
        """Take a group of patterns; only its braces are read here."""
        self.cursor.open()
        level = 1
        while level:
            text = self.cursor.take().text
            level += (text == "{") - (text == "}")

    def matched(self, pattern: Pattern, text: str, start: int) -> UpdateStep:
        """The step of an operation whose WHERE begins at ``start`` and has just been read."""
        where = self.text[start : self.cursor.end]
        refuse_oversize(where, self.settings)
        analysis = self.judged(where)
        own = pattern.graph or ""
        graphs = targets(pattern.templates, own)
        variables = tuple(
            dict.fromkeys(name for quads in pattern.templates for name in quads.variables)
        )
        named = analysis.names | {*graphs, *pattern.using.default_graphs}
        named |= {*pattern.using.named_graphs, own}
        return UpdateStep(
            text=text,
            graphs=graphs,
            selection=f"{self.cursor.declarations()} {selection(where, variables, pattern.using)}",
            selection_graph=None if pattern.using else pattern.graph,
            reads_graphs=analysis.graph_variables,
            names=frozenset(named - {""}),
            variables=variables,
            where=len(text) - len(where),
        )

    def judged(self, where: str) -> Analysis:
        """What WHERE reaches for, by the rules of queries."""
        analysis = analyse(f"{self.cursor.declarations()} SELECT * WHERE {where}")
        refuse_unreadable(analysis, self.settings)
        refuse_services(analysis)
        return analysis

    def load(self, keyword: str) -> LoadStep | None:
        """LOAD of what may not be fetched fails; with SILENT without a word, as it should.

        https://www.w3.org/TR/sparql11-update/#load
        """
        silent, graph = bool(self.cursor.took("SILENT")), ""
        source = self.cursor.iri()
        if self.cursor.took("INTO"):
            self.cursor.need("GRAPH")
            graph = self.cursor.iri()
        if self.may_load(source):
            return LoadStep(source, graph, silent)
        if not silent and self.refusal is None:
            self.refusal = refused(Forbidden, "refusal.load_foreign", source=source)
        return None

    def clear(self, keyword: str) -> UpdateStep:
        """CLEAR and DROP. https://www.w3.org/TR/sparql11-update/#clear"""
        self.cursor.took("SILENT")
        what = self.cursor.need("GRAPH", "DEFAULT", "NAMED", "ALL")
        if what == "GRAPH":
            return self.managed(self.cursor.iri())
        step = self.managed(*([""] if what in ("DEFAULT", "ALL") else []))
        return replace(step, every_graph=what in ("NAMED", "ALL"))

    def create(self, keyword: str) -> UpdateStep:
        """https://www.w3.org/TR/sparql11-update/#create"""
        self.cursor.took("SILENT")
        self.cursor.need("GRAPH")
        return self.managed(self.cursor.iri())

    def transfer(self, keyword: str) -> UpdateStep:
        """ADD, COPY and MOVE. https://www.w3.org/TR/sparql11-update/#copy"""
        self.cursor.took("SILENT")
        source = self.graph_or_default()
        self.cursor.need("TO")
        target = self.graph_or_default()
        step = self.managed(*dict.fromkeys([source, target] if keyword == "MOVE" else [target]))
        return replace(step, names=frozenset({source, target} - {""}))

    def graph_or_default(self) -> str:
        if self.cursor.took("DEFAULT"):
            return ""
        self.cursor.took("GRAPH")
        return self.cursor.iri()

    def managed(self, *graphs: str) -> UpdateStep:
        return UpdateStep(
            text=self.placed("", self.start), graphs=graphs, names=frozenset(graphs) - {""}
        )

    def placed(self, head: str, start: int) -> str:
        """``head`` and the text from ``start`` to the last token taken, at its place in the text.

        Where declarations stand before it in the same line, its column is another.
        """
        declarations = self.cursor.declarations()
        white = "\n" * (self.line - 1)
        if self.line > 1 or not declarations:
            white += " " * (self.column - 1)
        else:
            declarations += " "
        if len(white) > self.padding:
            white = "\n"
        self.padding -= len(white)
        return f"{declarations}{white}{head}{self.text[start : self.cursor.end]}"

    def refuse_conflict(self, keyword: str) -> None:
        if self.using:
            raise refused(UsageError, "refusal.update_using", keyword=keyword)

    def refuse_depth(self, quads: Quads) -> None:
        refuse_unreadable(Analysis(depth=quads.depth), self.settings)
