"""The `intents` data set: its files are what the generator makes, well-formed, balanced and free of leakage."""

from __future__ import annotations

import ast
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from pocketbert.demo import intents
from pocketbert.demo.intents import generate, grammar, noise
from pocketbert.demo.intents.slots import SLOTS
from pocketbert.demo.intents.templates import DEV, TRAIN

TEMPLATES = {"train": TRAIN, "dev": DEV}
MIN_TOTAL = {"train": 2200, "dev": 450, "test": 420}
MIN_PER_LABEL = {"train": 150, "dev": 28, "test": 28}
# The largest allowed word overlap (Jaccard) of any row of the first split with any row of the second.
MAX_OVERLAP = {("test", "train"): 0.75, ("test", "dev"): 0.75, ("dev", "train"): generate.MAX_DEV_TRAIN_OVERLAP}


def template_lines(split: str) -> list[tuple[str, str]]:
    """Return the (label, template) pairs of a split."""
    return [(label, line) for label, block in TEMPLATES[split].items() for line in grammar.lines(block)]


def test_committed_files_are_what_the_generator_makes() -> None:
    for split, rows in generate.build().items():
        assert intents.path(split).read_bytes() == generate.as_tsv(rows), split


def test_check_passes_on_the_package_and_fails_on_a_changed_file(tmp_path: Path, capsys) -> None:
    for split in ("train", "dev"):
        (tmp_path / f"{split}.tsv").write_bytes(intents.path(split).read_bytes())
    assert generate.main(["--check", "--directory", str(tmp_path)]) == 0
    with (tmp_path / "dev.tsv").open("ab") as file:
        file.write(b"one more\talarm\n")
    assert generate.main(["--check", "--directory", str(tmp_path)]) == 1
    assert "dev.tsv is not what the generator makes" in capsys.readouterr().err


def test_writing_again_restores_the_files(tmp_path: Path) -> None:
    assert generate.main(["--directory", str(tmp_path)]) == 0
    for split in ("train", "dev"):
        assert (tmp_path / f"{split}.tsv").read_bytes() == intents.path(split).read_bytes()
    assert not (tmp_path / "test.tsv").exists()


def test_generator_draws_through_random_alone() -> None:
    """Other methods of Random may draw differently from one Python version to the next."""
    package = Path(generate.__file__).parent
    for source in package.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "rng":
                assert node.attr == "random", f"{source.name}:{node.lineno}"


def test_package_imports_the_standard_library_only() -> None:
    package = Path(generate.__file__).parent
    for source in package.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            for module in modules:
                own = module.startswith("pocketbert.demo.intents")
                assert own or module.split(".")[0] in sys.stdlib_module_names, f"{source.name}: {module}"


@pytest.mark.parametrize("split", intents.SPLITS)
def test_file_shape(split: str) -> None:
    content = intents.path(split).read_bytes()
    assert b"\r" not in content and content.endswith(b"\n") and not content.endswith(b"\n\n")
    rows = content.decode("utf-8").removesuffix("\n").split("\n")
    assert rows[0] == "text\tlabel"
    for row in rows:
        text, label = row.split("\t")
        assert text and text == " ".join(text.split()), repr(text)
        assert label
    assert len(rows) - 1 == len(intents.load(split))


@pytest.mark.parametrize("split", intents.SPLITS)
def test_rows_and_labels(split: str) -> None:
    counts = Counter(label for _, label in intents.load(split))
    assert sorted(counts) == list(intents.LABELS)
    assert sum(counts.values()) >= MIN_TOTAL[split]
    assert min(counts.values()) >= MIN_PER_LABEL[split], counts.most_common()[-1]


def test_every_label_is_defined_in_the_source_note() -> None:
    note = (intents.DATA_DIR / "SOURCE.md").read_text(encoding="utf-8")
    assert len(intents.LABELS) >= 12
    for label in intents.LABELS:
        assert f"| `{label}` |" in note, label


def test_texts_have_the_characters_readers_stumble_over() -> None:
    for split in intents.SPLITS:
        texts = [text for text, _ in intents.load(split)]
        assert any('"' in text for text in texts), split
        assert any("'" in text for text in texts), split
        assert any(not text.isascii() for text in texts), split
    assert any(text.startswith('"') for text, _ in intents.load("test"))


def test_no_text_twice_within_or_across_splits() -> None:
    seen: dict[str, str] = {}
    for split in intents.SPLITS:
        for text, _ in intents.load(split):
            key = grammar.normalise(text)
            assert key not in seen, f"{split}: {text!r} is in {seen[key]} already"
            seen[key] = split


def test_texts_without_labels_are_clean_and_far_from_what_is_measured_on() -> None:
    header, *texts = intents.UNLABELLED.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    assert header == "text" and all(text == " ".join(text.split()) and text for text in texts)
    seen = {grammar.normalise(text) for split in intents.SPLITS for text, _ in intents.load(split)}
    held_out = [(text, grammar.word_set(text)) for split in ("dev", "test") for text, _ in intents.load(split)]
    for text in texts:
        key, words = grammar.normalise(text), grammar.word_set(text)
        assert key not in seen, f"{text!r} is there twice, or in a split"
        seen.add(key)
        for other, other_words in held_out:
            assert grammar.overlap(words, other_words) < 0.6, f"{text!r} is too close to {other!r}"


def test_train_and_dev_share_no_template() -> None:
    train = {grammar.normalise(line) for _, line in template_lines("train")}
    dev = {grammar.normalise(line) for _, line in template_lines("dev")}
    assert not train & dev


def test_no_dev_row_is_an_instance_of_a_train_template() -> None:
    patterns = [(line, grammar.pattern(line)) for _, line in template_lines("train")]
    for text, _ in intents.load("dev"):
        plain = grammar.plain(text)
        found = [line for line, pattern in patterns if pattern.fullmatch(plain)]
        assert not found, f"{text!r} is an instance of {found}"


def test_train_and_dev_hold_out_slot_values_from_each_other() -> None:
    for name, values in SLOTS.items():
        assert len(values) == len(set(values)), f"a value of {name} is listed twice"
        train, dev = set(grammar.slot_values(name, "train")), set(grammar.slot_values(name, "dev"))
        assert train - dev and dev - train and train | dev == set(values), name


def test_no_hand_written_row_is_an_instance_of_a_template() -> None:
    patterns = [(label, line, grammar.pattern(line)) for split in TEMPLATES for label, line in template_lines(split)]
    for text, _ in intents.load("test"):
        plain = grammar.plain(text)
        found = [(label, line) for label, line, pattern in patterns if pattern.fullmatch(plain)]
        assert not found, f"{text!r} is an instance of {found}"


def test_pattern_recognises_what_its_template_makes() -> None:
    """The check above proves something only if a pattern matches every instance of its template."""
    rng = random.Random(1)
    for split in TEMPLATES:
        for _, line in template_lines(split):
            pattern = grammar.pattern(line)
            for _ in range(5):
                core = grammar.expand(rng, line, split)
                spoken = (
                    f"{noise.pick(rng, noise.FILLERS)}, {noise.slangify(rng, core)} {noise.pick(rng, noise.ENDINGS)}"
                )
                for text in (core, core.upper(), core.replace("'", ""), spoken):
                    assert pattern.fullmatch(grammar.plain(text)), f"{text!r} is from {line!r}"


@pytest.mark.parametrize("first, second", MAX_OVERLAP)
def test_no_near_duplicates_across_splits(first: str, second: str) -> None:
    others = [(text, grammar.word_set(text)) for text, _ in intents.load(second)]
    for text, _ in intents.load(first):
        words = grammar.word_set(text)
        for other, other_words in others:
            found = grammar.overlap(words, other_words)
            assert found < MAX_OVERLAP[first, second], f"{text!r} ({first}) is too close to {other!r} ({second})"


def test_normalise_and_plain() -> None:
    assert grammar.normalise('  Don’t call JOSÉ… "now"! ') == "dont call jose now"
    assert grammar.plain("plz plz") == "please please"
    assert grammar.plain("gimme ur msg") == grammar.plain("Give me your message")


def test_load_rejects_what_is_no_split_and_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="unknown split 'trian'"):
        intents.load("trian")
    monkeypatch.setattr(intents, "DATA_DIR", tmp_path)
    (tmp_path / "test.tsv").write_text("text\tlabel\nno label here\n", encoding="utf-8")
    with pytest.raises(ValueError, match="test.tsv:2: expected 2 tab-separated fields, found 1"):
        intents.load("test")
    (tmp_path / "test.tsv").write_text("label\ttext\n", encoding="utf-8")
    with pytest.raises(ValueError, match="the first line must be"):
        intents.load("test")


def test_load_keeps_bare_quotes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intents, "DATA_DIR", tmp_path)
    (tmp_path / "dev.tsv").write_text('text\tlabel\n"hi" he said\tmessage\nplay "x\tmusic\n', encoding="utf-8")
    assert intents.load("dev") == [('"hi" he said', "message"), ('play "x', "music")]
