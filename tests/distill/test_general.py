"""General distillation: what it learns, that it goes on after a kill, and that processes share a batch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from pocketbert.distill.general import _faster
from pocketbert.distill.processes import batch_mean
from pocketbert.distill.shards import write_shards

from .test_corpus import text_of  # noqa: TID252

RUN = Path(__file__).with_name("general_run.py")
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def parts(small_folder, tmp_path_factory) -> list[Path]:
    """teacher, student, corpus; neither has dropout, whose random numbers differ between processes."""
    folder = tmp_path_factory.mktemp("general")
    tokenizer = AutoTokenizer.from_pretrained(small_folder)
    for name, seed, width, layers in (("teacher", 0, 32, 4), ("student", 1, 16, 2)):
        torch.manual_seed(seed)
        config = BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            num_hidden_layers=layers,
            num_attention_heads=2,
            intermediate_size=2 * width,
            max_position_embeddings=48,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            initializer_range=0.3,
        )
        BertModel(config).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    (folder / "text.txt").write_text(text_of(200))
    write_shards([str(folder / "text.txt")], tokenizer, 16, folder / "corpus")
    return [folder / name for name in ("teacher", "student", "corpus")]


def run(parts: list[Path], out: Path, *launcher: str, **environment: str) -> int:
    command = [sys.executable, *launcher, str(RUN), *map(str, parts), str(out)]
    done = subprocess.run(command, env={**os.environ, **ENVIRONMENT, **environment}, capture_output=True, text=True)
    assert done.returncode in (0, -9), done.stderr
    return done.returncode


def losses(out: Path) -> list[dict]:
    return [json.loads(line) for line in Path(f"{out}.work", "losses.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def whole(parts, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "encoder"
    assert run(parts, out) == 0
    return out


def test_the_student_comes_nearer_to_its_teacher(whole, parts):
    lines = losses(whole)
    trained = [line["loss"] for line in lines if "loss" in line]
    held = [line["dev"]["held_out"] for line in lines if "dev" in line]
    assert len(held) > 2 and held[-1] < held[0] and trained[-1] < trained[0] / 1.5
    # the loss of the last step is the sum of its parts, each with the weight 1
    last = lines[-2] if "dev" in lines[-1] else lines[-1]
    assert last["loss"] == pytest.approx(last["embedding"] + last["attention"] + last["hidden"], rel=1e-6)


def test_what_comes_out_is_a_plain_encoder_without_the_projections(whole, parts):
    model, told = AutoModel.from_pretrained(whole, output_loading_info=True)
    assert not told["missing_keys"] and not told["unexpected_keys"]
    before = load_file(parts[1] / "model.safetensors")
    after = model.state_dict()
    assert {name: after[name].shape for name in after} == {name: before[name].shape for name in before}
    assert AutoTokenizer.from_pretrained(whole).get_vocab() == AutoTokenizer.from_pretrained(parts[0]).get_vocab()


def test_a_killed_run_ends_bit_equal(whole, parts, tmp_path):
    out = tmp_path / "encoder"
    assert run(parts, out, KILL_AFTER="2") == -9 and not out.exists()
    assert run(parts, out) == 0
    assert (out / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert losses(out) == losses(whole)


def test_two_processes_have_the_losses_of_one(whole, parts, tmp_path):
    out = tmp_path / "encoder"
    run(parts, out, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    one, two = losses(whole), losses(out)
    assert len(one) == len(two) > 20
    for a, b in zip(one, two, strict=True):
        numbers = ({k: v for k, v in line.items() if k not in ("step", "dev")} | line.get("dev", {}) for line in (a, b))
        first, second = numbers
        assert a["step"] == b["step"] and second == pytest.approx(first, abs=1e-5)
    weights = [load_file(folder / "model.safetensors") for folder in (whole, out)]
    assert all(torch.allclose(weights[0][name], weights[1][name], atol=1e-4) for name in weights[0])


def test_the_precision_that_was_chosen_stays(tmp_path):
    kept = tmp_path / "checkpoints" / "precision"
    assert _faster({False: 2.0}, kept) == "fp32" and _faster({True: 2.0}, kept) == "bf16" and not kept.exists()
    assert _faster({False: 1.0, True: 2.0}, kept) == "fp32"
    # resumed, and timed when the machine was busy
    assert _faster({False: 3.0, True: 2.0}, kept) == "fp32"
    kept.unlink()
    assert _faster({False: 3.0, True: 2.0}, kept) == "bf16" == _faster({False: 1.0, True: 2.0}, kept)


def test_the_mean_of_a_batch_in_one_process():
    values, weights = torch.tensor([[1.0, 5.0], [3.0, 9.0]]), torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    assert batch_mean(values, weights) == pytest.approx(13 / 3)
