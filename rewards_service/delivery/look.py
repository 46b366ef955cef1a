"""Colours and sizes of mail, inlined because mail readers know no custom properties.

The values are those of ``tokens.css``, which a test holds against these.
"""

LIGHT = {
    "canvas": "#f5f7f5",
    "surface": "#ffffff",
    "line": "#d6dddb",
    "ink": "#13242a",
    "ink-2": "#475a60",
    "accent": "#0b5c6b",
    "on-accent": "#ffffff",
    "deep": "#0a2c34",
    "on-deep": "#f3f8f8",
    "gold": "#ffd37a",
}

DARK = {
    "canvas": "#0d1517",
    "surface": "#141f22",
    "line": "#2b3a3e",
    "ink": "#e9f1f1",
    "ink-2": "#aabbbf",
    "accent": "#74cfdd",
    "on-accent": "#05242b",
    "deep": "#0f2b32",
    "on-deep": "#f3f8f8",
    "gold": "#ffd37a",
}

FONT_TEXT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
FONT_CODE = "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Roboto Mono', 'DejaVu Sans Mono', monospace"

LOOK = {
    "light": {name.replace("-", "_"): colour for name, colour in LIGHT.items()},
    "dark": {name.replace("-", "_"): colour for name, colour in DARK.items()},
    "font_text": FONT_TEXT,
    "font_code": FONT_CODE,
}
"""What templates see as ``look``."""
