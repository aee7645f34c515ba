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
    named = {name.strip() for name in written["options"]["packages"].split(",")}
    folders = {path.parent for path in MODULES if path.name == "__init__.py"}
    assert named == {".".join(folder.relative_to(ROOT).parts) for folder in folders}
