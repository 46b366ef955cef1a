"""QR codes: SVG for pages, PNG for mails that show no SVG; neither needs an imaging library."""

import io

from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pure import PyPNGImage
from qrcode.image.svg import SvgPathImage
from qrcode.main import QRCode

QUIET_ZONE_MODULES = 4
"""ISO/IEC 18004 asks for four modules of margin."""

PIXELS_PER_MODULE = 10
"""Of the PNG; in the SVG, ten are the unit of its view box."""


def qr_svg(text: str) -> str:
    """Return an ``<svg>`` element that holds ``text`` as a QR code: dark modules as one path, background clear."""
    return str(_modules(text).make_image(image_factory=SvgPathImage).to_string(encoding="unicode"))


def qr_png(text: str) -> bytes:
    """Return ``text`` as a black and white PNG."""
    target = io.BytesIO()
    _modules(text).make_image(image_factory=PyPNGImage).save(target)
    return target.getvalue()


def _modules(text: str) -> QRCode[PyPNGImage]:
    """Return the smallest QR code that holds ``text`` with medium error correction."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE_MODULES, box_size=PIXELS_PER_MODULE)
    code.add_data(text)
    code.make(fit=True)
    return code
