"""QR codes, read back by a decoder that is not ours."""

import io
import re

import zxingcpp
from PIL import Image

from rewards_service.kit.qr import PIXELS_PER_MODULE, qr_png, qr_svg

LINK = "https://rewards.example/claim#Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"


class TestQrPng:
    def test_is_read_back_by_another_decoder(self):
        [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(qr_png(LINK))))
        assert found.text == LINK


class TestQrSvg:
    def test_draws_the_same_modules_as_the_png(self):
        modules = Image.open(io.BytesIO(qr_png(LINK))).width // PIXELS_PER_MODULE
        assert f'viewBox="0 0 {modules} {modules}"' in qr_svg(LINK)

    def test_brings_no_script_style_or_link(self):
        assert set(re.findall(r"<(\w+)", qr_svg(LINK))) == {"svg", "path"}

    def test_says_nothing_in_clear(self):
        assert "rewards.example" not in qr_svg(LINK)
