"""Both ExecuTorch engines on a program lowered here, whose answers numpy computes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from pocketbert.edge_export.artifact.engines import executorch_native, executorch_python
from pocketbert.tasks import UserError

LONGEST = 16
ENGINES = {"native": executorch_native, "python": executorch_python}

RUN_ALONE = """
import json, sys
import numpy as np
from pathlib import Path
from pocketbert.edge_export.artifact.engines import executorch_native
engine = executorch_native.open_engine(Path(sys.argv[1]), 1)
ids = np.arange(1, 6, dtype=np.int32)[None]
out = engine.run(ids, np.ones_like(ids), np.zeros_like(ids))
maps = open("/proc/self/maps").read()
print(json.dumps({"out": out.tolist(), "torch": "torch" in sys.modules or "libtorch" in maps, "name": engine.name}))
"""


def _weights() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    return rng.normal(size=(20, 8)).astype(np.float32), rng.normal(size=(3, 8)).astype(np.float32)


def _expected(ids: np.ndarray, mask: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Sum of the unmasked rows, each with its token type added, through one linear layer without bias."""
    table, weight = _weights()
    summed = ((table[ids[0]] + types[0][:, None]) * mask[0][:, None]).sum(0)
    return (weight @ summed)[None]


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    torch = pytest.importorskip("torch")
    pytest.importorskip("executorch.exir")
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import to_edge_transform_and_lower

    table, weight = map(torch.tensor, _weights())

    class Summed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.table = torch.nn.Embedding.from_pretrained(table)
            self.linear = torch.nn.Linear(8, 3, bias=False)
            self.linear.weight = torch.nn.Parameter(weight)

        def forward(self, ids, mask, types):  # each int32 (1, n)
            rows = self.table(ids.to(torch.int64)) + types.to(torch.float32).unsqueeze(-1)  # (1, n, 8)
            summed = (rows * mask.to(torch.float32).unsqueeze(-1)).sum(1)  # (1, 8)
            return self.linear(summed)  # (1, 3)

    # three tensors, not one thrice: torch.export takes the same object for the same input
    example = tuple(torch.ones(1, 8, dtype=torch.int32) for _ in range(3))
    length = torch.export.Dim("n", min=2, max=LONGEST)
    exported = torch.export.export(Summed().eval(), example, dynamic_shapes=({1: length},) * 3)
    lowered = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()]).to_executorch()
    path = tmp_path_factory.mktemp("program") / "summed.pte"
    path.write_bytes(lowered.buffer)
    return path


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """A cache of this module's own, so that the runner is compiled here and not found."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("POCKETBERT_CACHE")
    os.environ["POCKETBERT_CACHE"] = str(folder)
    yield folder
    os.environ.pop("POCKETBERT_CACHE")
    if before is not None:
        os.environ["POCKETBERT_CACHE"] = before


def _text(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    mask = np.ones((1, n), np.int32)
    mask[0, n - n // 4 :] = 0
    types = (np.arange(n, dtype=np.int32)[None] > n // 2).astype(np.int32)
    return rng.integers(0, 20, (1, n)).astype(np.int32), mask, types


@pytest.mark.parametrize("kind", ENGINES)
def test_every_length_in_any_order_gives_what_numpy_computes(program, kind):
    engine = ENGINES[kind].open_engine(program, 1)
    try:
        for n in [*range(2, LONGEST + 1), 3, LONGEST, 2]:
            out = engine.run(*_text(n))
            assert out.dtype == np.float32 and out.shape == (1, 3)
            np.testing.assert_allclose(out, _expected(*_text(n)), rtol=1e-4, atol=1e-4)
    finally:
        engine.close()


@pytest.mark.parametrize("kind", ENGINES)
def test_an_answer_is_not_overwritten_by_the_next_run(program, kind):
    engine = ENGINES[kind].open_engine(program, 1)
    first = engine.run(*_text(5))
    kept = first.copy()
    engine.run(*_text(9))
    engine.close()
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("kind", ENGINES)
def test_what_the_program_cannot_take_is_refused_in_words(program, tmp_path, kind, monkeypatch):
    engine = ENGINES[kind].open_engine(program, 1)
    ids, mask, types = _text(4)
    with pytest.raises(UserError, match=f"17 tokens; the program takes 1 to {LONGEST}"):
        engine.run(*_text(17))
    with pytest.raises(UserError, match="three int32 arrays"):
        engine.run(ids.astype(np.int64), mask, types)
    with pytest.raises(UserError, match="three int32 arrays"):
        engine.run(ids, mask[:, :3], types)
    with pytest.raises(UserError, match="with 1 threads"):
        ENGINES[kind].open_engine(program, 2)
    engine.close()
    engine.close()
    with pytest.raises(UserError, match="closed"):
        engine.run(ids, mask, types)
    with pytest.raises(UserError, match="at least one"):
        ENGINES[kind].open_engine(program, 0)
    other = tmp_path / "other.pte"
    other.write_bytes(b"TFL3" * 64)
    with pytest.raises(UserError, match="0x:?23"):
        ENGINES[kind].open_engine(other, 1)
    monkeypatch.chdir(tmp_path)  # ExecuTorch cuts its message after 128 characters, before the error number of a long path
    with pytest.raises(UserError, match="0x"):
        ENGINES[kind].open_engine(Path("missing.pte"), 1)
    ENGINES[kind].open_engine(program, 2).close()


@pytest.mark.parametrize("kept", [64, 400, 0.5, 0.9])
def test_a_program_cut_short_is_an_error_and_not_a_crash(program, tmp_path, kept):
    whole = program.read_bytes()
    cut = tmp_path / "cut.pte"
    cut.write_bytes(whole[: kept if kept > 1 else int(len(whole) * kept)])
    with pytest.raises(UserError, match="ExecuTorch error 0x"):
        executorch_native.open_engine(cut, 1)


def test_a_program_of_another_signature_is_refused(tmp_path):
    torch = pytest.importorskip("torch")
    from executorch.exir import to_edge_transform_and_lower

    class Twice(torch.nn.Module):
        def forward(self, x):
            return x + x

    path = tmp_path / "twice.pte"
    path.write_bytes(to_edge_transform_and_lower(torch.export.export(Twice(), (torch.ones(1, 2),))).to_executorch().buffer)
    with pytest.raises(UserError, match="1 inputs and 1 outputs instead of 3 and 1"):
        executorch_native.open_engine(path, 1)
    with pytest.raises(UserError, match="not three of shape"):
        executorch_python.open_engine(path, 1)


def test_both_engines_side_by_side_and_from_several_threads(program):
    engines = [module.open_engine(program, 2) for module in ENGINES.values()]
    wrong: list[int] = []

    def work(engine, offset: int) -> None:
        for n in [*range(2, LONGEST + 1)] * 5:
            length = (n + offset) % (LONGEST - 1) + 2
            if not np.allclose(engine.run(*_text(length)), _expected(*_text(length)), rtol=1e-4, atol=1e-4):
                wrong.append(length)

    workers = [threading.Thread(target=work, args=(engine, i)) for i in range(2) for engine in engines]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for engine in engines:
        engine.close()
    assert wrong == []


def _python(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def test_two_processes_build_at_once_without_torch_and_leave_one_library(program, tmp_path):
    command = [sys.executable, "-c", RUN_ALONE, str(program)]
    environment = {**os.environ, "POCKETBERT_CACHE": str(tmp_path / "new")}
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [json.loads(process.communicate()[0]) for process in both]
    ids = np.arange(1, 6, dtype=np.int32)[None]
    for answer in answers:
        assert answer["torch"] is False and answer["name"] == "executorch-native"
        np.testing.assert_allclose(answer["out"], _expected(ids, np.ones_like(ids), np.zeros_like(ids)), atol=1e-4)
    assert len(list((tmp_path / "new").iterdir())) == 1


BUILD = """
import sys
from pocketbert.edge_export.artifact.engines import executorch_native as native
if "no-executorch" in sys.argv:
    sys.modules["executorch"] = None
try:
    print(native.built_library())
except native.NativeUnavailable as error:
    print("unavailable:", error)
"""


def test_the_compiler_is_asked_once_a_process_and_again_in_another_environment(program, tmp_path, monkeypatch):
    counting = tmp_path / "counting-c++"
    calls = tmp_path / "calls"
    counting.write_text(f'#!/bin/sh\necho "$*" >> {calls}\nexec c++ "$@"\n')
    counting.chmod(0o755)
    monkeypatch.setenv("CXX", str(counting))
    for folder in ("one", "one", "two"):
        monkeypatch.setenv("POCKETBERT_CACHE", str(tmp_path / folder))
        executorch_native.open_engine(program, 1).close()
        assert len(calls.read_text().splitlines()) == (2 if folder == "one" else 4)  # its version, then the build
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(executorch_native.NativeUnavailable, match="no-such-compiler"):
        executorch_native.open_engine(program, 1)


def test_a_missing_compiler_or_package_is_named_with_its_remedy(tmp_path):
    empty = str(tmp_path / "no-programs")
    assert "sudo apt install g++" in _python(BUILD, PATH=empty, CXX="").stdout
    assert '"no-such-compiler"' in _python(BUILD, CXX="no-such-compiler -O3").stdout
    assert "pip install --no-deps executorch==1.5.1" in _python(BUILD, "no-executorch").stdout
    (tmp_path / "executorch").mkdir()
    (tmp_path / "executorch" / "__init__.py").write_text("raise SystemExit('imported')\n")
    assert "carries no C++ libraries" in _python(BUILD, PYTHONPATH=str(tmp_path)).stdout


def test_a_compiler_that_fails_leaves_its_words_and_no_library(tmp_path):
    broken = tmp_path / "broken-c++"
    broken.write_text('#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "fatal: out of luck" >&2\nexit 3\n')
    broken.chmod(0o755)
    said = _python(BUILD, CXX=str(broken), POCKETBERT_CACHE=str(tmp_path / "cache")).stdout
    assert "fatal: out of luck" in said and "exit 3" in said
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_unwritable_cache_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    said = _python(BUILD, POCKETBERT_CACHE=str(tmp_path / "file" / "cache")).stdout
    assert "unavailable:" in said and "POCKETBERT_CACHE" in said
