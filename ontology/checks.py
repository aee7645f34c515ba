"""The table of checks, and running it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from atlas.errors import AtlasError, DataError, MissingTool, UnknownName
from ontology.checks_files import catalog, stable, syntax
from ontology.checks_shapes import conforms_to
from ontology.checks_terms import misplaced, punning, translations, undeclared, unused
from ontology.findings import Check, Finding, Outcome
from ontology.messages import same
from ontology.project import Project
from ontology.reasoner import reasoner

CHECKS = (
    Check(
        "syntax",
        {
            "fr": "chaque fichier Turtle de l’ontologie et des formes se lit",
            "en": "every Turtle file of the ontology and the shapes can be read",
            "es": "cada archivo Turtle de la ontología y de las formas se puede leer",
        },
        syntax,
    ),
    Check(
        "stable-form",
        {
            "fr": "chaque fichier est tel que atlas format l’écrit, et peut l’être",
            "en": "every file is as atlas format writes it, and can be",
            "es": "cada archivo está como lo escribe atlas format, y puede estarlo",
        },
        stable,
    ),
    Check(
        "catalog",
        {
            "fr": "chaque import mène à un fichier d’ici, sans boucle",
            "en": "every import leads to a file here, with no loop",
            "es": "cada importación lleva a un archivo de aquí, sin bucles",
        },
        catalog,
    ),
    Check(
        "header",
        {
            "fr": "chaque ontologie dit sa version, son titre, sa licence et qui l’a écrite",
            "en": "every ontology says its version, title, licence and who wrote it",
            "es": "cada ontología dice su versión, su título, su licencia y quién la escribió",
        },
        conforms_to("header"),
    ),
    Check(
        "labels",
        {
            "fr": "chaque terme a un libellé et une définition en fr, en et es",
            "en": "every term has one label and one definition in fr, en and es",
            "es": "cada término tiene una etiqueta y una definición en fr, en y es",
        },
        conforms_to("labels"),
    ),
    Check(
        "sources",
        {
            "fr": "chaque terme a une source, ou une note qui dit pourquoi il n’en a pas",
            "en": "every term has a source, or a note that says why it has none",
            "es": "cada término tiene una fuente, o una nota que dice por qué no la tiene",
        },
        conforms_to("sources"),
    ),
    Check(
        "names",
        {
            "fr": "les noms suivent l’usage, et chaque terme dit son module",
            "en": "names follow the house style, and every term says its module",
            "es": "los nombres siguen el uso, y cada término dice su módulo",
        },
        conforms_to("names"),
    ),
    Check(
        "undeclared",
        {
            "fr": "rien n’est utilisé sans être déclaré, ici, dans les questions ou les formes",
            "en": "nothing is used undeclared, here, in questions or in shapes",
            "es": "nada se usa sin declarar, aquí, en las preguntas o en las formas",
        },
        undeclared,
    ),
    Check(
        "unused",
        {
            "fr": "chaque terme sert à une question, une forme ou un chargeur",
            "en": "every term is used by a question, a shape or a loader",
            "es": "cada término sirve a una pregunta, una forma o un cargador",
        },
        unused,
    ),
    Check(
        "punning",
        {
            "fr": "aucun terme n’est de deux natures à la fois",
            "en": "no term is of two kinds at once",
            "es": "ningún término es de dos naturalezas a la vez",
        },
        punning,
    ),
    Check(
        "modules",
        {
            "fr": "chaque terme est dans le fichier du module qu’il nomme",
            "en": "every term stands in the file of the module it names",
            "es": "cada término está en el archivo del módulo que nombra",
        },
        misplaced,
    ),
    Check(
        "reasoner",
        {
            "fr": "l’ontologie est cohérente et chaque classe peut avoir un individu (HermiT)",
            "en": "the ontology is consistent and every class can have an individual (HermiT)",
            "es": "la ontología es coherente y cada clase puede tener un individuo (HermiT)",
        },
        reasoner,
    ),
    Check(
        "translations",
        {
            "fr": "combien de traductions attendent une relecture (pour information)",
            "en": "how many translations await review (for information)",
            "es": "cuántas traducciones esperan revisión (informativo)",
        },
        translations,
    ),
)


def run(
    project: Project, checks: Iterable[Check] = CHECKS, only: Collection[str] = ()
) -> Iterator[Outcome]:
    """Run the checks, those named in ``only`` if any, in the order of the table.

    Raises UnknownName for a name that no check has.
    """
    checks = tuple(checks)
    names = [check.name for check in checks]
    for name in only:
        if name not in names:
            raise UnknownName(f"There is no check {name!r}; there are {', '.join(names)}.")
    for check in checks:
        if not only or check.name in only:
            yield outcome(check, project)


def outcome(check: Check, project: Project) -> Outcome:
    """What the check gives; a missing tool is told, any other error is a finding."""
    try:
        return Outcome(check, tuple(check.find(project)))
    except MissingTool as error:
        return Outcome(check, not_run=str(error))
    except AtlasError as error:
        file = getattr(error, "path", None) if isinstance(error, DataError) else None
        return Outcome(check, (Finding(same(str(error)), file),))
