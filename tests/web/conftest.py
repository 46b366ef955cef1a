"""An installation with pages, and something in its shop."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache

from catalog import Item
from rewards_service.app import create_app
from rewards_service.config import Settings
from rewards_service.kit.clock import FixedClock
from rewards_service.kit.crypto import KeyRing, new_key_ring
from rewards_service.kit.database import db
from tests.web.site import Site

SiteMaker = Callable[..., Site]


@pytest.fixture(scope="session")
def key_ring() -> KeyRing:
    """Keys of one installation."""
    return new_key_ring()


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Where all installations of this process keep their compiled templates."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def make_site(
    database_url: str,
    tmp_path: Path,
    clock: FixedClock,
    key_ring: KeyRing,
    compiled_templates: FileSystemBytecodeCache,
) -> Iterator[SiteMaker]:
    """Makes the installation on the test's database, reached by the address given."""
    made: list[Site] = []

    def make(base_url: str = "http://localhost", *, trusted_proxies: int = 0) -> Site:
        settings = Settings(
            env="test",
            home=tmp_path,
            host="127.0.0.1",
            port=8000,
            base_url=base_url,
            database_url=database_url,
            keys="",
            mail_url="outbox:",
            sms_url="outbox:",
            secret_key=None,
            trusted_proxies=trusted_proxies,
        )
        app = create_app(settings, clock=clock, keys=key_ring)
        app.jinja_env.bytecode_cache = compiled_templates
        made.append(Site(app, clock))
        return made[-1]

    yield make
    for site in made:
        with site.app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def site(make_site: SiteMaker) -> Site:
    """The installation with the program ``demo``."""
    site = make_site()
    with site.story():
        pass
    return site


@pytest.fixture
def item(site: Site) -> Item:
    """A gift card of the shop ``demo`` in 10, 25 and 50 euros, five of 25 and 50 and one of 10 in stock."""
    with site.story() as story:
        item = story.item("Bookworld", barcode_type="qr", how_to_use="Show it at the till.")
        story.stock(item, vouchers=5)
        story.stock(item, vouchers=5, face_value_minor=5000)
        story.stock(item, vouchers=1, face_value_minor=1000)
    return item
