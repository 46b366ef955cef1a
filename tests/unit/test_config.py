from pathlib import Path

import pytest

from rewards_service.config import SettingUnusable, read_settings

SAFE = {
    "REWARDS_ENV": "production",
    "REWARDS_BASE_URL": "https://rewards.example/",
    "REWARDS_KEYS": "/run/keys.json",
    "REWARDS_MAIL_URL": "smtp://mail.example:25",
    "REWARDS_SECRET_KEY": "s" * 32,
}


class TestReadSettings:
    def test_needs_nothing_to_try_things_out(self) -> None:
        settings = read_settings({})
        assert (settings.env, settings.host, settings.port) == ("development", "127.0.0.1", 8000)
        assert settings.home == Path("instance").resolve()
        assert settings.database_url == f"sqlite:///{settings.home}/rewards.db"
        assert settings.base_url == "http://127.0.0.1:8000"

    def test_reads_a_secret_from_the_file_that_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("from a file\n", encoding="utf-8")
        assert read_settings({"REWARDS_SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == "from a file"

    def test_names_the_file_that_cannot_be_read(self) -> None:
        with pytest.raises(SettingUnusable, match="REWARDS_KEYS_FILE names /nowhere"):
            read_settings({"REWARDS_KEYS_FILE": "/nowhere"})

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
    def test_speaks_to_postgresql_by_psycopg(self, scheme: str) -> None:
        url = read_settings({"REWARDS_DATABASE_URL": f"{scheme}://u:p@db/rewards"}).database_url
        assert url == "postgresql+psycopg://u:p@db/rewards"

    def test_believes_no_proxy_unless_told(self) -> None:
        assert read_settings({}).trusted_proxies == 0
        assert read_settings({"REWARDS_TRUSTED_PROXIES": "2"}).trusted_proxies == 2

    def test_takes_a_sqlite_file_as_it_is_named(self) -> None:
        assert read_settings({"REWARDS_DATABASE_URL": "sqlite:////var/r.db"}).database_url == "sqlite:////var/r.db"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("REWARDS_ENV", "staging"),
            ("REWARDS_PORT", "0"),
            ("REWARDS_PORT", "65536"),
            ("REWARDS_PORT", "-1"),
            ("REWARDS_PORT", "http"),
            ("REWARDS_TRUSTED_PROXIES", "-1"),
            ("REWARDS_TRUSTED_PROXIES", "11"),
            ("REWARDS_TRUSTED_PROXIES", "10.0.0.1"),
            ("REWARDS_DATABASE_URL", "mysql://u@db/rewards"),
            ("REWARDS_DATABASE_URL", "rewards.db"),
        ],
    )
    def test_names_the_setting_that_cannot_be_used(self, name: str, value: str) -> None:
        with pytest.raises(SettingUnusable, match=name):
            read_settings({name: value})

    def test_does_not_print_secrets(self) -> None:
        settings = read_settings({**SAFE, "REWARDS_DATABASE_URL": "postgresql://u:hush@db/r"})
        assert not any(secret in repr(settings) for secret in ("hush", "s" * 32, "smtp://"))

    def test_starts_in_production_when_everything_is_safe(self) -> None:
        assert read_settings(SAFE).base_url == "https://rewards.example"

    @pytest.mark.parametrize("name", [name for name in SAFE if name != "REWARDS_ENV"])
    def test_refuses_production_without(self, name: str) -> None:
        with pytest.raises(SettingUnusable, match=f"not safe in production: .*{name} is not set"):
            read_settings({key: value for key, value in SAFE.items() if key != name})

    @pytest.mark.parametrize(
        ("name", "value"), [("REWARDS_BASE_URL", "http://rewards.example"), ("REWARDS_SECRET_KEY", "short")]
    )
    def test_refuses_production_with_what_is_weak(self, name: str, value: str) -> None:
        with pytest.raises(SettingUnusable, match=f"not safe in production: {name}"):
            read_settings({**SAFE, name: value})
