"""The revisions as a history: numbered, in one line, each with a way back."""

from pathlib import Path

from alembic.script import ScriptDirectory

from rewards_service.kit.schema import alembic_config, newest_revision
from tests.support.source import ROOT

FOLDER = ROOT / "migrations" / "versions"
SCRIPTS = ScriptDirectory.from_config(alembic_config())
REVISIONS = list(reversed(list(SCRIPTS.walk_revisions())))


class TestHistory:
    def test_names_each_revision_after_its_file(self):
        assert [Path(script.path).stem for script in REVISIONS] == [script.revision for script in REVISIONS]

    def test_is_numbered_without_gaps(self):
        numbers = [int(script.revision.partition("_")[0]) for script in REVISIONS]

        assert numbers == list(range(1, len(REVISIONS) + 1))

    def test_is_one_line(self):
        assert [script.down_revision for script in REVISIONS] == [None, *(s.revision for s in REVISIONS[:-1])]
        assert SCRIPTS.get_heads() == [newest_revision()]

    def test_holds_every_file_of_the_folder(self):
        assert {path.stem for path in FOLDER.glob("[0-9]*.py")} == {script.revision for script in REVISIONS}

    def test_has_a_way_up_and_a_way_back(self):
        assert all(callable(s.module.upgrade) and callable(s.module.downgrade) for s in REVISIONS)
