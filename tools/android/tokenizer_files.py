"""A tokenizer's tables as the Kotlin programs of the module `text` read them (TokenizerFiles.kt), and how these are run."""

from __future__ import annotations

from pathlib import Path

from pocketbert.edge_export.artifact.manifest import WordPiece
from pocketbert.edge_export.artifact.tokenizing import open_tokenizer, portable, prepare_tokenizer

TARGET = Path(__file__).resolve().parents[2] / "android_demo" / "text" / "target"
UNLIMITED = 1 << 16  # tokens: the longest length that a manifest may have


def write_tables(tokenizer_json: str, folder: Path) -> WordPiece:
    """Writes vocab.txt, normalizer.bin and options.txt.

    Raises:
        SystemExit: no table describes this tokenizer.
    """
    rewritten, entry = prepare_tokenizer(tokenizer_json, UNLIMITED)
    found, normalizer, vocabulary = portable(open_tokenizer(rewritten, entry), entry)
    if normalizer is None or vocabulary is None:
        raise SystemExit(
            "no table describes this tokenizer: it is not BERT's, or its vocabulary holds marks that NFD may exchange."
        )
    wordpiece = found.wordpiece
    (folder / "normalizer.bin").write_bytes(normalizer)
    (folder / "vocab.txt").write_bytes(vocabulary)
    numbers = wordpiece.cls_id, wordpiece.sep_id, wordpiece.unk_id, wordpiece.max_characters
    (folder / "options.txt").write_text("".join(f"{number}\n" for number in numbers), encoding="utf-8")
    return wordpiece


def java() -> list[str]:
    """The beginning of a command; a main class and its arguments follow.

    Raises:
        SystemExit: the module is not built.
    """
    if not (TARGET / "classpath.txt").is_file():
        raise SystemExit("android_demo is not built: python tools/android/maven.py process-test-classes -pl text")
    path = f"{TARGET / 'test-classes'}:{TARGET / 'classes'}:{(TARGET / 'classpath.txt').read_text(encoding='utf-8')}"
    return ["java", "-XX:+UseSerialGC", "-cp", path]
