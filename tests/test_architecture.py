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


def test_the_wheel_has_every_package() -> None:
    written = ConfigParser()
    written.read(ROOT / "setup.cfg", "utf-8")
    named = set(written["options"]["packages"].split())
    folders = {path.parent for path in MODULES if path.name == "__init__.py"}
    assert named == {".".join(folder.relative_to(ROOT).parts) for folder in folders}
