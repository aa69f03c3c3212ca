"""Where a seal lies in each container (docs/artifact.md section 1)."""

from __future__ import annotations

from typing import Literal

from pocketbert.tasks import UserError

Container = Literal["pte", "tflite", "onnx"]
CONTAINERS: tuple[Container, ...] = ("pte", "tflite", "onnx")
MAX_FILE = (1 << 31) - 1
# Key of protobuf field 15000, wire type 2: a field that onnx.proto does not know, which parsers skip (a raw tail they refuse).
ONNX_FIELD = b"\xc2\xa9\x07"


def starts_like(container: str, head: bytes) -> bool:
    """Whether a file with these first 8 bytes is such a container's."""
    if container == "onnx":
        return head[:1] == b"\x08"
    return head[4:8] == {"pte": b"ET12", "tflite": b"TFL3"}[container]


def seal_header(container: str, zip_size: int) -> bytes:
    """What stands between the compute bytes and the zip: nothing, or for ONNX the key and length of its field."""
    return ONNX_FIELD + _varint(zip_size) if container == "onnx" else b""


def zip_start(container: str, compute_size: int, entry_sizes: dict[str, int]) -> int:
    """The byte at which the zip begins in a file with these compute bytes and entries."""
    # The zip's own size does not depend on where it starts: 30 + 46 bytes of headers and twice the name an entry, 22 at the end.
    zip_size = 22 + sum(76 + 2 * len(name) + size for name, size in entry_sizes.items())
    if compute_size + zip_size + 16 > MAX_FILE:
        raise UserError(f"the file would have {compute_size + zip_size} bytes; the format ends at {MAX_FILE}.")
    return compute_size + len(seal_header(container, zip_size))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
