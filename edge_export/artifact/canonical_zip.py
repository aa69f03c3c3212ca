"""The zip archive of docs/artifact.md section 2: written in one canonical way, read strictly.

Python's zipfile is not used for reading because it forgives (other local headers, gaps, extra fields): here a changed bit
anywhere must be found, and a port in another language must come to the same verdict.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping

from pocketbert.tasks import UserError

MAX_ENTRIES = 32
MAX_MANIFEST = 1 << 20
MAX_ENTRY = 64 << 20  # any other than these:
MAX_OF = {"manifest.json": MAX_MANIFEST, "golden.json": 8 << 20, "vocab.txt": 8 << 20, "normalizer.bin": 1 << 20}
DATE = 33  # 1980-01-01, the earliest a zip can say
_NAME = re.compile(r"[a-z0-9._-]{1,64}")
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")


def write_zip(entries: Mapping[str, bytes], start: int) -> bytes:
    """The archive of `entries`, in their order, for a file in which it begins at byte `start`.

    Raises:
        UserError: a name or a size is outside the format's bounds.
    """
    if len(entries) > MAX_ENTRIES:
        raise UserError(f"the seal takes at most {MAX_ENTRIES} entries, and there are {len(entries)}.")
    body, central = bytearray(), bytearray()
    for name, data in entries.items():
        _check_entry(name, len(data))
        crc, size, encoded = zlib.crc32(data), len(data), name.encode("ascii")
        offset = start + len(body)
        body += _LOCAL.pack(b"PK\x03\x04", 20, 0, 0, 0, DATE, crc, size, size, len(encoded), 0) + encoded + data
        central += _CENTRAL.pack(b"PK\x01\x02", 20, 20, 0, 0, 0, DATE, crc, size, size, len(encoded), 0, 0, 0, 0, 0, offset)
        central += encoded
    end = _END.pack(b"PK\x05\x06", 0, 0, len(entries), len(entries), len(central), start + len(body), 0)
    return bytes(body + central + end)


def read_zip(file: memoryview) -> tuple[int, dict[str, bytes]]:
    """(where the archive starts, its entries by name in order).

    Args:
        file: the whole file; the archive must end with it.

    Raises:
        UserError: names what is not as the format has it.
    """
    if len(file) < _END.size:
        raise UserError("the file is too short to hold a seal; it is truncated or was never sealed.")
    magic, _, _, count, _, central_size, central_start, _ = _END.unpack(file[-_END.size :])
    if magic != b"PK\x05\x06":
        raise UserError("there is no seal at the end of the file; it is truncated or was never sealed by pocketbert.")
    if not 1 <= count <= MAX_ENTRIES or central_start + central_size + _END.size != len(file):
        raise UserError("the seal's end record is damaged.")
    places: dict[str, tuple[int, int]] = {}
    _, start, _, _ = _central_entry(file, central_start)
    at, end = central_start, start
    for _ in range(count):
        name, offset, size, at = _central_entry(file, at)
        if name in places:
            raise UserError(f'the seal holds the entry "{name}" twice.')
        begin = offset + _LOCAL.size + len(name)
        # one behind the other and before the directory: so all entries together are no larger than the file
        if end != offset or begin + size > central_start:
            raise UserError(f'the seal\'s entry "{name}" does not lie where the entry before it ends.')
        end = begin + size
        places[name] = begin, end
    entries = {name: bytes(file[begin:end]) for name, (begin, end) in places.items()}
    if bytes(file[start:]) != write_zip(entries, start):
        raise UserError("the seal is damaged: its bytes are not what its entries give when written anew.")
    return start, entries


def _central_entry(file: memoryview, at: int) -> tuple[str, int, int, int]:
    """(name, offset of the local header, size of the data, where the next central header starts)."""
    end = at + _CENTRAL.size
    if end > len(file):
        raise UserError("the seal's central directory is cut off.")
    header = _CENTRAL.unpack(file[at:end])
    size, name_length, offset = header[9], header[10], header[16]
    raw = bytes(file[end : end + name_length])
    name = raw.decode("ascii", "replace")
    if header[0] != b"PK\x01\x02" or len(raw) != name_length:
        raise UserError("the seal's central directory is damaged.")
    _check_entry(name, size)
    return name, offset, size, end + name_length


def _check_entry(name: str, size: int) -> None:
    if not _NAME.fullmatch(name):
        raise UserError(f"the seal has an entry with the bad name {name[:70]!r}.")
    limit = MAX_OF.get(name, MAX_ENTRY)
    if size > limit:
        raise UserError(f'the seal\'s entry "{name}" has {size} bytes, more than the {limit} that the format allows.')
