"""ExecuTorch's C++ runtime without torch: native/runner.cpp, compiled once a machine against the executorch wheel.

The wheel's libraries need no torch, only its Python extension does, so nothing of executorch is imported here: the folder
is found through its import spec and the version through its metadata; a process that did import them shares the same
libraries and both run side by side. The compiled library is kept under
$POCKETBERT_CACHE (default ~/.cache/pocketbert) in a file named by everything that went into it.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.metadata
import importlib.util
import os
import shlex
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import numpy as np

from pocketbert.edge_export.artifact.engines import executorch_threads
from pocketbert.tasks import UserError

SOURCE = Path(__file__).resolve().parent.parent / "native" / "runner.cpp"
WHEEL = "executorch==1.5.1"  # the first whose wheel carries these libraries for x86-64 and aarch64 and names no torch
LIBRARIES = (
    "executorch",
    "executorch_kernels_optimized",
    "executorch_kernels_quantized",
    "executorch_backend_xnnpack",
    "executorch_threadpool",
    "executorch_etdump",
)
# -w: the wheel's headers warn. The macro: they look for a header that only torch's own build generates.
FLAGS = ("-std=c++17", "-O2", "-fPIC", "-shared", "-w", "-DC10_USING_CUSTOM_GENERATED_MACROS", "-fvisibility=hidden")
COMPILERS = ("c++", "g++", "clang++")
BUILD_SECONDS = 600  # a compiler that runs this long hangs; generous, since a small device may have to swap
# (CXX, cache folder) -> the loaded runner: asking the compiler for its version at every opening would be part of its time
_loaded: dict[tuple[str, Path], ctypes.CDLL] = {}


class NativeUnavailable(UserError):
    """The runner cannot be had on this machine; the file itself may be sound."""


class Engine:
    """A .pte opened in the runner."""

    name = "executorch-native"

    def __init__(self, library: ctypes.CDLL, handle: int, longest: int, outputs: int) -> None:
        self.version = _version()
        self.longest = longest  # tokens that the program plans memory for
        self.outputs = outputs
        self._library = library
        self._handle: int | None = handle
        self._lock = threading.Lock()  # ctypes lets other threads run during a call; a program runs one text at a time

    def run(self, input_ids: np.ndarray, attention_mask: np.ndarray, token_type_ids: np.ndarray) -> np.ndarray:
        """All three int32 (1, n), n up to `longest`; gives float32 (1, outputs).

        Raises:
            UserError: another type or shape, the engine is closed, or ExecuTorch failed (its error number is named).
        """
        arrays = [np.ascontiguousarray(array) for array in (input_ids, attention_mask, token_type_ids)]
        if any(array.dtype != np.int32 or array.shape != (1, arrays[0].size) for array in arrays):
            given = ", ".join(f"{array.dtype} {array.shape}" for array in arrays)
            raise UserError(f"the model takes three int32 arrays of one shape (1, n), not {given}.")
        out = np.empty((1, self.outputs), np.float32)
        pointers = [array.ctypes.data_as(ctypes.POINTER(ctypes.c_int32)) for array in arrays]
        with self._lock:
            if self._handle is None:
                raise UserError("this model has been closed; open the file again.")
            target = out.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
            written = self._library.pocketbert_run(self._handle, arrays[0].size, *pointers, target, self.outputs)
            if written != self.outputs:
                raise UserError(f"the model could not run: {_error_text(self._library) if written < 0 else written}.")
        return out

    def close(self) -> None:
        with self._lock:
            if self._handle is not None:
                self._library.pocketbert_close(self._handle)
                self._handle = None
                executorch_threads.release()


def open_engine(path: Path, threads: int) -> Engine:
    """The file's program, ready to run.

    Args:
        path: a .pte.
        threads: of the pool that all programs of this process share; it can only change while none is open.

    Raises:
        NativeUnavailable: no executorch, no C++ compiler, or it failed.
        UserError: ExecuTorch refused the file (its error number is named), or the thread count cannot be had.
    """
    library = load_library()
    longest, outputs = ctypes.c_int32(), ctypes.c_int32()
    executorch_threads.claim(threads)
    handle = library.pocketbert_open(os.fsencode(path), threads, ctypes.byref(longest), ctypes.byref(outputs))
    if not handle:
        executorch_threads.release()
        raise UserError(f"{path}: {_error_text(library)}.")
    return Engine(library, handle, longest.value, outputs.value)


def built_library() -> Path:
    """The compiled runner, built now if this machine has none for this source, wheel and compiler.

    Raises:
        NativeUnavailable: executorch or a compiler is missing, or the compiler failed.
    """
    wheel, compiler = _wheel(), _compiler()
    arguments = [
        *FLAGS,
        f"-I{wheel / 'include'}",
        f"-I{wheel / 'include/executorch/runtime/core/portable_type/c10'}",
        f"-L{wheel / 'lib'}",
        "-Wl,--no-as-needed",  # kernels and backend register themselves when loaded; no symbol of theirs is named
        *(f"-l{name}" for name in LIBRARIES),
        f"-Wl,-rpath,{wheel / 'lib'}",
    ]
    banner = _output([*compiler, "--version"])
    parts = [SOURCE.read_bytes(), _version().encode(), banner.encode(), "\0".join([*compiler, *arguments]).encode()]
    key = hashlib.sha256(b"\0\0".join(parts)).hexdigest()[:24]
    target = _cache() / f"runner-{key}.so"
    if not target.exists():
        _build(compiler, arguments, target)
    return target


def _build(compiler: list[str], arguments: list[str], target: Path) -> None:
    """Compiles beside the target, then renames: two processes that build at once each leave a whole file."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="building-") as folder:
            made = Path(folder) / "runner.so"
            _output([*compiler, str(SOURCE), *arguments, "-o", str(made)])
            os.replace(made, target)
    except OSError as error:
        raise NativeUnavailable(
            f"{target.parent}: the ExecuTorch runner cannot be written there ({error.strerror or error}); "
            "make room, or name a writable folder in POCKETBERT_CACHE."
        ) from None


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=BUILD_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NativeUnavailable(f"the C++ compiler {command[0]} did not run: {error}.") from None
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-12:])
        raise NativeUnavailable(
            f"the C++ compiler {command[0]} failed on {SOURCE.name} (exit {done.returncode}); its last words:\n{last}\n"
            "A compiler for C++17 is needed (g++ 9 or newer, clang 10 or newer); CXX names another one."
        )
    return done.stdout


def _compiler() -> list[str]:
    named = os.environ.get("CXX", "").strip()
    if named:
        command = shlex.split(named)
        if shutil.which(command[0]) is None:
            raise NativeUnavailable(f'CXX names the C++ compiler "{command[0]}", which is not on this machine.')
        return command
    for name in COMPILERS:
        if shutil.which(name):
            return [name]
    raise NativeUnavailable(
        "running a .pte without torch needs a C++ compiler, once, and this machine has none of "
        f"{', '.join(COMPILERS)}: install one (Debian, Ubuntu, Raspberry Pi OS: `sudo apt install g++`; "
        "Fedora: `sudo dnf install gcc-c++`) or name one in CXX."
    )


def _wheel() -> Path:
    """The installed executorch folder; importing the package would load torch, its spec does not."""
    spec = importlib.util.find_spec("executorch")
    places = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    if not places:
        raise NativeUnavailable(
            f"a .pte needs the executorch package: `pip install --no-deps {WHEEL}` "
            "(--no-deps: its dependencies are large and running needs none of them)."
        )
    for place in places:
        if (place / "lib" / "libexecutorch.so").exists() and (place / "include").is_dir():
            return place
    raise NativeUnavailable(
        f"{places[0]}: this executorch {_version()} carries no C++ libraries (the Linux wheels for x86-64 and aarch64 do, "
        f"from 1.5.1 on): `pip install --no-deps {WHEEL}`, or use the Python engine, which needs torch."
    )


def _version() -> str:
    try:
        return importlib.metadata.version("executorch")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _cache() -> Path:
    named = os.environ.get("POCKETBERT_CACHE")
    return Path(named).expanduser() if named else Path.home() / ".cache" / "pocketbert"


def load_library() -> ctypes.CDLL:
    """The runner and the ExecuTorch libraries behind it, in this process; found or built once for each CXX and cache folder.

    Raises:
        NativeUnavailable: see `built_library`, or they do not load.
    """
    key = (os.environ.get("CXX", ""), _cache())
    if key not in _loaded:
        _loaded[key] = _load()
    return _loaded[key]


def _load() -> ctypes.CDLL:
    path = built_library()
    try:
        library = ctypes.CDLL(str(path), mode=os.RTLD_LOCAL | os.RTLD_NOW)
    except OSError as error:
        raise NativeUnavailable(
            f"{path}: the ExecuTorch runner cannot be loaded ({error}); delete that file and try again."
        ) from None
    integer = ctypes.POINTER(ctypes.c_int32)
    library.pocketbert_error.restype = ctypes.c_char_p
    library.pocketbert_open.restype = ctypes.c_void_p
    library.pocketbert_open.argtypes = [ctypes.c_char_p, ctypes.c_int32, integer, integer]
    library.pocketbert_run.restype = ctypes.c_int32
    library.pocketbert_run.argtypes = [
        ctypes.c_void_p,
        ctypes.c_int32,
        *[integer] * 3,
        ctypes.POINTER(ctypes.c_float),
        ctypes.c_int32,
    ]
    library.pocketbert_close.restype = None
    library.pocketbert_close.argtypes = [ctypes.c_void_p]
    return library


def _error_text(library: ctypes.CDLL) -> str:
    return library.pocketbert_error().decode("utf-8", "replace")
