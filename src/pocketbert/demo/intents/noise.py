"""Turn a clean template instance into what a hurried person types or a recogniser writes down."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

FILLERS = "hey;ok so;um;uh;hi there;yo;hey assistant;alright;ok;so;well;quick one;hmm;umm ok".split(";")
REQUESTS = "please;pls;could you;can you;can u;would you please".split(";")
ENDINGS = "please;pls;thanks;thx;ok;asap;plz;real quick;right now".split(";")
EMOJI = ["🙏", "😅", "⏰", "🙂", "👍", "😭", "🔥"]

# What is written in a template -> its slang. The leakage check reads the table from right to left.
SLANG = {
    "please": ["pls", "plz"],
    "you": ["u", "ya"],
    "your": ["ur"],
    "want to": ["wanna"],
    "going to": ["gonna"],
    "give me": ["gimme"],
    "let me": ["lemme"],
    "tomorrow": ["tmrw", "2moro", "tomoro"],
    "tonight": ["2nite", "tonite"],
    "are": ["r"],
    "what is": ["whats", "wats"],
    "what's": ["wats"],
    "minutes": ["mins"],
    "hours": ["hrs"],
    "to": ["2"],
    "for": ["4"],
    "because": ["cuz"],
    "have to": ["gotta"],
    "don't know": ["dunno"],
    "the": ["da"],
    "right now": ["rn"],
    "about": ["abt"],
    "message": ["msg"],
    "text": ["txt"],
    "and": ["n", "nd"],
    "temperature": ["temp"],
    "appointment": ["appt"],
    "something": ["smth", "sumthin"],
    "with": ["w/"],
}
# A request may open with one of REQUESTS; a question or a statement, which begins with one of these, may not.
NOT_REQUESTS = set(
    """what what's which who who's when where why how is are am do does did will would could can should
    has have had any got it it's i i'm i'd my we we're you you're the there that this someone another no not in
    on at from thanks good hi hello lol ha""".split()
)

_RARE_SLANG = {"to", "for", "the", "and", "with", "are"}

NEIGHBOURS = {
    "a": "qsz",
    "b": "vgn",
    "c": "xdv",
    "d": "sfe",
    "e": "wrd",
    "f": "dgr",
    "g": "fht",
    "h": "gjy",
    "i": "uok",
    "j": "hku",
    "k": "jli",
    "l": "kop",
    "m": "nj",
    "n": "bmh",
    "o": "ipl",
    "p": "ol",
    "q": "wa",
    "r": "etf",
    "s": "adw",
    "t": "ryg",
    "u": "yij",
    "v": "cbf",
    "w": "qes",
    "x": "zcs",
    "y": "tuh",
    "z": "xas",
}


def pick(rng: random.Random, values: Sequence[T]) -> T:
    """Choose one value by `rng.random()` alone, whose stream is the same in every Python version."""
    return values[int(rng.random() * len(values))]


def slangify(rng: random.Random, text: str) -> str:
    """Replace a word or two by their slang."""
    padded = f" {text} "
    for plain, forms in SLANG.items():
        chance = 0.12 if plain in _RARE_SLANG else 0.5
        if f" {plain} " in padded and rng.random() < chance:
            padded = padded.replace(f" {plain} ", f" {pick(rng, forms)} ", 1)
    return padded.strip()


def mistype(rng: random.Random, text: str) -> str:
    """Put one typing slip into a word of four letters or more; leave a text without such a word alone."""
    words = text.split(" ")
    places = [place for place, word in enumerate(words) if len(word) >= 4 and word.isascii() and word.isalpha()]
    if not places:
        return text
    place = pick(rng, places)
    word = words[place]
    at = 1 + int(rng.random() * (len(word) - 2))
    kind = rng.random()
    if kind < 0.3:
        word = word[:at] + word[at + 1 :]
    elif kind < 0.55:
        word = word[:at] + word[at] + word[at:]
    elif kind < 0.8:
        word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    else:
        word = word[:at] + pick(rng, NEIGHBOURS[word[at].lower()]) + word[at + 1 :]
    words[place] = word
    return " ".join(words)


def recase(rng: random.Random, text: str) -> str:
    """Draw the letter case: mostly lower or sentence case, at times untouched, seldom all capitals."""
    draw = rng.random()
    if draw < 0.5:
        return text.lower()
    if draw < 0.8:
        return text[:1].upper() + text[1:]
    if draw < 0.84:
        return text.upper()
    return text


def add_noise(rng: random.Random, text: str) -> str:
    """Return `text` with fillers, slang, slips, case and punctuation drawn from `rng`."""
    if rng.random() < 0.22:
        openers = FILLERS if text.split()[0].lower() in NOT_REQUESTS else FILLERS + REQUESTS
        text = f"{pick(rng, openers)}{pick(rng, ['', '', ','])} {text}"
    if rng.random() < 0.14:
        text = f"{text} {pick(rng, ENDINGS)}"
    if rng.random() < 0.25:
        text = slangify(rng, text)
    if rng.random() < 0.25:
        text = text.replace("'", "")
    if rng.random() < 0.2:
        text = mistype(rng, text)
        if rng.random() < 0.2:
            text = mistype(rng, text)
    text = recase(rng, text)
    draw = rng.random()
    if draw < 0.12:
        text += "."
    elif draw < 0.17:
        text += "!"
    elif draw < 0.2:
        text += "..."
    if rng.random() < 0.03:
        text += f" {pick(rng, EMOJI)}"
    return text
