"""Turns a message into its subject, its text and its HTML: one template for both, so both have the same order.

A template says what stands in a mail, piece by piece; ``parts.txt`` and ``parts.html`` say how a piece looks. They run
in a sandbox and see nothing but the facts they are given.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from textwrap import fill
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from rewards_service.delivery.look import LOOK
from rewards_service.delivery.segments import plain, segments
from rewards_service.kit.i18n import text_direction, translations

TEMPLATES = Path(__file__).parent / "templates"
TEXT_WIDTH = 72

_MANY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class RenderedEmail:
    """A mail before it has addresses."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class RenderedSms:
    """A short message, and how many segments it takes."""

    text: str
    segments: int


def render_email(template: str, variables: Mapping[str, Any], *, locale: str) -> RenderedEmail:
    """Return the mail ``template`` makes of ``variables`` in the language of ``locale``, as Babel spells it."""
    name = f"{template}.mail"
    facts = {**variables, "look": LOOK, "lang": locale.replace("_", "-"), "dir": text_direction(locale)}
    plain_text, html = (_environment(mode, locale) for mode in ("txt", "html"))
    subject = " ".join(_block(plain_text.get_template(name), "subject", facts).split())
    text = plain_text.get_template(name).render(facts, subject=subject, layout="layout.txt", parts="parts.txt")
    return RenderedEmail(
        subject=subject,
        text=_MANY_LINES.sub("\n\n", text).strip() + "\n",
        html=html.get_template(name).render(facts, subject=subject, layout="layout.html", parts="parts.html"),
    )


def render_sms(template: str, variables: Mapping[str, Any], *, locale: str) -> RenderedSms:
    """Return the short message ``template`` makes of ``variables``, without symbols that cost a segment for nothing."""
    rendered = _environment("txt", locale).get_template(f"{template}.sms").render(variables)
    text = plain(" ".join(rendered.split()))
    return RenderedSms(text=text, segments=segments(text))


@lru_cache
def _environment(mode: str, locale: str) -> SandboxedEnvironment:
    """Return the sandbox for one language, escaping for HTML or not."""
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=mode == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words: NullTranslations = translations(locale)
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    environment.filters["wrapped"] = _wrapped
    return environment


def _wrapped(text: str) -> str:
    """Return ``text`` in lines that a text mail can show; long words such as links stay whole."""
    lines = (fill(line, TEXT_WIDTH, break_long_words=False, break_on_hyphens=False) for line in text.splitlines())
    return "\n".join(lines)


def _block(template: Template, name: str, facts: Mapping[str, Any]) -> str:
    """Return one block of a template alone."""
    return "".join(template.blocks[name](template.new_context(dict(facts))))
