"""Why a match is proposed, in words: French, English, Spanish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import shorten

from loaders.linking.matching import LABEL, MENTION, Evidence, Match
from loaders.linking.thesaurus import ALTERNATIVE, IDENTIFIER, INSEE, NOTATION, PREFERRED, SAME
from loaders.linking.words import spelt

NAMES: Mapping[str, Mapping[str, str]] = {
    "fr": {"fr": "français", "en": "anglais", "es": "espagnol", "": "une langue non dite"},
    "en": {"fr": "French", "en": "English", "es": "Spanish", "": "a language not said"},
    "es": {"fr": "francés", "en": "inglés", "es": "español", "": "un idioma no dicho"},
}
QUOTES = {"fr": "« {} »", "en": "“{}”", "es": "«{}»"}
LANGUAGES = tuple(QUOTES)
LONGEST = 500
IN = {"fr": "en {}", "en": "in {}", "es": "en {}"}
# What agrees. {texts}: what both bear, once where it is spelt alike; {mentioned}: the shorter.
LABELS: Mapping[tuple[str, str], Mapping[str, str]] = {
    (PREFERRED, PREFERRED): {
        "fr": "même libellé préféré {language} : {texts}",
        "en": "same preferred label {language}: {texts}",
        "es": "misma etiqueta preferente {language}: {texts}",
    },
    (PREFERRED, ALTERNATIVE): {
        "fr": "le libellé préféré est un autre libellé du second {language} : {texts}",
        "en": "the preferred label is another label of the second {language}: {texts}",
        "es": "la etiqueta preferente es otra etiqueta del segundo {language}: {texts}",
    },
    (ALTERNATIVE, PREFERRED): {
        "fr": "le libellé préféré du second est un autre libellé du premier {language} : {texts}",
        "en": "the second's preferred label is another label of the first {language}: {texts}",
        "es": "la etiqueta preferente del segundo es otra del primero {language}: {texts}",
    },
    (ALTERNATIVE, ALTERNATIVE): {
        "fr": "un même autre libellé {language} : {texts}",
        "en": "the same other label {language}: {texts}",
        "es": "una misma otra etiqueta {language}: {texts}",
    },
}
OTHERS: Mapping[str, Mapping[str, str]] = {
    MENTION: {
        "fr": "l’un est nommé dans le libellé de l’autre {language} : {mentioned}",
        "en": "one is named in the label of the other {language}: {mentioned}",
        "es": "uno se nombra en la etiqueta del otro {language}: {mentioned}",
    },
    SAME: {
        "fr": "les deux sont dits identiques à {texts}",
        "en": "both are said to be the same as {texts}",
        "es": "de ambos se dice que son lo mismo que {texts}",
    },
    NOTATION: {
        "fr": "même code de la même liste : {texts}",
        "en": "same code of the same list: {texts}",
        "es": "mismo código de la misma lista: {texts}",
    },
    IDENTIFIER: {
        "fr": "même identifiant : {texts}",
        "en": "same identifier: {texts}",
        "es": "mismo identificador: {texts}",
    },
    INSEE: {
        "fr": "même code INSEE : {texts}",
        "en": "same INSEE code: {texts}",
        "es": "mismo código INSEE: {texts}",
    },
}
SHARED = {
    "fr": "que portent {} mots-clés",
    "en": "which {} keywords bear",
    "es": "que llevan {} palabras clave",
}
AGAINST = {
    "fr": "aucun libellé commun {}",
    "en": "no common label {}",
    "es": "ninguna etiqueta común {}",
}


def reason(match: Match, language: str) -> str:
    """One sentence: what speaks for the match, the strongest first, then what speaks against."""
    sentence = (" ; " if language == "fr" else "; ").join(_parts(match, language))
    return f"{sentence[:1].upper()}{sentence[1:]}."


def cut(text: str) -> str:
    """A label as a reader of a table needs it: on one line, and no essay."""
    return shorten(text, LONGEST, placeholder=" …")


def _parts(match: Match, language: str) -> Iterator[str]:
    for evidence in match.evidence:
        said = _told(evidence, language)
        if evidence.shared_by > 1:
            said += f", {SHARED[language].format(evidence.shared_by)}"
        yield said
    if match.against:
        yield AGAINST[language].format(_in(match.against, language))


def _told(evidence: Evidence, language: str) -> str:
    forms = LABELS[evidence.kinds] if evidence.kind == LABEL else OTHERS[evidence.kind]
    quoted = [QUOTES[language].format(cut(text)) for text in (evidence.first, evidence.second)]
    is_one = spelt(evidence.first) == spelt(evidence.second)
    return forms[language].format(
        language=_in([evidence.language], language),
        texts=quoted[0] if is_one else ", ".join(quoted),
        mentioned=min(quoted, key=len),
    )


def _in(languages: Sequence[str], language: str) -> str:
    names = [NAMES[language].get(each, each) for each in languages]
    return IN[language].format(", ".join(names))
