"""What the documents say about the project is there."""

import re

from tests.support.source import ROOT

DECISIONS = ROOT / "docs" / "decisions"
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"!?\[[^]]*\]\((?!https?:|#|mailto:)([^)#]+)[^)]*\)")


class TestDecisions:
    def test_are_all_in_the_index(self):
        index = (DECISIONS / "README.md").read_text(encoding="utf8")
        listed = set(re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", index))

        assert listed == {path.name for path in DECISIONS.glob("[0-9]*.md")}

    def test_are_numbered_once(self):
        numbers = [path.name[:4] for path in DECISIONS.glob("[0-9]*.md")]

        assert len(set(numbers)) == len(numbers)


class TestLinks:
    def test_lead_to_files_that_are_there(self):
        broken = [
            f"{document.relative_to(ROOT)}: {target}"
            for document in DOCUMENTS
            for target in LINK.findall(document.read_text(encoding="utf8"))
            if not (document.parent / target.strip()).exists()
        ]
        assert broken == []


class TestMakefile:
    def test_makes_what_people_were_promised(self):
        made = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf8"), re.MULTILINE))

        assert {"run", "test", "check", "bench", "gauntlet"} <= made
