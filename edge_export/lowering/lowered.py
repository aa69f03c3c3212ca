"""What every lowering is asked for and gives back."""

from __future__ import annotations

from dataclasses import dataclass, field

from pocketbert.edge_export.artifact.containers import Container
from pocketbert.edge_export.artifact.manifest import Runtime
from pocketbert.edge_export.quantization import Quantization


@dataclass(frozen=True)
class Wanted:
    """What to lower to.

    Args:
        quantization: number formats.
        max_length: the longest text in tokens; with static_length None the file takes every length from 2 to it.
        static_length: the one length that the file takes, or None for exact length.
        probabilities: softmax inside the graph, for readers such as MediaPipe that apply none.
    """

    quantization: Quantization
    max_length: int
    static_length: int | None = None
    probabilities: bool = False


@dataclass(frozen=True)
class Delegation:
    """Which share of the work runs in the fast backend (XNNPACK; for ONNX the fused or integer kernels of onnxruntime).

    Args:
        backend: its name.
        macs: multiply-accumulates of one forward pass at the length measured.
        delegated_macs: those inside the backend.
        length: that length in tokens.
        partitions: how many pieces the graph was cut into.
        left_over: operator name -> how often it stayed outside, every operator counted, with or without MACs.
    """

    backend: str
    macs: int
    delegated_macs: int
    length: int
    partitions: int
    left_over: dict[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """0..1, by multiply-accumulates."""
        return self.delegated_macs / self.macs if self.macs else 0.0


@dataclass(frozen=True)
class Lowered:
    """A container's compute bytes, before sealing.

    Args:
        container: "pte", "tflite" or "onnx".
        compute: the bytes that the runtime loads.
        delegation: what was delegated.
        tools: distribution name -> version of what lowered it, for the provenance.
        runtime: name of the runtime and the least version that runs the file right.
    """

    container: Container
    compute: bytes
    delegation: Delegation
    tools: dict[str, str]
    runtime: tuple[Runtime, str]
