"""The key file: made once, private, versioned, and refused when it is not what it should be."""

import json
import stat
from pathlib import Path

import pytest

from rewards_service.kit.crypto import KeysUnusable, new_key_ring, read_keys, with_new_key, write_key_file
from rewards_service.kit.crypto.keys import key_path


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    write_key_file(path, new_key_ring())
    return path


class TestWriteKeyFile:
    def test_leaves_the_file_to_its_owner_alone(self, key_file: Path):
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600

    def test_never_overwrites_keys(self, key_file: Path):
        before = key_file.read_text()
        with pytest.raises(FileExistsError):
            write_key_file(key_file, new_key_ring())
        assert key_file.read_text() == before


class TestReadKeys:
    def test_reads_back_what_was_written(self, tmp_path: Path):
        ring = with_new_key(new_key_ring(), "lookup")
        write_key_file(tmp_path / "keys.json", ring)
        assert read_keys(str(tmp_path / "keys.json")) == ring

    def test_takes_the_content_itself(self, key_file: Path):
        assert read_keys(key_file.read_text()) == read_keys(str(key_file))

    def test_refuses_a_file_that_others_may_read(self, key_file: Path):
        key_file.chmod(0o640)
        with pytest.raises(KeysUnusable, match="open to others"):
            read_keys(str(key_file))

    def test_refuses_a_missing_file(self, tmp_path: Path):
        with pytest.raises(KeysUnusable, match="cannot be read"):
            read_keys(str(tmp_path / "nowhere.json"))

    @pytest.mark.parametrize(
        "content",
        [
            "{",
            "{}",
            '{"format": 2}',
            '{"format": 1, "kek": {}}',
            '{"format": 1, "kek": {"1": "c2hvcnQ="}}',
            '{"format": 1, "kek": {"one": ""}}',
            '{"format": 1, "kek": {"1": "***"}}',
            '{"format": 1, "kek": []}',
        ],
    )
    def test_refuses_what_is_no_key_ring(self, content: str):
        with pytest.raises(KeysUnusable):
            read_keys(content)

    def test_refuses_a_version_below_one(self, key_file: Path):
        document = json.loads(key_file.read_text())
        document["audit"] = {"0": document["audit"]["1"]}
        with pytest.raises(KeysUnusable):
            read_keys(json.dumps(document))

    def test_says_nothing_of_the_content_it_refuses(self):
        with pytest.raises(KeysUnusable) as refused:
            read_keys('{"format": 1, "kek": {"1": "aHVzaC1odXNo-not-base64"}}')
        assert "aHVzaC1odXNo" not in str(refused.value)


class TestKeyPath:
    def test_names_the_file_of_a_setting_that_points_to_one(self, key_file: Path):
        assert key_path(str(key_file)) == key_file
        assert key_path(key_file.read_text()) is None


class TestWithNewKey:
    def test_makes_the_new_version_current_and_keeps_the_old_one(self):
        ring = new_key_ring()
        rotated = with_new_key(ring, "signing")
        assert (ring.signing.current, rotated.signing.current) == (1, 2)
        assert rotated.signing.newest_first[1:] == ring.signing.newest_first
        assert rotated.kek == ring.kek

    def test_prints_no_key(self):
        ring = new_key_ring()
        assert ring.kek.by_version[1].hex() not in repr(ring)
        assert repr(ring.kek) == "VersionedKeys()"
