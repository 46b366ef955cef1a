"""``python -m migrations NAME``: write the next revision from what the models declare beyond the newest one."""

import argparse
import tempfile
from pathlib import Path

from alembic import command
from flask import Flask

from rewards_service import app as whole_product
from rewards_service.kit.database import connect_database, db
from rewards_service.kit.schema import alembic_config, migrate, newest_revision


def next_revision(name: str) -> str:
    """Return the identity of the revision after the newest one: a number and ``name``."""
    return f"{int(newest_revision().partition('_')[0]) + 1:04d}_{name}"


def write_revision(name: str) -> None:
    """Migrate an empty SQLite database, compare it with the models, and write what is missing as a revision."""
    with tempfile.TemporaryDirectory() as folder:
        application = Flask(whole_product.__name__)
        application.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{Path(folder) / 'empty.db'}"
        connect_database(application)
        with application.app_context():
            migrate(db.engine)
            config = alembic_config(db.engine)
            command.revision(config, name.replace("_", " ").capitalize(), autogenerate=True, rev_id=next_revision(name))
            db.engine.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="what the revision is about, in words_like_these")
    write_revision(parser.parse_args().name)
