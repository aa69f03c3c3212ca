"""Model folder -> sealed files, with the real runtimes; the same files are verified, predicted with and damaged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pocketbert import load
from pocketbert.edge_export import source
from pocketbert.edge_export.artifact import check_golden, open_artifact, start
from pocketbert.edge_export.golden_texts import golden_texts
from pocketbert.edge_export.source import load_source
from pocketbert.recipe import Export
from pocketbert.stages.export import export_folder
from pocketbert.tasks import Regression, UserError, read_examples

CONTAINERS = ("pte", "tflite", "onnx")
TEXTS = ["wake me at six please", "play café jazz", "will it rain on monday", "phone my mother", "dim the lamp in room 12"]
ANSWERS = ["alarm", "music", "weather", "call", "lights"]


def transformers_logits(folder, texts):
    """The independent side: the folder through transformers alone, one text at a time, nothing of ours."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model, tokenizer = AutoModelForSequenceClassification.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        return [model(**tokenizer(*pair, return_tensors="pt")).logits[0].numpy() for pair in texts]


@pytest.mark.parametrize("container", CONTAINERS)
def test_predictions_are_those_of_transformers(small_artifacts, small_folder, container):
    wanted = transformers_logits(small_folder, [(text,) for text in TEXTS])
    with load(small_artifacts[container]) as predictor:
        near = 2 * predictor.artifact.golden.quantization_distance
        for text, logits in zip(TEXTS, wanted, strict=True):
            assert np.abs(predictor.logits((text,)) - logits).max() <= near
        assert [found["label"] for found in predictor.predict(TEXTS)] == ANSWERS
        best_two = predictor.predict(TEXTS[0], top_k=2)[0]
        assert len(best_two) == 2 and best_two[0]["score"] >= best_two[1]["score"]
        assert predictor.predict(TEXTS[:1], threshold=1.0)[0]["label"] is None


@pytest.mark.parametrize("container", CONTAINERS)
def test_eight_threads_share_one_file(small_artifacts, container):
    with load(small_artifacts[container]) as predictor, ThreadPoolExecutor(8) as threads:
        alone = {text: predictor.logits((text,)) for text in TEXTS}  # lengths differ, so that threads change the graph's
        texts = TEXTS * 80
        together = list(threads.map(lambda text: predictor.logits((text,)), texts))
    assert all(np.array_equal(logits, alone[text]) for text, logits in zip(texts, together, strict=True))


@pytest.mark.parametrize("container", CONTAINERS)
def test_odd_texts_give_an_answer(small_artifacts, container):
    with load(small_artifacts[container]) as predictor:
        odd = ["", " ", "\0", "🙂" * 50, "word " * 5000, "\ud800", "[SEP] [CLS]", "a" * 100_000]
        assert all(found["label"] in ANSWERS for found in predictor.predict(odd))


@pytest.mark.parametrize("container", CONTAINERS)
def test_wrong_forms_of_text_are_refused(small_artifacts, container):
    with load(small_artifacts[container]) as predictor:
        lists = ([("a", "b")], [1], [{"txt": "a"}], [{"text": 5}], [{"text": None}], [("a", "b", "c")], [None], [("a", 1)], [[]])
        for wrong in (*lists, None, 5, {"text": 5}, {1: "a"}, {1: "a", "b": "c"}, ["a", None], [b"a"], b"a"):
            with pytest.raises(UserError):
                predictor.predict(wrong)
        with pytest.raises(UserError, match="top_k"):
            predictor.predict("a", top_k=0)


def test_the_manifest_tells_what_the_file_is(small_artifacts, small_folder):
    for container, path in small_artifacts.items():
        manifest = open_artifact(path).manifest
        assert manifest.container == container and manifest.lengths.longest == 48 and manifest.lengths.static is None
        assert manifest.quantization.linear_bits == manifest.quantization.embedding_bits == 8
        assert manifest.metrics["student_accuracy"] > 0.9 and manifest.metrics["rows"] == 120
        text = json.dumps(manifest.provenance)
        assert str(small_folder) not in text and "/tmp" not in text and manifest.provenance["model"] == small_folder.name
        assert {"normalizer.bin", "vocab.txt", "labels.txt", "tokenizer.json", "golden.json"} <= set(manifest.entries)


@pytest.mark.parametrize("container", CONTAINERS)
def test_the_golden_check_finds_another_output(small_artifacts, container, monkeypatch):
    with start(open_artifact(small_artifacts[container])) as session:
        assert check_golden(session).ok
        run = type(session.engine).run
        monkeypatch.setattr(type(session.engine), "run", lambda self, *rows: run(self, *rows) + 1)
        report = check_golden(session)
        assert not report.ok and "71 of 71 vectors are off by more than" in report.failures[0]
        assert "an output is off by 1, more than" in report.failures[1]
        monkeypatch.setattr(type(session.engine), "run", lambda self, *rows: run(self, *rows) * np.float32("nan"))
        assert not check_golden(session).ok


def test_golden_texts_are_ours_many_and_different():
    for pair in (False, True):
        texts = golden_texts(pair)
        assert len(texts) >= 64 and len(set(texts)) == len(texts) and {len(t) for t in texts} == {2 if pair else 1}


def test_ids_past_the_vocabulary_never_reach_a_runtime(small_artifacts):
    from dataclasses import replace

    for path in small_artifacts.values():
        with start(open_artifact(path)) as session:
            good = session.artifact.encode(("wake me",))
            rows = session.artifact.manifest.vocabulary_size
            for bad in (rows, -1, 2**31 - 1):
                ids = good.input_ids.copy()
                ids[0, 1] = bad
                with pytest.raises(UserError, match="outside the model's vocabulary"):
                    session.run(replace(good, input_ids=ids))
            holes = good.attention_mask.copy()
            holes[0, 1] = 0
            with pytest.raises(UserError, match="ones, then zeros"):
                session.run(replace(good, attention_mask=holes))
            with pytest.raises(UserError, match="does not fit"):
                long = np.ones((1, 49), np.int32)
                session.run(replace(good, input_ids=long, attention_mask=long, token_type_ids=long))


def _rows(n: int, dtype: type = np.int32) -> tuple[np.ndarray, ...]:
    return np.ones((1, n), dtype), np.ones((1, n), dtype), np.zeros((1, n), dtype)


@pytest.mark.parametrize(("container", "name"), [("tflite", "LiteRT"), ("onnx", "onnxruntime")])
def test_a_runtime_that_fails_says_so_in_its_own_words_and_runs_on(small_artifacts, container, name):
    with start(open_artifact(small_artifacts[container])) as session:
        right = session.engine.run(*_rows(9))
        with pytest.raises(UserError, match=f"9 tokens in {name} .*(?i:int64)"):
            session.engine.run(*_rows(9, np.int64))
        with pytest.raises(UserError, match=f"600 tokens in {name} "):  # past the table of positions
            session.engine.run(*_rows(600))
        assert np.array_equal(session.engine.run(*_rows(9)), right)
    with pytest.raises(UserError, match="has been closed"):
        session.engine.run(*_rows(9))


def test_a_length_that_litert_could_not_allocate_is_set_anew(small_artifacts):
    with start(open_artifact(small_artifacts["tflite"])) as session:
        right = session.engine.run(*_rows(9))
        with pytest.raises(UserError, match="0 tokens"):
            session.engine.run(*_rows(0))
        assert np.array_equal(session.engine.run(*_rows(9)), right)


@pytest.fixture(scope="module")
def pair_onnx(small_pair_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("pair")
    made = export_folder(small_pair_folder, Export(formats=["onnx"], quantization="fp32"), out, print, name="pair")
    return out / made["files"]["onnx"]["file"]


def test_pairs_and_token_types(pair_onnx, small_pair_folder):
    pairs = [("wake me at six", "get me up at six"), ("play jazz", "ring my mother"), ("a", "b")]
    wanted = transformers_logits(small_pair_folder, pairs)
    with load(pair_onnx) as predictor:
        for pair, logits in zip(pairs, wanted, strict=True):
            assert np.abs(predictor.logits(pair) - logits).max() < 1e-4
        as_dictionary = predictor.predict({"text": pairs[0][0], "text_pair": pairs[0][1]})
        assert as_dictionary == predictor.predict(pairs[0]) == predictor.predict(pairs)[:1]
        with pytest.raises(UserError, match="takes pairs of texts"):
            predictor.predict("one text")


def test_static_length_pads_and_gives_the_same(small_folder, small_artifacts, tmp_path):
    wanted = Export(formats=["onnx"], quantization="fp32", static_length=48)
    made = export_folder(small_folder, wanted, tmp_path, print, name="static")
    reference = transformers_logits(small_folder, [(text,) for text in TEXTS])
    with load(tmp_path / made["files"]["onnx"]["file"]) as predictor:
        assert predictor.artifact.manifest.lengths.static == [48]
        for text, logits in zip(TEXTS, reference, strict=True):
            assert np.abs(predictor.logits((text,)) - logits).max() < 1e-4


def test_too_little_delegation_is_an_error_and_leaves_no_file(small_folder, tmp_path, monkeypatch):
    from dataclasses import replace

    from pocketbert.edge_export.lowering import onnx

    lower = onnx.lower

    def half(encoder, wanted):
        lowered = lower(encoder, wanted)
        less = replace(lowered.delegation, delegated_macs=lowered.delegation.macs // 2, left_over={"aten::mm": 3})
        return replace(lowered, delegation=less)

    monkeypatch.setattr(onnx, "lower", half)
    with pytest.raises(UserError, match=r"only 50\.0% of the multiply-accumulates.*left over: aten::mm x3"):
        export_folder(small_folder, Export(formats=["onnx"]), tmp_path, print, name="small")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("quantization", "says"), [("fp32", "differ from the student's by"), ("int8", "correlate only")])
def test_a_graph_that_computes_something_else_is_not_sealed(small_folder, tmp_path, monkeypatch, quantization, says):
    from pocketbert.edge_export import encoder

    # a wrong lowering: the words no longer reach the layers
    right = encoder.EdgeEncoder.forward_embedded
    monkeypatch.setattr(
        encoder.EdgeEncoder, "forward_embedded", lambda self, w, p, mask, types: right(self, w * 0, p, mask, types)
    )
    with pytest.raises(UserError, match=says):
        export_folder(small_folder, Export(formats=["onnx"], quantization=quantization), tmp_path, print, name="small")
    assert list(tmp_path.iterdir()) == []


def test_model_folders_that_cannot_be_exported_say_why(small_folder, tmp_path):
    with pytest.raises(UserError, match="no config.json"):
        load_source(tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(small_folder, copy)
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"architectures": ["BertModel"], "num_hidden_layers": 3}))
    with pytest.raises(UserError, match="no fine-tuned classifier.*would be random"):
        load_source(copy)


def _with_config(small_folder, folder, **changed):
    """A copy whose config.json says something else; None takes a key out."""
    shutil.copytree(small_folder, folder)
    config = json.loads((folder / "config.json").read_text()) | changed
    (folder / "config.json").write_text(json.dumps({key: value for key, value in config.items() if value is not None}))
    return folder


@pytest.mark.parametrize("length", [0, 100, 5000])
def test_weights_that_were_cut_off_are_named(small_folder, tmp_path, length):
    folder = _with_config(small_folder, tmp_path / "copy")
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:length])
    with pytest.raises(UserError, match="copy: cannot be loaded as a classifier: .+"):
        load_source(folder)


def test_a_folder_without_its_tokenizer_is_not_given_an_empty_one(small_folder, tmp_path):
    folder = _with_config(small_folder, tmp_path / "copy")
    for name in ("tokenizer.json", "vocab.txt"):
        (folder / name).unlink()
    with pytest.raises(UserError, match="has no tokenizer.json"):
        load_source(folder)


def test_sealed_files_do_not_go_into_a_file(small_folder, tmp_path):
    out = tmp_path / "train.csv"
    out.write_text("text,label\n")
    with pytest.raises(UserError, match="is a file; name a folder"):
        export_folder(small_folder, Export(formats=["onnx"]), out, print)
    assert out.read_text() == "text,label\n"


def test_an_error_without_words_is_named_by_its_type(small_folder, monkeypatch):
    def broken(*_, **__):
        raise MemoryError

    monkeypatch.setattr(source.AutoTokenizer, "from_pretrained", broken)
    with pytest.raises(UserError, match="cannot be loaded as a classifier: MemoryError"):
        load_source(small_folder)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("yes", "must be an object"),
        ([1], "must be an object"),
        ({"task": "classification"}, "must be an object"),
        ({"task": {"kind": "poetry"}}, 'config.json: unknown task kind "poetry"'),
        ({"task": {"kind": "classification", "labels": 5}}, '"labels" must be a list of strings'),
        ({"max_length": "48"}, '"max_length"'),
    ],
)
def test_an_entry_in_the_config_that_is_not_ours_is_named(small_folder, tmp_path, entry, says):
    with pytest.raises(UserError, match=says):
        load_source(_with_config(small_folder, tmp_path / "copy", pocketbert=entry))


def test_a_foreign_regression_model_has_no_made_up_range(small_folder, tmp_path):
    from transformers import BertConfig, BertForSequenceClassification

    folder = _with_config(small_folder, tmp_path / "copy")
    config = BertConfig.from_pretrained(folder, num_labels=1)
    del config.pocketbert
    BertForSequenceClassification(config).save_pretrained(folder)
    assert load_source(folder).task == Regression() and "low" not in load_source(folder).task.to_dict()


def test_a_vocabulary_that_does_not_fit_the_embedding(small_folder, tmp_path):
    from transformers import AutoTokenizer

    copy = tmp_path / "copy"
    shutil.copytree(small_folder, copy)
    tokenizer = AutoTokenizer.from_pretrained(copy)
    tokenizer.add_tokens(["newtoken"])
    tokenizer.save_pretrained(copy)
    with pytest.raises(UserError, match="embedding only .* rows; they do not belong together"):
        load_source(copy)


def test_weights_that_are_not_finite(small_folder, tmp_path):
    import torch
    from transformers import AutoModelForSequenceClassification

    copy = tmp_path / "copy"
    shutil.copytree(small_folder, copy)
    model = AutoModelForSequenceClassification.from_pretrained(copy)
    with torch.no_grad():
        model.classifier.bias[0] = float("nan")
    model.save_pretrained(copy)
    with pytest.raises(UserError, match="classifier.bias are not finite"):
        load_source(copy)


def test_reading_a_tflite_or_onnx_loads_no_torch(small_artifacts):
    for container in ("tflite", "onnx"):
        code = (
            f"import sys; from pocketbert import load; p = load({str(small_artifacts[container])!r}); "
            "assert p.predict('wake me at six')[0]['label'] == 'alarm'; "
            "print([m for m in ('torch', 'transformers', 'executorch', 'onnx') if m in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"


def test_the_data_of_another_export_is_refused(small_artifacts, small_data, tmp_path):
    from pocketbert.edge_export.reference import read_reference
    from pocketbert.edge_export.verify import verify

    other = tmp_path / "other.tsv"
    other.write_text("\n".join(small_data.read_text().split("\n")[:50]) + "\n")
    artifact = open_artifact(small_artifacts["onnx"])
    reference = read_reference(small_artifacts["onnx"].parent / "reference.json")
    with pytest.raises(UserError, match="recorded on another dev.tsv"):
        verify(artifact.path, read_examples(other, artifact.task), reference)
