"""What the exported files are measured against: the same student by other means, and the model people would ship else.

They are built here because they need torch; the bench room gets a file or a callable.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedModel

from pocketbert.edge_export.artifact.manifest import INPUTS
from pocketbert.edge_export.lowering.onnx_proto import dynamic_int8, without_traces
from pocketbert.edge_export.source import takes_token_types
from pocketbert.tasks.quiet import quiet

Forward = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

# google-bert/bert-base-uncased's config.json
BERT_BASE: dict[str, Any] = {
    "vocab_size": 30522,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "max_position_embeddings": 512,
}


def onnxruntime_int8(folder: Path, out: Path) -> Path:
    """The peer to beat: Hugging Face's own module through torch.onnx with a dynamic length, fused by onnxruntime's
    transformer optimizer, linears and tables in dynamic int8. Inputs int64 (1, n), as that route gives them.

    Args:
        folder: a Hugging Face sequence classifier.
        out: the .onnx to write.
    """
    import onnx
    from transformers import AutoModelForSequenceClassification

    # eager attention: sdpa's mask arithmetic survives the export as extra nodes and costs time in onnxruntime
    with quiet():
        model = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager").eval()
        onnx.save(dynamic_int8(_fused(_exported(model), model.config)), out)
    return out


def bert_base_onnx(out: Path) -> Path:
    """A BERT-base-shaped fp32 classifier with random weights, exported and fused the same way: for timing only."""
    import onnx
    from transformers import BertConfig, BertForSequenceClassification

    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = BertForSequenceClassification._from_config(BertConfig(**BERT_BASE), attn_implementation="eager").eval()
    with quiet():
        onnx.save(_fused(_exported(model), model.config), out)
    return out


def torch_callable(folder: Path, threads: int) -> Forward:
    """The fp32 PyTorch model with its fused attention, as (ids, mask, types) int (1, n) -> float32 (1, outputs).

    Sets torch's thread count for the whole process.
    """
    from transformers import AutoModelForSequenceClassification

    torch.set_num_threads(threads)
    with quiet():
        model = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="sdpa").eval()
    names = _input_names(model)

    @torch.inference_mode()
    def forward(ids: np.ndarray, mask: np.ndarray, types: np.ndarray) -> np.ndarray:
        given: dict[str, torch.Tensor] = dict(zip(INPUTS, (torch.from_numpy(x).long() for x in (ids, mask, types)), strict=True))
        return model(**{name: given[name] for name in names}).logits.numpy()

    return forward


class _Positional(nn.Module):
    """Hugging Face's forward with positional inputs and bare logits, as the exporter wants it."""

    def __init__(self, model: nn.Module, names: tuple[str, ...]):
        super().__init__()
        self.model, self.names = model, names

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return self.model(**dict(zip(self.names, inputs, strict=True))).logits


def _input_names(model: PreTrainedModel) -> tuple[str, ...]:
    return INPUTS if takes_token_types(model) else INPUTS[:2]


def _exported(model: PreTrainedModel):
    names = _input_names(model)
    length = 16  # any that is no other size of the model
    example = [torch.zeros(1, length, dtype=torch.long) for _ in names]
    example[1] = torch.ones_like(example[1])
    program: Any = torch.onnx.export(  # None is declared too, and only comes of dynamo=False
        _Positional(model, names),
        tuple(example),
        input_names=names,
        output_names=["logits"],
        dynamic_shapes=(tuple({1: torch.export.Dim.DYNAMIC} for _ in names),),
        dynamo=True,
        verbose=False,
    )
    return without_traces(program.model_proto)


def _fused(proto, config):
    import onnx
    from onnxruntime.transformers.optimizer import optimize_model

    heads = getattr(config, "num_attention_heads", None) or config.n_heads
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "exported.onnx")
        onnx.save(proto, path)  # given the proto itself, the optimizer loses tensors above 1 kB
        model = optimize_model(path, model_type="bert", num_heads=heads, hidden_size=config.hidden_size, opt_level=1)
        model.topological_sort()
        return model.model
