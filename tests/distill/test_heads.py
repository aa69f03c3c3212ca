"""What a classifier brings along when it becomes a teacher: its head only where it means the same labels in the same order."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file

from pocketbert.distill.folders import read_classifier
from pocketbert.distill.options import TrainOptions
from pocketbert.distill.teach import teach
from pocketbert.distill.texts import inputs_of
from pocketbert.tasks import Classification, read_examples

# One step at a rate that moves nothing: what comes out is what training began with.
STILL = TrainOptions(
    learning_rate=1e-12,
    epochs=0.01,
    batch_size=8,
    warmup=0.0,
    patience=0,
    schedule="constant",
    freeze_embeddings=False,
    keep="last",
    seed=3,
)


def started_with(small_folder: Path, data: Path, labels: tuple[str, ...], out: Path) -> dict[str, torch.Tensor]:
    task = Classification(labels)
    examples = read_examples(data, task)
    teach(str(small_folder), task, examples[:40], [], out / "model", replace(STILL), out / "work", 48)
    return load_file(out / "model" / "model.safetensors")


def test_a_head_is_kept_only_where_it_means_the_same_labels(small_folder, small_data, tmp_path):
    own = read_classifier(small_folder).task.labels
    before = load_file(small_folder / "model.safetensors")
    same = started_with(small_folder, small_data, own, tmp_path / "same")
    other = started_with(small_folder, small_data, tuple(sorted(own, reverse=True)), tmp_path / "other")
    assert torch.allclose(same["classifier.weight"], before["classifier.weight"], atol=1e-6)
    assert not torch.allclose(other["classifier.weight"], before["classifier.weight"], atol=1e-2)
    name = "bert.encoder.layer.0.attention.self.query.weight"
    assert torch.allclose(other[name], before[name], atol=1e-6)


def test_a_model_with_one_token_type_reads_pairs_that_a_tokenizer_marks(small_pair_folder, tmp_path):
    from transformers import AutoConfig, AutoModel

    folder = Path(shutil.copytree(small_pair_folder, tmp_path / "one"))
    config = AutoConfig.from_pretrained(folder)
    config.type_vocab_size = 1
    model = AutoModel.from_config(config)
    batch = {"input_ids": torch.tensor([[2, 5, 3, 6, 3]]), "attention_mask": torch.ones(1, 5, dtype=torch.int64)}
    batch["token_type_ids"] = torch.tensor([[0, 0, 0, 1, 1]])
    assert set(inputs_of(model, batch)) == {"input_ids", "attention_mask"}
    assert model(**inputs_of(model, batch)).last_hidden_state.shape == (1, 5, config.hidden_size)
    assert "token_type_ids" in inputs_of(AutoModel.from_pretrained(small_pair_folder), batch)
