"""A browser without a script: it keeps cookies, reads pages, and sends the forms it finds on them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

VOID = frozenset({"meta", "link", "img", "input", "br", "hr"})
UNSEEN = frozenset({"script", "style", "title"})


@dataclass
class Form:
    """One form of a page, with what it would send untouched."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """An answer as somebody reads it: words, links and forms."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self._open: list[str] = []
        self._link: str | None = None
        self._select: str | None = None
        self.feed(self.html)

    @property
    def words(self) -> str:
        """Everything that can be read, with single spaces."""
        return " ".join(" ".join(self._words).split())

    def form(self, action: str) -> Form:
        """The first form whose address holds ``action``."""
        found = [form for form in self.forms if action in form.action and form.method == "post"]
        assert found, f"no form to {action} among {[form.action for form in self.forms]}"
        return found[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "form":
            self.forms.append(Form(given.get("action") or "", (given.get("method") or "get").lower()))
        elif tag == "a":
            self._link = given.get("href")
        elif tag == "select":
            self._select = given.get("name")
        self._note_field(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        if not UNSEEN & set(self._open):
            self._words.append(data)
        if self._link is not None and data.strip():
            self.links.setdefault(data.strip(), self._link)
        if self.forms and self._open and self._open[-1] == "textarea":
            name, before = self.forms[-1].fields.pop()
            self.forms[-1].fields.append((name, before + data))

    def _note_field(self, tag: str, given: dict[str, str | None]) -> None:
        """Keep what a form would send of this tag."""
        if not self.forms or "form" not in self._open or (given.get("disabled") is not None and tag == "button"):
            return
        name, value = given.get("name"), given.get("value")
        is_unset = given.get("type") in {"radio", "checkbox"} and "checked" not in given
        if tag == "input" and name and not is_unset:
            self.forms[-1].fields.append((name, value or ""))
        elif tag == "textarea" and name:
            self.forms[-1].fields.append((name, ""))
        elif tag == "option" and self._select and not any(self._select == each for each, _ in self.forms[-1].fields):
            self.forms[-1].fields.append((self._select, value or "1"))


class Browser:
    """One person's browser."""

    def __init__(self, app: Flask, *, address: str = "192.0.2.1", base_url: str = "http://localhost") -> None:
        self.client = app.test_client()
        self.address = address
        self.base_url = base_url

    def get(self, path: str, **headers: str) -> Page:
        """Open an address, following redirects."""
        return Page(self._open(path, method="GET", headers=headers, follow_redirects=True))

    def raw(self, path: str, method: str = "GET", **options: Any) -> TestResponse:
        """Open an address once, as it is."""
        return self._open(path, method=method, **options)

    def send(self, page: Page, action: str, *, follow: bool = True, **typed: str | list[str]) -> Page:
        """Fill in a form of ``page`` and send it."""
        form = page.form(action)
        kept = [(name, value) for name, value in form.fields if name not in typed]
        for name, value in typed.items():
            kept += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        data: dict[str, list[str]] = {}
        for name, value in kept:
            data.setdefault(name, []).append(value)
        return Page(self._open(form.action, method="POST", data=data, follow_redirects=follow))

    def _open(self, path: str, **options: Any) -> TestResponse:
        return self.client.open(
            path, base_url=self.base_url, environ_overrides={"REMOTE_ADDR": self.address}, **options
        )
