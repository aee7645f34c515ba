"""What of a page is English where the page says that it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

# Words that every English sentence has and that are no words of French or Spanish.
ENGLISH = frozenset(
    {
        *("the", "of", "and", "with", "by", "from", "for", "to", "at", "into", "than", "then"),
        *("this", "that", "these", "which", "what", "who", "how", "when", "where", "there"),
        *("is", "are", "was", "were", "be", "been", "can", "may", "must", "will", "would"),
        *("it", "its", "their", "each", "every", "other", "not"),
    }
)
WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?")
# Where a script puts a value, and what a machine reads.
VALUE = re.compile(r"\{\w+\}|\w+://\S+")
SAID = ("aria-label", "title", "alt", "placeholder", "label", "content")
# What is searched and never shown.
SEARCHED = ("data-words",)
# Elements whose text nobody reads as a sentence of the page.
UNREAD = frozenset({"script", "style", "template", "code", "pre", "textarea", "kbd", "samp"})
VOID = frozenset({"meta", "link", "input", "br", "hr", "img", "wbr", "col", "source", "area"})


class Texts(HTMLParser):
    """The texts and the spoken attributes of a page, each with the language it is said to be in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.open: list[tuple[str, str]] = []
        self.feed(page)

    @property
    def language(self) -> str:
        return next((language for _, language in reversed(self.open) if language), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        language = named.get("lang", "")
        where = f"<{tag}{'.' + named['class'] if 'class' in named else ''}>"
        for name, value in named.items():
            if name in SAID or (name.startswith("data-") and name not in SEARCHED):
                self.found.append((language or self.language, f"{where} {name}", value))
        if tag not in VOID:
            self.open.append((where, language))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open and tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        tags = {re.split(r"[.>]", where[1:])[0] for where, _ in self.open}
        if text and not tags & UNREAD:
            where = self.open[-1][0] if self.open else ""
            self.found.append((self.language, where, text))


def unmarked_english(page: str) -> Iterator[str]:
    """The texts that read as English and stand where the page is said to be in another language."""
    for language, where, text in Texts(page).found:
        if language.partition("-")[0] == "en":
            continue
        words = {word.lower() for word in WORD.findall(VALUE.sub(" ", text))}
        telling = words & ENGLISH
        if len(telling) > 1 or "the" in telling:
            yield f"{where} [{language}]: {text[:200]}"
