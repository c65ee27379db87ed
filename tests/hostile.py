"""Texts that would harm a page that took them for anything but text."""

TEXTS = (
    "<script>alert(1)</script>",
    "</title></svg></style><img src=x onerror=alert(1)>",
    "\"' onload='alert(1)' x=\"",
    "]]> <![CDATA[ <!-- --> &amp; &lt;",
    "{{ 7 * 7 }} {% raw %} {name} %s",
    "\0nul\0",
    "\udc80\ud800 lone",
    "\u202eebircsni\u202c \u2066x\u2069 \u200f\u200b",
    "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "a\r\nb\tc\x0b\x85\u2028\u2029d",
    "é" + "\u0301" * 500,
    "שלום مرحبا 你好 😀",
    "\ufffe\uffff\U0010ffff",
    "x" * 6000,
    "https://example.org/ javascript:alert(1)",
    "",
)
