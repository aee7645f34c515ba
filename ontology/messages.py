"""What the checks say, in the three languages; ``{…}`` are filled in by ``message``."""

from __future__ import annotations

LANGUAGES = ("fr", "en", "es")

MESSAGES = {
    "broken": {
        "fr": "illisible : {reason}",
        "en": "cannot be read: {reason}",
        "es": "ilegible: {reason}",
    },
    "not-stable": {
        "fr": "pas dans la forme stable ; lancez : atlas format {file}\n{difference}",
        "en": "not in the stable form; run: atlas format {file}\n{difference}",
        "es": "no está en la forma estable; ejecute: atlas format {file}\n{difference}",
    },
    "shared-node": {
        "fr": "un nœud anonyme sert deux fois ou en boucle ({said}) : donnez-lui un IRI, sans "
        "quoi le fichier ne peut pas être stable",
        "en": "a blank node is used twice or in a loop ({said}): give it an IRI, or the file "
        "cannot be stable",
        "es": "un nodo anónimo se usa dos veces o en bucle ({said}): dele un IRI, o el archivo "
        "no puede ser estable",
    },
    "no-catalog": {
        "fr": "{reason} : sans catalogue, Protégé cherche les imports sur le réseau",
        "en": "{reason}: without a catalogue Protégé looks for imports on the network",
        "es": "{reason}: sin catálogo, Protégé busca las importaciones en la red",
    },
    "not-in-catalog": {
        "fr": 'sans ligne dans {catalog} ; ajoutez <uri name="{iri}" uri="{file}"/>',
        "en": 'has no line in {catalog}; add <uri name="{iri}" uri="{file}"/>',
        "es": 'no tiene línea en {catalog}; añada <uri name="{iri}" uri="{file}"/>',
    },
    "import-not-in-catalog": {
        "fr": "importe {iri}, que {catalog} ne mène à aucun fichier",
        "en": "imports {iri}, which {catalog} leads to no file",
        "es": "importa {iri}, que {catalog} no lleva a ningún archivo",
    },
    "catalog-wrong": {
        "fr": "la ligne {iri} mène à {file}, qui n’est pas cette ontologie",
        "en": "the line {iri} leads to {file}, which is not that ontology",
        "es": "la línea {iri} lleva a {file}, que no es esa ontología",
    },
    "import-cycle": {
        "fr": "s’importe elle-même en passant par {path} : du particulier au général seulement",
        "en": "imports itself by way of {path}: only from the more specific to the more general",
        "es": "se importa a sí misma pasando por {path}: solo de lo particular a lo general",
    },
    "undeclared": {
        "fr": "utilisé mais déclaré ni dans ce fichier ni dans ce qu’il importe : Protégé le "
        "perdrait ; déclarez-le dans imports/, ou corrigez le nom",
        "en": "used but declared neither in this file nor in what it imports: Protégé would "
        "lose it; declare it in imports/, or correct the name",
        "es": "usado pero no declarado en este archivo ni en lo que importa: Protégé lo "
        "perdería; declárelo en imports/, o corrija el nombre",
    },
    "unknown-term": {
        "fr": "nommé ici, mais l’ontologie ne le déclare pas : corrigez le nom ou ajoutez le terme",
        "en": "named here, but the ontology does not declare it: correct the name or add the term",
        "es": "nombrado aquí, pero la ontología no lo declara: corrija el nombre o añada el "
        "término",
    },
    "unused": {
        "fr": "aucune question, forme ni chargeur ne l’utilise : donnez-lui une question ou "
        "retirez-le",
        "en": "no question, shape or loader uses it: give it a question or remove it",
        "es": "ninguna pregunta, forma ni cargador lo usa: dele una pregunta o quítelo",
    },
    "punning": {
        "fr": "est à la fois {kinds} : Protégé écrirait error#Error1 ; gardez une seule nature",
        "en": "is at once {kinds}: Protégé would write error#Error1; keep one kind",
        "es": "es a la vez {kinds}: Protégé escribiría error#Error1; deje una sola naturaleza",
    },
    "misplaced": {
        "fr": "dit être défini par {module}, mais se trouve ici : corrigez ou déplacez-le",
        "en": "says it is defined by {module}, yet it stands here: correct that or move it",
        "es": "dice estar definido por {module}, pero está aquí: corríjalo o trasládelo",
    },
    "to-review": {
        "fr": "traductions à relire en {language} : {count}",
        "en": "translations to review in {language}: {count}",
        "es": "traducciones por revisar en {language}: {count}",
    },
    "inconsistent": {
        "fr": "l’ontologie se contredit : rien ne peut la satisfaire ; retirez la dernière "
        "modification et remettez-la axiome par axiome",
        "en": "the ontology contradicts itself: nothing can satisfy it; take back the last "
        "change and put it in again axiom by axiom",
        "es": "la ontología se contradice: nada puede satisfacerla; retire el último cambio y "
        "vuelva a ponerlo axioma por axioma",
    },
    "unsatisfiable": {
        "fr": "ne peut avoir aucun individu ni aucun lien : ses axiomes se contredisent "
        "(superclasses disjointes, domaine ou image impossibles)",
        "en": "can have no individual or link at all: its axioms contradict each other "
        "(disjoint superclasses, an impossible domain or range)",
        "es": "no puede tener ningún individuo ni vínculo: sus axiomas se contradicen "
        "(superclases disjuntas, dominio o rango imposibles)",
    },
    "equivalent": {
        "fr": "le raisonneur les tient pour une seule chose : {terms} ; dites-le, ou retirez "
        "l’axiome",
        "en": "the reasoner takes these for one thing: {terms}; state it, or remove the axiom",
        "es": "el razonador las toma por una sola cosa: {terms}; dígalo, o quite el axioma",
    },
}


def message(name: str, **values: object) -> dict[str, str]:
    """The text of that name in each language, filled in."""
    return {language: text.format(**values) for language, text in MESSAGES[name].items()}


def same(text: str) -> dict[str, str]:
    """A text that is one for all languages: what another program says, for instance."""
    return dict.fromkeys(LANGUAGES, text)
