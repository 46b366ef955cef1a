"""Where a page may send somebody: to our own pages only, whatever the address bar was told.

``next`` comes from a form or a link and is never followed as it is: it must match one of our routes, and the address
is built anew from that route.
"""

from urllib.parse import unquote

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

NEXT_LENGTH_MAX = 500
_NEVER_IN_A_PATH = ("\\", "\n", "\r", "\t", "\x00")


def next_page(fallback: str) -> str:
    """Return the page that the request's ``next`` names, built anew, or ``fallback`` when it names none of ours."""
    return own_page(request.values.get("next", "")) or fallback


def own_page(target: str) -> str | None:
    """Return ``target`` as an address of ours, or None: another host, no route of ours, or not to be opened by GET."""
    quoted, _, query = target.partition("?")
    path = unquote(quoted)
    if len(target) > NEXT_LENGTH_MAX or not _is_plain(path, query):
        return None
    try:
        endpoint, arguments = current_app.url_map.bind("own").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    built = url_for(endpoint, **arguments)
    return f"{built}?{query}" if query else built


def _is_plain(path: str, query: str) -> bool:
    """Tell whether a path begins here, and every browser reads it and its query as they are written."""
    is_here = path.startswith("/") and not path.startswith("//")
    return is_here and not any(character in path + query for character in _NEVER_IN_A_PATH)
