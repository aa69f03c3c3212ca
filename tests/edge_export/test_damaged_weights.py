"""Weights that were damaged before a file was sealed, so that its seal holds: only the self-check can find them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from pocketbert.edge_export.artifact import check_golden, open_artifact, start
from pocketbert.edge_export.artifact.golden import Golden, golden_bytes, parse_golden, reproducibility
from pocketbert.edge_export.artifact.seal import seal
from pocketbert.edge_export.golden_vectors import check_is_student
from pocketbert.tasks import UserError

CONTAINERS = ("pte", "tflite", "onnx")
BLOCK = 4096  # bytes: a page of flash


def _quantized(folder: Path, name: str, container: str) -> tuple[bytes, np.ndarray]:
    """The weights of a linear layer as every container stores them, and their scales: symmetric, one scale per output channel,
    worked out here from the model's own fp32 weights. onnxruntime multiplies from the left and stores the transpose."""
    weights = load_file(folder / "model.safetensors")[name]  # (out, in)
    scales = (np.abs(weights).max(1) / 127).astype("<f4")
    rows = np.round(weights / scales[:, None]).astype(np.int8)
    return np.ascontiguousarray(rows.T if container == "onnx" else rows).tobytes(), scales


def _replaced(compute: bytes, old: bytes, new: bytes) -> bytes:
    assert compute.count(old) == 1 and len(old) == len(new)
    return compute.replace(old, new)


def _zeroed_block(compute: bytes, folder: Path, container: str) -> bytes:
    weights, _ = _quantized(folder, "bert.encoder.layer.0.attention.self.value.weight", container)
    assert len(weights) == BLOCK
    return _replaced(compute, weights, bytes(BLOCK))


def _flipped_scale(compute: bytes, folder: Path, container: str) -> bytes:
    _, scales = _quantized(folder, "bert.encoder.layer.0.intermediate.dense.weight", container)
    damaged = bytearray(scales[2].tobytes())
    damaged[3] ^= 0x04  # a bit of the exponent: 256 times as large
    return _replaced(compute, scales[2].tobytes(), bytes(damaged))


def _shifted_logit(compute: bytes, folder: Path, container: str) -> bytes:
    bias = load_file(folder / "model.safetensors")["classifier.bias"].astype("<f4")
    shifted = bias.copy()
    shifted[1] += 0.3
    return _replaced(compute, bias.tobytes(), shifted.tobytes())


def _sealed_again(path: Path, out: Path, damage: Callable[[bytes], bytes]) -> Path:
    artifact = open_artifact(path)
    compute = damage(path.read_bytes()[: artifact.manifest.compute.size])
    entries = {name: bytes(artifact.entries[name]) for name in artifact.manifest.entries}
    described = artifact.manifest
    out.write_bytes(seal(compute, entries, lambda c, e: described.model_copy(update={"compute": c, "entries": e})))
    return out


@pytest.mark.parametrize("damage", [_zeroed_block, _flipped_scale, _shifted_logit])
@pytest.mark.parametrize("container", CONTAINERS)
def test_damage_under_a_good_seal_fails_the_self_check(small_artifacts, small_folder, container, damage, tmp_path):
    damaged = tmp_path / f"damaged.{container}"
    _sealed_again(small_artifacts[container], damaged, lambda compute: damage(compute, small_folder, container))
    with start(open_artifact(damaged)) as session:
        report = check_golden(session)
    assert not report.ok and report.ids_equal and " off by " in report.failures[0]


@pytest.mark.parametrize("container", CONTAINERS)
def test_the_same_file_sealed_again_passes(small_artifacts, container, tmp_path):
    again = _sealed_again(small_artifacts[container], tmp_path / f"again.{container}", lambda compute: compute)
    assert again.read_bytes() == small_artifacts[container].read_bytes()
    with start(open_artifact(again)) as session:
        assert check_golden(session).ok


def test_coarser_quantization_does_not_loosen_the_self_check(small_artifacts):
    vectors = open_artifact(small_artifacts["tflite"]).golden.vectors
    outputs = np.stack([vector.output for vector in vectors])
    allowed = open_artifact(small_artifacts["tflite"]).golden.reproducibility
    span = outputs.max() - outputs.min()
    assert (allowed.typical, allowed.largest) == pytest.approx((0.005 * span, 0.03 * span))
    assert reproducibility(outputs, "dynamic_uint8_per_tensor").largest == pytest.approx(0.1 * span)
    assert reproducibility(outputs, "fp32").largest == pytest.approx(1e-5 * np.abs(outputs).max())
    far = tuple(replace(vector, student=vector.student + np.float32(1)) for vector in vectors)
    near, coarse = (golden_bytes(Golden(allowed, held)) for held in (vectors, far))
    assert json.loads(coarse)["tolerance"] > 1.8 > json.loads(near)["tolerance"]  # of format 1.0
    read = parse_golden(coarse, outputs.shape[1], pair=False)
    assert read.quantization_distance > 0.9 and read.reproducibility == allowed


def test_int8_that_moves_one_text_too_far_is_refused():
    students = np.linspace(-4, 4, 128, dtype=np.float32).reshape(64, 2)
    outputs = students.copy()
    outputs[10, 0] += 3.9  # of a range of 8
    check_is_student("onnx", students, outputs, quantized=True)
    outputs[10, 0] += 0.2
    with pytest.raises(UserError, match="int8 moves an output by 4.1 on the golden texts, whose outputs lie within 8"):
        check_is_student("onnx", students, outputs, quantized=True)
    outputs[10, 0] = np.nan
    with pytest.raises(UserError, match="NaN or infinity"):
        check_is_student("onnx", students, outputs, quantized=True)
