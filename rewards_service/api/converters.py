"""Parts of addresses: ids are opaque, but short and plain."""

from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter


class IdConverter(BaseConverter):
    """The id of something, or the one that the caller's own systems give it."""

    regex = r"[A-Za-z0-9_.-]{1,100}"


class LineConverter(BaseConverter):
    """The number of a line, from 1."""

    regex = r"[1-9][0-9]{0,3}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)


CONVERTERS: dict[str, type[BaseConverter]] = {"id": IdConverter, "line": LineConverter}


def add_converters(state: BlueprintSetupState) -> None:
    """Teach the application that a blueprint is registered on how its addresses are read."""
    state.app.url_map.converters.update(CONVERTERS)
