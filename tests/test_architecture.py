"""The packages import one way, and only the store touches the engine's Store."""

from __future__ import annotations

import ast
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "atlas": set(),
    "ontology": {"atlas"},
    "shapes": {"atlas"},
    "queries": {"atlas"},
    "store": {"atlas", "ontology", "shapes"},
    "federation": {"atlas", "ontology", "shapes", "queries", "store"},
    "loaders": {"atlas", "ontology", "shapes", "queries", "store", "federation"},
    "endpoint": {"atlas", "ontology", "shapes", "queries", "store", "federation"},
}
# What each package of federation/ may import of the others; its modules at the top bind them.
FEDERATION = {
    "exchange": set(),
    "query": set(),
    "sites": {"exchange"},
    "service": {"exchange", "query"},
    "plain": {"exchange", "query", "sites"},
}
# The packages and modules of endpoint/, from the ground that all stand on up to the server: each
# imports only what stands on a line above its own.
ENDPOINT = (
    # What an atlas is to its routes: its graphs, what it remembers, its words, who may write.
    ("cache", "catalogue", "negotiate", "temporary"),
    ("language",),
    ("refusals",),
    ("tokens",),
    ("site",),
    # A request is read; an answer goes out; what went wrong, and what things are called.
    ("reading",),
    ("wire",),
    ("errors", "names", "page_addresses", "solutions"),
    # What changes the data, and what pages are made of: the answers of named queries.
    ("view", "writing"),
    # For programs and other sites.
    ("api", "scrutari"),
    ("publishing",),
    ("feed",),
    # For people; then what speaks to both: the document of each thing, and the SPARQL endpoint.
    ("web",),
    ("documents", "sparql"),
    # What binds them and runs them.
    ("pages",),
    ("app",),
    ("asking", "gateway", "server"),
    ("commands",),
)
# The same for the pages for people: most families stand on what they share, not on one another.
WEB = (
    ("dates", "passages", "sections", "star"),
    ("constraints", "thing"),
    ("matrix", "partners", "terms"),
    ("experiences", "home", "library", "local", "map", "propose", "territories"),
    ("datasets", "questions"),
    ("preparing",),
)
# The store: what an answer and a generation are, an engine over one, files of graphs and of names;
# generations as they are made and kept; what asks them, takes them away and writes the next one.
STORE = (
    ("answers", "breath", "cancellation", "codings", "confine", "disk", "formats"),
    ("generation", "holding", "links", "rows", "sayable", "themes"),
    ("blanks", "merge", "parsing", "rules"),
    ("engine", "lines"),
    ("graph_files", "statistics"),
    ("labels",),
    ("staging",),
    ("generations",),
    ("archives", "exports", "workers"),
    ("writing",),
    ("commands",),
)
# From a source as declared to rows and quads, readings, graphs and a generation; what takes in
# more, from files and from partners, builds again.
LOADERS = (
    ("kinds", "measures", "ntriples", "progress", "terms"),
    ("foreign", "sources", "values"),
    ("provenance", "rows"),
    ("extra", "readers"),
    ("readings",),
    ("apart", "findings", "kept", "pool", "schema"),
    ("graphs",),
    ("build", "validation"),
    ("report",),
    ("check", "commands", "harvests"),
    ("linking",),
)
ORDERS = {"endpoint": ENDPOINT, "endpoint.web": WEB, "loaders": LOADERS, "store": STORE}
MODULES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))


def imports(tree: ast.AST) -> set[str]:
    """Every dotted name that the module imports, ``from`` names included."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_packages_below_its_own(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    known = {name.split(".")[0] for name in imports(ast.parse(path.read_text("utf-8")))}
    assert known & MAY_IMPORT.keys() <= MAY_IMPORT[package] | {package}


@pytest.mark.parametrize("package", FEDERATION)
def test_the_packages_of_federation_import_one_way(package: str) -> None:
    for path in (ROOT / "federation" / package).glob("*.py"):
        dotted = imports(ast.parse(path.read_text("utf-8")))
        known = {name.split(".")[1] for name in dotted if name.startswith("federation.")}
        assert known & FEDERATION.keys() <= FEDERATION[package] | {package}, path


@pytest.mark.parametrize("package", ORDERS)
def test_each_part_of_a_package_has_one_place_in_its_order(package: str) -> None:
    folder = ROOT / package.replace(".", "/")
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    named = [name for level in ORDERS[package] for name in level]
    assert sorted(named) == sorted(modules | packages)


@pytest.mark.parametrize(
    ("package", "name"),
    [(package, name) for package, order in ORDERS.items() for level in order for name in level],
)
def test_the_parts_of_a_package_import_one_way(package: str, name: str) -> None:
    place = ROOT / package.replace(".", "/") / name
    for path in (*place.glob("**/*.py"), *place.parent.glob(f"{name}.py")):
        dotted = imports(ast.parse(path.read_text("utf-8")))
        assert against_the_order(package, name, dotted) == set(), path


def against_the_order(package: str, name: str, dotted: set[str]) -> set[str]:
    """The other parts of the package that a part of it imports, and that are not below it."""
    ranks = {part: rank for rank, level in enumerate(ORDERS[package]) for part in level}
    within = {other for other in dotted if other.startswith(f"{package}.")}
    parts = {other.removeprefix(f"{package}.").split(".")[0] for other in within} - {name}
    return {part for part in parts if ranks.get(part, ranks[name]) >= ranks[name]}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_store_package_uses_the_engine_s_store(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    tree = ast.parse(path.read_text("utf-8"))
    uses = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("pyoxigraph", "ox")
    }
    assert package == "store" or ("Store" not in uses and "pyoxigraph.Store" not in imports(tree))


def test_the_rule_sees_an_import_against_the_order() -> None:
    tree = ast.parse("from endpoint.app import create_app\nimport loaders.build")
    assert {"endpoint.app", "loaders.build"} <= imports(tree)


def test_the_order_of_endpoint_sees_an_import_from_above_and_from_beside() -> None:
    tree = ast.parse("from endpoint.web.home import home\nfrom endpoint import site, writing")
    assert against_the_order("endpoint", "view", imports(tree)) == {"web", "writing"}
    assert against_the_order("endpoint.web", "terms", imports(tree)) == {"home"}


def test_the_wheel_has_every_package() -> None:
    written = ConfigParser()
    written.read(ROOT / "setup.cfg", "utf-8")
    named = set(written["options"]["packages"].split())
    folders = {path.parent for path in MODULES if path.name == "__init__.py"}
    assert named == {".".join(folder.relative_to(ROOT).parts) for folder in folders}
