"""Texts that somebody may print, type, or call a file; what a page may say of each, as output and as a name."""

from __future__ import annotations

GONE = "\N{REPLACEMENT CHARACTER}"
FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
CODER = "\U0001f469\U0001f3fd\u200d\U0001f4bb"

# what -> the text, the text as output
KEPT = {
    "a tab": "a\tb",
    "a no-break space": "12\xa0kg",
    "a joined emoji": f"by {CODER}!",
    "a family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "a flag": "\U0001f1e9\U0001f1ea and \U0001f1eb\U0001f1f7",
    "a region's flag": f"{FLAG} Scotland",
    "a heart in red": "\u2764\ufe0f",
    "combining accents": "e\u0301 o\u0308\u0323",
    "Arabic and Hebrew": "\u0645\u0631\u062d\u0628\u0627, \u05e9\u05dc\u05d5\u05dd",
    "a mark of direction": "\u05e9\u05dc\u05d5\u05dd\u200f!",
    "Persian": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "Devanagari": "\u0915\u094d\u200d\u0937",
    "Chinese and Thai": "\u4e2d\u6587 \u0e20\u0e32\u0e29\u0e32\u200b\u0e44\u0e17\u0e22",
    "a soft hyphen": "co\xadop",
    "mathematics": "\u2207\u03b8 \u2264 \u211d\u00b2 \U0001d4d0",
    "markup": "<b>&amp; `x` $y$ *z* [a](b)",
}
CHANGED = {
    "a right-to-left override": ("pl\u202egnp.ylp", f"pl{GONE}gnp.ylp"),
    "an isolate": ("a\u2066b\u2069c", f"a{GONE}b{GONE}c"),
    "a NUL": ("a\0b", f"a{GONE}b"),
    "a bell": ("a\x07b", f"a{GONE}b"),
    "a C1 control": ("a\x9b31mb", f"a{GONE}31mb"),
    "a lone surrogate": ("a\ud83db", f"a{GONE}b"),
    "two halves": ("\ud83d\ude00", "\U0001f600"),
    "a byte order mark": ("a\ufeffb", f"a{GONE}b"),
    "a byte order mark at the beginning": ("\ufeffab", "ab"),
    "a line separator": ("a\u2028b\u2029c\x85d", "a\nb\nc\nd"),
    "Windows' line ends": ("a\r\nb\r\n", "a\nb\n"),
    "hidden text in tags": ("a\U000e0041\U000e0042b", f"a{GONE}{GONE}b"),
    "no character": ("a\ufffeb", f"a{GONE}b"),
}
DRAWN = {
    "a colour": ("\x1b[1;31mred\x1b[0m", "red"),
    "a colour of 24 bits": ("\x1b[38:2::255:0:0mred\x1b[m", "red"),
    "a hyperlink": ("\x1b]8;;https://a.example\x1b\\here\x1b]8;;\x07", "here"),
    "a title": ("\x1b]0;owned\x07a", "a"),
    "a title without an end": ("\x1b]0;kept", f"{GONE}]0;kept"),
    "a progress bar": (" 10%|#    |\r 50%|##   |\r100%|#####|\n", "100%|#####|\n"),
    "a shorter line over a longer": ("longer\rshort", "shortr"),
    "a carriage return at the end": ("done\r", "done"),
    "a spinner": ("-\b\\\b|\bdone", "done"),
    "a backspace at the beginning": ("\b\bab\bc", "ac"),
    "two bars": ("a 0\n\rb 0\x1b[A\ra 9\n\rb 9\n", "a 9\nb 9\n"),
    "an erased line": ("working...\r\x1b[2Kdone", "done"),
    "an erased end": ("abcdef\x1b[3D\x1b[K", "abc"),
    "an erased rest": ("a\nb\nc\x1b[2F\x1b[Jx", "x"),
    "a column": ("abc\x1b[1GX", "Xbc"),
    "a move to the right": ("a\x1b[3Cb", "a   b"),
    "a clear screen": ("a\x1b[2J\x1b[Hb", "ab"),
    "an odd sequence": ("a\x1b(Bb\x1b7c\x1b[?25ld", "abcd"),
    "a wide character, half covered": ("\u65e5\u672c\rX", "X \u672c"),
    "an accent over a bar": ("e\u0301\rxy", "xy"),
    "a lone escape": ("a\x1b", f"a{GONE}"),
    "a move of many digits": ("a\x1b[" + "9" * 5000 + "Db", "b"),
}
OUTPUTS = {**{name: (text, text) for name, text in KEPT.items()}, **CHANGED, **DRAWN}
_CONTROLS = [*range(9), *range(11, 32), *range(0x7F, 0xA0)]
NEVER = {*map(chr, _CONTROLS), *"\u202a\u202b\u202c\u202d\u202e\ufeff"}
