"""Model folder -> sealed files: lower, record golden vectors in the file's own runtime, seal, check the seal and itself."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from pocketbert.edge_export.artifact import check_golden, open_artifact, start
from pocketbert.edge_export.artifact.containers import CONTAINERS
from pocketbert.edge_export.artifact.golden import Golden, golden_bytes
from pocketbert.edge_export.artifact.manifest import (
    INPUTS,
    MAJOR,
    MINOR,
    Digest,
    Format,
    Lengths,
    Manifest,
    Output,
    QuantizationEntry,
    RuntimeEntry,
    TokenizerEntry,
)
from pocketbert.edge_export.artifact.seal import seal
from pocketbert.edge_export.artifact.tokenizing import Encoded, encode, open_tokenizer, portable, prepare_tokenizer
from pocketbert.edge_export.encoder import edge_encoder
from pocketbert.edge_export.golden_texts import golden_texts
from pocketbert.edge_export.golden_vectors import record_golden
from pocketbert.edge_export.lowering.lowered import Delegation, Lowered, Wanted
from pocketbert.edge_export.quantization import Quantization
from pocketbert.edge_export.source import Source, config_text, takes_token_types, word_rows
from pocketbert.tasks import Example, UserError
from pocketbert.tasks.batches import shortest_first
from pocketbert.tasks.errors import not_installed
from pocketbert.tasks.files import write_file

MIN_DELEGATION = 0.99  # what is not delegated runs in reference kernels, slower by far, and nothing else makes that an error
BATCH = 32


@dataclass(frozen=True)
class Prepared:
    """What all containers of one export share: made once.

    Args:
        source: the model.
        tokenizer_json, tokenizer: as they will lie in the file.
        normalizer, vocabulary: normalizer.bin and vocab.txt, or None where a port could not use them.
        golden: the encoded golden texts with the fp32 student's output (outputs,) for each.
    """

    source: Source
    tokenizer_json: str
    tokenizer: TokenizerEntry
    normalizer: bytes | None
    vocabulary: bytes | None
    golden: tuple[tuple[tuple[str, ...], Encoded, np.ndarray], ...]


@dataclass(frozen=True)
class Exported:
    """One sealed file and what was seen while it was made.

    Args:
        quantization_distance: the largest difference to the fp32 student on the golden vectors, in units of the output.
    """

    path: Path
    delegation: Delegation
    quantization_distance: float


def prepare(source: Source) -> Prepared:
    """Tokenizer, character tables and golden vectors of a model.

    Raises:
        UserError: the tokenizer cannot be carried, or the model gives NaN.
    """
    rewritten, entry = prepare_tokenizer(source.tokenizer_json, source.max_length)
    tokenizer = open_tokenizer(rewritten, entry)
    texts = golden_texts(source.task.pair)
    encoded = [encode(tokenizer, pair) for pair in texts]
    outputs = student_outputs(source, encoded)
    entry, normalizer, vocabulary = portable(tokenizer, entry)
    golden = tuple(zip(texts, encoded, outputs, strict=True))
    return Prepared(source, rewritten, entry, normalizer, vocabulary, golden)


def score(prepared: Prepared, examples: Sequence[Example]) -> np.ndarray:
    """The fp32 student's outputs on examples, with the artifact's own tokenizer: float32 (rows, outputs)."""
    tokenizer = open_tokenizer(prepared.tokenizer_json, prepared.tokenizer)
    return student_outputs(prepared.source, [encode(tokenizer, example.texts) for example in examples])


def student_outputs(source: Source, encoded: Sequence[Encoded]) -> np.ndarray:
    """The Hugging Face model's logits: float32 (texts, outputs), in the given order.

    Raises:
        UserError: one of them is not finite.
    """
    takes_types = takes_token_types(source.model)

    def run(chosen: list[int]) -> np.ndarray:
        longest = encoded[chosen[-1]].length
        rows = {
            "input_ids": _stack([encoded[i].input_ids for i in chosen], longest, source.model.config.pad_token_id or 0),
            "attention_mask": _stack([encoded[i].attention_mask for i in chosen], longest, 0),
        }
        if takes_types:
            rows["token_type_ids"] = _stack([encoded[i].token_type_ids for i in chosen], longest, 0)
        return source.model(**rows).logits.numpy()  # (batch, outputs)

    with torch.inference_mode():
        outputs = shortest_first([one.length for one in encoded], BATCH, run)
    if not np.isfinite(outputs).all():
        raise UserError(f"{source.name}: gives NaN or infinity on ordinary text; the model is broken.")
    return outputs


def export_file(
    prepared: Prepared,
    path: Path,
    container: str,
    quantization: Quantization,
    *,
    static_length: int | None = None,
    mediapipe: bool = False,
    min_delegation: float = MIN_DELEGATION,
    metrics: dict[str, float] | None = None,
    provenance: dict[str, object] | None = None,
    on_delegation: Callable[[str, Delegation], None] = lambda container, delegation: None,
) -> Exported:
    """Lowers to one container, seals it and checks it.

    Args:
        prepared: from `prepare`.
        path: where the file goes; written atomically, only when everything holds.
        container: "pte", "tflite" or "onnx".
        quantization: from `quantization(name)`.
        static_length: one length instead of exact length, for GPUs, NPUs and MediaPipe.
        mediapipe: a .tflite for MediaPipe's TextClassifier: static, softmax inside, with its metadata.
        min_delegation: least share (0..1) of multiply-accumulates in the fast backend.
        metrics, provenance: go into the manifest.
        on_delegation: is told what was delegated, before the threshold is applied.

    Raises:
        UserError: the lowering is refused, too little was delegated, or the sealed file does not hold in its own runtime.
    """
    if mediapipe and (container != "tflite" or prepared.source.task.pair or prepared.vocabulary is None):
        raise UserError("a file for MediaPipe is a .tflite of a single-text classifier with a WordPiece vocabulary.")
    if mediapipe and prepared.source.task.kind != "classification":
        raise UserError("a file for MediaPipe is a classifier; MediaPipe has no text regression.")
    source = prepared.source
    length = static_length or (source.max_length if mediapipe else None)
    wanted = Wanted(quantization, source.max_length, length, probabilities=mediapipe)
    lowered = _lower(source, container, wanted)
    on_delegation(container, lowered.delegation)
    if lowered.delegation.share < min_delegation:
        left = ", ".join(f"{name} x{count}" for name, count in lowered.delegation.left_over.items())
        raise UserError(
            f"{path.name}: only {lowered.delegation.share:.1%} of the multiply-accumulates run in "
            f"{lowered.delegation.backend}, less than {min_delegation:.1%}; left over: {left}."
        )
    if mediapipe:
        lowered = _with_mediapipe_metadata(lowered)
    lengths = Lengths(min=2, max=source.max_length) if length is None else Lengths(static=[length])
    golden = record_golden(prepared.golden, prepared.tokenizer.pad_id, lowered, lengths, wanted)
    data = _sealed(prepared, lowered, wanted, lengths, golden, metrics or {}, provenance or {})
    _place_checked(path, data)
    return Exported(path, lowered.delegation, golden.quantization_distance)


def _place_checked(path: Path, data: bytes) -> None:
    """Writes the file beside its place, opens and checks it there as any reader does, then renames it.

    Raises:
        UserError: it does not hold; what stood at `path` before stands there still.
    """
    unchecked = path.with_name(f".unchecked.{path.name}")
    write_file(unchecked, data)
    try:
        with start(open_artifact(unchecked)) as session:
            report = check_golden(session)
        if not report.ok:
            raise UserError(f"{path.name}: the sealed file fails its own golden vectors: {report.failures[0]}.")
        unchecked.replace(path)
    finally:
        unchecked.unlink(missing_ok=True)


def _lower(source: Source, container: str, wanted: Wanted) -> Lowered:
    if container not in CONTAINERS:
        raise UserError(f'unknown format "{container}"; use one of {", ".join(CONTAINERS)}.')
    try:
        # lowerings import their tools when they run, so both may find one missing
        lowering = importlib.import_module(f"pocketbert.edge_export.lowering.{container}")
        return lowering.lower(edge_encoder(source.model, wanted.max_length), wanted)
    except ImportError as error:
        raise not_installed(f"lowering to .{container}", error.name, "export") from None


def _sealed(
    prepared: Prepared,
    lowered: Lowered,
    wanted: Wanted,
    lengths: Lengths,
    golden: Golden,
    metrics: dict[str, float],
    provenance: dict[str, object],
) -> bytes:
    source = prepared.source
    entries = {"tokenizer.json": prepared.tokenizer_json.encode(), "golden.json": golden_bytes(golden)}
    if prepared.normalizer is not None:
        entries["normalizer.bin"] = prepared.normalizer
    if prepared.vocabulary is not None:
        entries["vocab.txt"] = prepared.vocabulary
    entries["labels.txt"] = "".join(f"{label}\n" for label in source.task.labels).encode()
    kind = "probabilities" if wanted.probabilities else source.task.output_kind

    def describe(compute: Digest, parts: dict[str, Digest]) -> Manifest:
        return Manifest(
            format=Format(name="pocketbert", major=MAJOR, minor=MINOR),
            inputs=list(INPUTS),
            container=lowered.container,
            compute=compute,
            entries=parts,
            task=source.task.to_dict(),
            output=Output(name="probabilities" if wanted.probabilities else "logits", kind=kind, size=source.task.outputs),
            lengths=lengths,
            vocabulary_size=word_rows(source.model),
            quantization=QuantizationEntry(**wanted.quantization.described(lowered.container)),
            tokenizer=prepared.tokenizer,
            runtime=RuntimeEntry(name=lowered.runtime[0], least_version=lowered.runtime[1]),
            metrics=metrics,
            provenance={
                "model": source.name,
                "shape": config_text(source),
                "weights_sha256": source.weights_sha256,
                "licence": source.licence or "unknown",
                "tools": {"pocketbert": importlib.metadata.version("pocketbert"), **lowered.tools},
                **provenance,
            },
        )

    return seal(lowered.compute, entries, describe)


def _with_mediapipe_metadata(lowered: Lowered) -> Lowered:
    from pocketbert.edge_export.lowering.tflite_metadata import attach_text_classifier_metadata

    compute = attach_text_classifier_metadata(lowered.compute, output_name="probabilities")
    return Lowered(lowered.container, compute, lowered.delegation, lowered.tools, lowered.runtime)


def _stack(rows: list[np.ndarray], length: int, fill: int) -> torch.Tensor:
    """[(1, n_i)] int32 -> int64 (rows, length)."""
    padded_rows = [np.pad(row, ((0, 0), (0, length - row.shape[1])), constant_values=fill) for row in rows]
    return torch.from_numpy(np.concatenate(padded_rows)).to(torch.int64)
