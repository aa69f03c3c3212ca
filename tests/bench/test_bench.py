"""Real sealed files measured for real; structure and correctness are asserted, never a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pocketbert.bench import Baseline, Plan, Record, bench, printed
from pocketbert.bench.child_process import ask
from pocketbert.bench.record import Memory
from pocketbert.bench.texts import choose, of_lengths
from pocketbert.edge_export.artifact import open_artifact
from pocketbert.tasks import UserError

SHORT = Plan(min_runs=3, min_seconds=0.0, opens=2, length_runs=3, warmup=1)
ORDER = ("pte", "tflite", "onnx")


@pytest.fixture(scope="module")
def measured(small_artifacts, small_folder, tmp_path_factory):
    """(records, what the callable was given, progress) of one run over all three files and both kinds of baseline."""
    from pocketbert.edge_export.baselines import onnxruntime_int8

    peer = onnxruntime_int8(small_folder, tmp_path_factory.mktemp("peer") / "peer.onnx")
    given, progress = [], []

    def call(ids: np.ndarray, mask: np.ndarray, types: np.ndarray) -> np.ndarray:
        given.append((ids, mask, types))
        return np.zeros((1, 5), np.float32)

    plan = replace(SHORT, baselines=(Baseline("peer", "fused", onnx=peer), Baseline("mine", call=call, runtime=("numpy", "0"))))
    files = [small_artifacts[container] for container in ORDER]
    return bench(files, plan, lambda done, total: progress.append((done, total))), given, progress


def test_every_file_and_baseline_gets_a_record_in_order(measured, small_artifacts):
    records = measured[0]
    assert [record.name for record in records] == [small_artifacts[c].name for c in ORDER] + ["peer", "mine"]
    assert [record.kind for record in records] == ["artifact"] * 3 + ["baseline"] * 2
    assert [record.engine for record in records] == ["executorch-native", "litert", "onnxruntime", "onnxruntime", "numpy"]
    for record, container in zip(records, ORDER, strict=False):
        assert record.bytes == small_artifacts[container].stat().st_size
        assert (record.container, record.quantization) == (container, "int8")


def test_the_golden_check_ran_on_every_file_and_held(measured):
    for record in measured[0][:3]:
        assert record.golden is True and 0 <= record.golden_difference <= record.golden_tolerance
        assert record.validity.verdict in ("valid", "warn")
    assert [record.golden for record in measured[0][3:]] == [None, None]


def test_phases_are_apart_and_every_sample_is_kept(measured, small_artifacts):
    artifact = open_artifact(small_artifacts["pte"])
    lengths = sorted(artifact.encode(vector.texts).length for vector in artifact.golden.vectors)
    for record in measured[0][:3]:
        assert set(record.times) == {"open", "load", "first", "tokenize", "forward", "end_to_end"}
        assert record.times["load"].runs == record.times["first"].runs == 2
        forward, whole = record.times["forward"], record.times["end_to_end"]
        assert len(forward.samples) == forward.runs == len(forward.tokens)
        passes = forward.runs // len(lengths)
        assert sorted(forward.tokens) == sorted(lengths * passes)  # every text as often as any other
        parts = np.array(forward.samples) + np.array(record.times["tokenize"].samples)
        assert (np.array(whole.samples) >= parts - 0.001).all()
    assert set(measured[0][3].times) == {"load", "first", "forward"}


def test_the_latency_table_ends_at_the_longest_length(measured):
    for record in measured[0]:
        assert [row.length for row in record.by_length] == [8, 16, 32, 48]
        assert all(row.runs == len(row.samples) == 3 for row in record.by_length)
        assert all(min(row.samples) == pytest.approx(row.min, abs=1e-3) for row in record.by_length)  # samples are rounded
        assert all(row.min <= row.p50 <= row.p90 for row in record.by_length)


def test_memory_is_that_of_a_process_with_the_file_alone(measured):
    for record in measured[0][:3]:
        memory = record.memory
        assert memory.note == ""
        assert 0 < memory.interpreter <= memory.base <= memory.steady <= memory.peak
        assert memory.loaded >= memory.base and 0 < memory.steady_anonymous < memory.steady
        assert memory.peak < 300 << 20  # torch alone takes more
    assert all(record.memory.steady is None and record.memory.note for record in measured[0][3:])


def test_a_callable_sees_the_files_own_tokens(measured, small_artifacts):
    _, given, progress = measured
    artifact = open_artifact(small_artifacts["pte"])
    texts, _ = choose(artifact, SHORT)
    wanted = {artifact.encode(text).input_ids.tobytes() for text in texts}
    wanted |= {row.input_ids.tobytes() for row in of_lengths(artifact, texts, SHORT.lengths).values()}
    assert {ids.tobytes() for ids, _, _ in given} == wanted
    assert all(row.dtype == np.int32 and row.shape[0] == 1 for rows in given for row in rows)
    assert progress[0][0] == 0 and progress[-1][0] == progress[-1][1]
    assert progress == sorted(progress)


def test_every_printer_takes_a_real_run(measured):
    records = measured[0]
    assert [Record.from_dict(entry) for entry in json.loads(printed(records, "json"))] == records
    assert printed(records, "csv").count("\n") == len(records) + 1
    assert records[0].name in printed(records, "md")


def test_texts_of_a_length_are_real_text_cut(small_artifacts):
    artifact = open_artifact(small_artifacts["tflite"])
    texts = (("wake me at six",), ("play some jazz",))
    found = of_lengths(artifact, texts, (2, 8, 16, 4096))
    assert list(found) == [8, 16, 48]
    for length, row in found.items():
        assert row.length == length == len(row.tokens)
        assert (row.tokens[0], row.tokens[-1]) == ("[CLS]", "[SEP]") and "[SEP]" not in row.tokens[:-1]
        assert (row.attention_mask == 1).all() and row.input_ids.flags.c_contiguous
    assert of_lengths(artifact, (("",), (" ",)), (8,)) == {}


def test_lengths_below_the_files_shortest_are_left_out(small_artifacts):
    artifact = open_artifact(small_artifacts["tflite"])
    takes = artifact.manifest.lengths.model_copy(update={"min": 9})
    artifact = replace(artifact, manifest=artifact.manifest.model_copy(update={"lengths": takes}))
    assert list(of_lengths(artifact, (("wake me at six",),), (3, 8, 9, 16))) == [9, 16, 48]


def test_many_texts_are_thinned_out_evenly_and_said_so(small_artifacts):
    artifact = open_artifact(small_artifacts["tflite"])
    rows = tuple((str(i),) for i in range(1000))
    texts, source = choose(artifact, Plan(texts=rows, texts_from="dev.tsv", most_texts=5))
    assert texts == (("0",), ("250",), ("500",), ("749",), ("999",))
    assert source == "dev.tsv, 5 of 1000 evenly"


def test_bad_requests_are_refused_in_words(small_artifacts, tmp_path):
    file = small_artifacts["tflite"]
    with pytest.raises(UserError, match="at least one"):
        bench([])
    with pytest.raises(UserError, match="twice"):
        bench([file, file])
    with pytest.raises(UserError, match="no such file"):
        bench([tmp_path / "none.pte"])
    with pytest.raises(UserError, match="no text"):
        bench([file], Plan(texts=()))
    with pytest.raises(UserError, match=r"row 2 has 2"):
        bench([file], Plan(texts=(("a",), ("a", "b"))))
    with pytest.raises(UserError, match='unknown device "phone"; use one of local'):
        bench([file], device="phone")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    with pytest.raises(UserError, match="cannot open the graph"):
        bench([file], replace(SHORT, baselines=(Baseline("broken", onnx=broken),)))


def test_a_measuring_process_that_dies_is_reported_with_its_last_words():
    with pytest.raises(UserError, match="(?s)ended without an answer.*KeyError: 'juggle'"):
        ask({"job": "juggle"})


def test_without_a_compiler_a_pte_says_that_memory_was_not_measured(small_artifacts, monkeypatch, tmp_path):
    pytest.importorskip("torch", reason="without a compiler a .pte runs in Python, which needs torch")
    monkeypatch.setenv("CXX", "no-such-compiler")
    (record,) = bench([small_artifacts["pte"]], replace(SHORT, length_runs=0))
    assert record.engine == "executorch-python" and record.golden is True
    assert record.memory.steady is None and "no-such-compiler" in record.memory.note
    assert "Python runtime" in record.how and record.by_length == ()


def test_benching_loads_no_torch_and_minds_no_modules_in_the_folder(small_artifacts, tmp_path):
    (tmp_path / "numpy.py").write_text("raise SystemExit('the wrong numpy')\n")
    code = """
import sys
from pathlib import Path
sys.path = [place for place in sys.path if place]
from pocketbert.bench import Plan, bench
found = bench([Path(sys.argv[1])], Plan(min_runs=1, min_seconds=0, opens=1, length_runs=0, memory=False))
print(found[0].golden, [name for name in ("torch", "transformers", "executorch") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(small_artifacts["tflite"])],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "True []", done.stderr


def test_a_file_named_from_the_working_folder_is_found(small_artifacts, monkeypatch):
    monkeypatch.chdir(small_artifacts["onnx"].parent)
    (record,) = bench([Path(small_artifacts["onnx"].name)], replace(SHORT, memory=False, length_runs=0))
    assert record.golden is True and record.memory == Memory()
