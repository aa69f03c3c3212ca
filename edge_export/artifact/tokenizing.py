"""The tokenizer inside the file: Hugging Face's own library, set as the manifest says."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from pocketbert.edge_export.artifact.canonical_zip import MAX_OF
from pocketbert.edge_export.artifact.manifest import TokenizerEntry, WordPiece
from pocketbert.edge_export.artifact.normalizer import build_normalizer
from pocketbert.edge_export.artifact.port_tables import MAX_BEGINNINGS, beginnings
from pocketbert.edge_export.artifact.strict_json import shortened
from pocketbert.tasks import UserError


@dataclass(frozen=True)
class Encoded:
    """One text or pair as the graph takes it; each array is int32 (1, n), without padding."""

    input_ids: np.ndarray
    attention_mask: np.ndarray
    token_type_ids: np.ndarray
    tokens: tuple[str, ...]
    truncated: bool

    @property
    def length(self) -> int:
        """n, in tokens."""
        return self.input_ids.shape[1]


def prepare_tokenizer(tokenizer_json: str, max_length: int) -> tuple[str, TokenizerEntry]:
    """(the tokenizer.json to seal, the manifest's entry on it).

    Truncation and padding that the file carried are replaced by the artifact's own.

    Raises:
        UserError: the file is no tokenizer, has no padding token, or max_length leaves no room for text.
    """
    tokenizer = _parse(tokenizer_json)
    if max_length < 5:  # [CLS] a [SEP] b [SEP]
        raise UserError(f"the longest length is {max_length} tokens; a pair with its special tokens needs 5.")
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length, strategy="longest_first", stride=0, direction="right")
    rewritten = tokenizer.to_str()
    model = json.loads(rewritten)["model"]
    pad = next((i for i in map(tokenizer.token_to_id, ("[PAD]", "<pad>")) if i is not None), None)
    if pad is None:
        raise UserError("the tokenizer has neither [PAD] nor <pad>, so a BERT-type model cannot be padded with it.")
    wordpiece = None
    if model["type"] == "WordPiece":
        names = ("[CLS]", "[SEP]", model["unk_token"])
        found = {name: number for name in names if (number := tokenizer.token_to_id(name)) is not None}
        missing = [name for name in names if name not in found]
        if missing:
            raise UserError(f"the tokenizer's vocabulary lacks {', '.join(missing)}.")
        wordpiece = WordPiece(
            cls_id=found["[CLS]"],
            sep_id=found["[SEP]"],
            unk_id=found[model["unk_token"]],
            prefix=model["continuing_subword_prefix"],
            max_characters=model["max_input_chars_per_word"],
        )
    entry = TokenizerEntry(
        kind=model["type"].lower(), special_tokens_in_text=False, max_length=max_length, pad_id=pad, wordpiece=wordpiece
    )
    return rewritten, entry


def open_tokenizer(tokenizer_json: str, entry: TokenizerEntry) -> Tokenizer:
    """The tokenizer of a sealed file, ready to encode.

    Raises:
        UserError: the text is no tokenizer of the `tokenizers` library, or not of the kind that the manifest says.
    """
    tokenizer = _parse(tokenizer_json)
    if type(tokenizer.model).__name__.lower() != entry.kind:
        raise UserError(f"tokenizer.json is of kind {type(tokenizer.model).__name__}, the manifest says {shortened(entry.kind)}.")
    tokenizer.no_padding()
    tokenizer.enable_truncation(entry.max_length, strategy="longest_first", stride=0, direction="right")
    tokenizer.encode_special_tokens = not entry.special_tokens_in_text
    return tokenizer


def encode(tokenizer: Tokenizer, texts: tuple[str, ...]) -> Encoded:
    """Tokenizes a text, or a pair of texts, exactly as the model was trained to see it.

    Lone surrogates, which are no characters, are dropped; token types are 0, and 1 for the second text and its separator.

    Raises:
        UserError: not one or two strings.
    """
    if not 1 <= len(texts) <= 2 or not all(isinstance(text, str) for text in texts):
        raise UserError(f"expected one text or a pair of texts, found {texts!r}.")
    clean = [text.encode("utf-8", "ignore").decode("utf-8") for text in texts]
    found = tokenizer.encode(clean[0], clean[1] if len(clean) == 2 else None)
    rows = (found.ids, found.attention_mask, found.type_ids)
    arrays = [np.array([row], np.int32) for row in rows]  # (1, n) each
    return Encoded(*arrays, tokens=tuple(found.tokens), truncated=bool(found.overflowing))


def portable(tokenizer: Tokenizer, entry: TokenizerEntry) -> tuple[TokenizerEntry, bytes | None, bytes | None]:
    """(entry, normalizer.bin, vocab.txt) with which docs/artifact.md section 4 gives this tokenizer's ids.

    Where it would not (another normalizer, added words, another frame, ids with gaps), the entry loses its `wordpiece` part
    and the other two are None, so that a port refuses the file instead of getting ids wrong.
    """
    cannot = entry.model_copy(update={"wordpiece": None}), None, None
    if entry.wordpiece is None or not _plain_bert(tokenizer, entry.wordpiece):
        return cannot
    normalizer, vocabulary = build_normalizer(tokenizer), vocabulary_file(tokenizer)
    return cannot if normalizer is None or vocabulary is None else (entry, normalizer, vocabulary)


def _plain_bert(tokenizer: Tokenizer, wordpiece: WordPiece) -> bool:
    """No word but special ones was added, and texts are framed as [CLS] A [SEP] and [CLS] A [SEP] B [SEP]."""
    if not all(token.special for token in tokenizer.get_added_tokens_decoder().values()):
        return False
    a, b = (tokenizer.encode(text, add_special_tokens=False).ids for text in ("a", "b"))
    cls, sep = [wordpiece.cls_id], [wordpiece.sep_id]
    one, two = tokenizer.encode("a"), tokenizer.encode("a", "b")
    ids = one.ids == cls + a + sep and two.ids == cls + a + sep + b + sep
    return ids and two.type_ids == [0] * (len(a) + 2) + [1] * (len(b) + 1) and one.type_ids == [0] * len(one.ids)


def vocabulary_file(tokenizer: Tokenizer) -> bytes | None:
    """vocab.txt of a WordPiece tokenizer; None where its ids are not 0..n-1, a token holds a line break, or it is too large."""
    vocabulary = tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    if [vocabulary[token] for token in tokens] != list(range(len(tokens))) or any("\n" in token for token in tokens):
        return None
    if beginnings(tokens) > MAX_BEGINNINGS:
        return None
    data = ("\n".join(tokens) + "\n").encode()
    return data if len(data) <= MAX_OF["vocab.txt"] else None


def _parse(tokenizer_json: str) -> Tokenizer:
    try:
        return Tokenizer.from_str(tokenizer_json)
    except Exception as error:  # the Rust library raises bare Exception
        raise UserError(f"tokenizer.json cannot be read by the tokenizers library: {shortened(str(error), 300)}.") from None
