"""Views of files and pictures, and of the two choices a reader has about looks: theme and language."""

from flask import Response, abort, redirect, request, session
from flask.typing import ResponseReturnValue

from rewards_service.web.appearance import choose
from rewards_service.web.art import item_picture
from rewards_service.web.assets.bundle import assets
from rewards_service.web.i18n import CHOICE_KEY, available_locales
from rewards_service.web.redirects import next_page

FOR_A_YEAR = "public, max-age=31536000, immutable"


def send_file(version: str, name: str) -> ResponseReturnValue:
    """Send a file under the address that holds its version; another version is another file."""
    asset = assets().get(name)
    if asset is None or asset.version != version:
        abort(404)
    packed = request.accept_encodings.quality("gzip") > 0
    response = Response(asset.compressed if packed else asset.content, mimetype=asset.mimetype)
    response.headers.update({"Cache-Control": FOR_A_YEAR, "Vary": "Accept-Encoding"})
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def send_picture(subject: str, seed: str) -> ResponseReturnValue:
    """Send the picture of an item; the same seed is the same picture for ever."""
    response = Response(item_picture(seed, subject), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = FOR_A_YEAR
    return response


def choose_theme() -> ResponseReturnValue:
    """Remember light, dark, or what the device says, and go back."""
    choose(request.form.get("theme", ""))
    return redirect(next_page("/"))


def choose_language() -> ResponseReturnValue:
    """Remember a language that there is, and go back."""
    wanted = request.form.get("language", "")
    if wanted in {str(locale) for locale in available_locales()}:
        session[CHOICE_KEY] = wanted
    return redirect(next_page("/"))
