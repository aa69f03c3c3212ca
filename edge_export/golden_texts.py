"""The texts of golden vectors: our own, never the user's rows, since sealed files go into apps.

They are chosen for what breaks ports and runtimes: empty and one-character texts, every length up to past the longest,
accents, case, scripts, CJK, combining marks, controls, emoji, literal special tokens, long words.
"""

from __future__ import annotations

PLAIN = (
    "wake me up at half past six tomorrow morning",
    "play something quiet while I cook",
    "how long does it take to walk to the station",
    "this film is a slow, beautiful and slightly pointless delight",
    "I would not recommend this place to anyone I like",
    "the delivery was late and the box was open",
    "is it going to rain this weekend",
    "turn off every light except the one in the hall",
    "what does the word serendipity mean",
    "call the dentist and move my appointment",
    "the battery lasts for two days and charges in an hour",
    "who won the match last night",
    "please send Ana the photos from Sunday",
    "a committee of nine members will review the proposal in March",
    "two men are playing chess in the park",
    "a woman is slicing an onion",
    "profits rose by 12.5% to $3.4 billion in the third quarter",
    "the prime minister denied the report on Tuesday",
    "not bad at all, but not good either",
    "how do I get a refund",
    "my card was declined twice today",
    "add eggs, flour and two lemons to the shopping list",
    "ok",
    "no",
    "thanks!",
    "why?",
)
MARKS = (
    "",
    " ",
    ".",
    "a",
    "?!?!",
    "Ünïcödé Çafé, naïve façade",
    "ÉCOLE MATERNELLE À L'ÎLE",
    "Straße ẞ ß, Ångström, Dvořák, Łódź",
    "İstanbul'da ILIK bir gün",
    "cafe\u0301 nai\u0308ve (decomposed)",
    "今日は東京で雨が降りますか",
    "北京明天的天气怎么样？",
    "내일 서울 날씨 어때",
    "Привет, как дела? Ёлка и ель",
    "Ποῦ εἶσαι; ΣΊΣΥΦΟΣ",
    "مرحبا كيف حالك اليوم",
    "שלום עולם",
    "नमस्ते दुनिया",
    "ภาษาไทยไม่มีช่องว่าง",
    "emoji 🙂 👩‍💻 🇩🇪 ❤️ done",
    "tab\there, newline\nthere, no\u00a0break, zero\u200bwidth, soft\u00adhyphen",
    "nul \u0000 and bell \u0007 and replacement \ufffd",
    "literal [SEP] and [CLS] and [MASK] and </s> and <pad>",
    "e-mail me@example.org, see https://example.org/a?b=c&d=1#e",
    "C++ & C# > Java < Rust; a_b^c~d|e\\f`g",
    "½ ﬁ ﬂ Ⅷ ㎏ ｆｕｌｌ　ｗｉｄｔｈ",
    "¿Dónde está la biblioteca? ¡Aquí!",
    "“curly” ‘quotes’ – dash — ellipsis…",
    "3,141,592.65 1e-9 0x1F 50% €20 £5 ¥700",
    "SHOUTING IN ALL CAPITALS IS RUDE",
    "a" * 99 + "b",
    "a" * 101,
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "x" * 12 + " " + "y" * 13 + " " + "z" * 14,
)
LONG = "the quick brown fox jumps over the lazy dog while the slow green turtle watches from under the old wooden bridge "
LENGTHS = (2, 4, 7, 11, 16, 24, 40, 70, 130, 300, 600)  # words; the longest are truncated by most models


def golden_texts(pair: bool) -> list[tuple[str, ...]]:
    """At least 64 single texts, or pairs in which short meets long and plain meets marked."""
    long = tuple(" ".join((LONG * 60).split()[:words]) for words in LENGTHS)
    singles = PLAIN + MARKS + long
    if not pair:
        return [(text,) for text in singles]
    return [(text, singles[(7 * i + 3) % len(singles)]) for i, text in enumerate(singles)]
