"""The whole way on small models: teach, take, two stages of distillation, the baseline."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from pocketbert.distill.finetune import finetune
from pocketbert.distill.intermediate import Intermediate, intermediate
from pocketbert.distill.options import IntermediateOptions, PredictionOptions, TrainOptions
from pocketbert.distill.prediction import prediction
from pocketbert.distill.rows import ByLength
from pocketbert.distill.scoring import evaluate, logits_of
from pocketbert.distill.student import NewShape, TeacherLayers, build_student, write_student
from pocketbert.distill.teach import agreed_task, examine, take, teach
from pocketbert.distill.terms import terms_of
from pocketbert.distill.texts import collator, encode
from pocketbert.tasks import Classification, Example, Regression, UserError, read_examples, targets_of

TASK = Classification(("alarm", "music", "weather", "call", "lights"))
ALL_THREE = {"embedding": {}, "attention": {}, "hidden": {}}


def trained(epochs: float, **other) -> TrainOptions:
    """How a stage trains in these tests, nothing on "auto"."""
    rate = {"learning_rate": 1e-3, "schedule": "linear", "warmup": 0.1}
    kept = {"freeze_embeddings": False, "patience": 0, "keep": "best"}
    return TrainOptions(**{"epochs": epochs, "batch_size": 16, **rate, **kept, "seed": 0} | other)


QUICK = trained(2, precision="fp32")
LAST = trained(2, precision="fp32", keep="last")  # of the intermediate stage, which dev does not score


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # small models lose time to threads
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def examples(small_data):
    return read_examples(small_data, TASK)


def test_a_bare_encoder_is_taught_and_its_folder_says_what_it_does(small_folder, examples, tmp_path):
    encoder = tmp_path / "encoder"
    AutoModelForSequenceClassification.from_pretrained(small_folder).base_model.save_pretrained(encoder)
    AutoTokenizer.from_pretrained(small_folder).save_pretrained(encoder)
    report = teach(str(encoder), TASK, examples[:90], examples[90:], tmp_path / "t", trained(4), tmp_path / "ck", 32)
    # the encoder has learnt this task before; its new head has to find that again, far above the 1 in 5 of guessing
    assert report["dev"]["accuracy"] > 0.8 and report["steps"] == 4 * 6
    assert examine(tmp_path / "t", examples[90:])["warnings"] == []
    again = TASK.metrics(evaluate(tmp_path / "t", examples[90:]), targets_of(examples[90:]))
    assert again == report["dev"]
    assert report["best"]["metric"] == pytest.approx(report["dev"]["accuracy"], abs=0.1)  # bfloat16 there, float32 here
    entry = json.loads((tmp_path / "t" / "config.json").read_text())["pocketbert"]
    assert entry == {"task": TASK.to_dict(), "max_length": 32}


def test_both_stages_bring_a_student_to_its_teacher(small_folder, examples, tmp_path):
    write_student(small_folder, TeacherLayers((0,), dropout=0.0), TASK, 48, 0, tmp_path / "s0")
    first = IntermediateOptions(training=trained(8, schedule="constant", warmup=0.0, keep="last", precision="fp32"))
    report = intermediate(small_folder, tmp_path / "s0", examples, tmp_path / "s1", first, tmp_path / "c1")
    lines = [json.loads(line) for line in (tmp_path / "c1" / "losses.jsonl").read_text().splitlines()]
    assert set(lines[0]) == {"step", "loss", *ALL_THREE} and len(lines) == report["steps"] == 64
    assert report["layers"] == [[0, 1]]
    assert all(lines[-1][name] < 0.6 * lines[0][name] for name in ("hidden", "attention"))
    second = PredictionOptions(training=trained(6, precision="fp32"))
    report = prediction(small_folder, tmp_path / "s1", examples[:90], examples[90:], tmp_path / "s2", second, tmp_path / "c2")
    assert report["agreement"] > 0.9
    assert not list(tmp_path.glob("c*/checkpoint-*")) and not list(tmp_path.glob("c*/best*"))


def test_what_is_handed_over_needs_nothing_of_ours(small_folder, examples, tmp_path):
    write_student(small_folder, NewShape(1, 32, 4, 48), TASK, 48, 0, tmp_path / "s0")
    options = IntermediateOptions(training=LAST)
    intermediate(small_folder, tmp_path / "s0", examples[:32], tmp_path / "s1", options, tmp_path / "c")
    code = (
        "import sys, json; sys.modules['pocketbert'] = None\n"
        "from transformers import AutoModelForSequenceClassification as M, AutoTokenizer as T\n"
        "m, info = M.from_pretrained(sys.argv[1], output_loading_info=True); t = T.from_pretrained(sys.argv[1])\n"
        "print(json.dumps([sorted(info['missing_keys']), sorted(info['unexpected_keys']),\n"
        "    m.eval()(**t('wake me at six', return_tensors='pt')).logits[0].tolist()]))"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "s1"], capture_output=True, text=True, check=True)
    missing, unexpected, logits = json.loads(done.stdout)
    assert missing == unexpected == []
    ours = evaluate(tmp_path / "s1", [Example(("wake me at six",), None, 1)])[0]
    assert np.allclose(logits, ours, atol=1e-5)


def test_a_student_that_is_its_teacher_has_no_intermediate_loss(small_folder, examples):
    student = build_student(small_folder, TeacherLayers((0, 1)), TASK, 48, 0)
    teacher = AutoModelForSequenceClassification.from_pretrained(small_folder)
    terms = terms_of(ALL_THREE, student.config, teacher.config, ((0, 0), (1, 1)))
    objective = Intermediate(student, teacher, terms).eval()
    tokenizer = AutoTokenizer.from_pretrained(small_folder)
    batch = collator(0)(encode(tokenizer, examples[:8], 48).rows)
    loss, parts = objective(**batch)
    assert set(parts) == set(ALL_THREE) and loss.item() < 1e-9


def test_the_teacher_stays_in_eval_mode_and_untouched(small_folder, examples, tmp_path):
    teacher = AutoModelForSequenceClassification.from_pretrained(small_folder)
    student = build_student(small_folder, NewShape(1, 32, 4, 48), TASK, 48, 0)
    objective = Intermediate(student, teacher, terms_of(ALL_THREE, student.config, teacher.config, ((0, 1),)))
    objective.train()
    assert not teacher.training and student.training
    assert not any(parameter.requires_grad for parameter in teacher.parameters())
    names = {name for name, _ in objective.named_parameters() if not name.startswith("student.")}
    assert names == {"alignment.terms.embedding.projection", "alignment.terms.hidden.projections.0"}


def test_the_teachers_logits_are_computed_once_and_kept(small_folder, examples, tmp_path):
    write_student(small_folder, TeacherLayers((0,)), TASK, 48, 0, tmp_path / "s0")
    options = PredictionOptions(training=QUICK)
    arguments = (small_folder, tmp_path / "s0", examples[:32], [], tmp_path / "out", options, tmp_path / "c")
    prediction(*arguments)
    (kept,) = (tmp_path / "c" / "teacher").glob("*.npy")
    expected = evaluate(small_folder, examples[:32])
    assert np.allclose(np.load(kept), expected, atol=1e-5)
    np.save(kept, expected[:, ::-1])  # another answer, so that reading it shows in the losses
    first = (tmp_path / "c" / "losses.jsonl").read_text()
    prediction(*arguments)
    assert (tmp_path / "c" / "losses.jsonl").read_text() != first
    prediction(small_folder, tmp_path / "s0", examples[32:64], *arguments[3:])  # other data: another key
    (other,) = (tmp_path / "c" / "teacher").glob("*.npy")
    assert other.name != kept.name


def test_regression_follows_the_teachers_value_not_the_gold_one(small_folder, tmp_path):
    task = Regression(low=20.0, high=25.0, unit="degrees")
    texts = [f"play {'jazz ' * (i % 6)}" for i in range(60)]
    train = [Example((text,), 20.0 + i % 6, i + 1) for i, text in enumerate(texts)]
    options = trained(40, keep="last")
    report = teach(str(small_folder), task, train, train, tmp_path / "t", options, tmp_path / "c0", 32)
    assert report["dev"]["mse"] < 1.5 and not report["bf16"]  # of a variance of 2.9
    write_student(tmp_path / "t", TeacherLayers((0, 1), dropout=0.0), task, 32, 0, tmp_path / "s0")
    wrong = [Example(e.texts, -e.target, e.row) for e in train]
    second = PredictionOptions(training=options)
    report = prediction(tmp_path / "t", tmp_path / "s0", wrong, train, tmp_path / "s1", second, tmp_path / "c1")
    assert report["dev"]["mse"] < 2 and report["agreement"] > 0.8
    assert AutoModelForSequenceClassification.from_pretrained(tmp_path / "s1").config.problem_type == "regression"


def test_pairs_keep_their_token_types(small_pair_folder, small_pair_data):
    task = Classification(("different", "same"), pair=True)
    examples = read_examples(small_pair_data, task)
    encoded = encode(AutoTokenizer.from_pretrained(small_pair_folder), examples, 20)
    assert all(set(row["token_type_ids"]) == {0, 1} and len(row["input_ids"]) <= 20 for row in encoded.rows)
    long = sum(len(AutoTokenizer.from_pretrained(small_pair_folder)(*e.texts)["input_ids"]) > 20 for e in examples)
    assert encoded.truncated == long / len(examples) and 0 < long < len(examples)


def test_logits_come_in_the_order_of_the_rows_whatever_their_length(small_folder, examples):
    tokenizer = AutoTokenizer.from_pretrained(small_folder)
    model = AutoModelForSequenceClassification.from_pretrained(small_folder).eval()
    rows = encode(tokenizer, examples, 48).rows
    with torch.no_grad():
        one_by_one = [model(**tokenizer(*e.texts, return_tensors="pt")).logits[0].numpy() for e in examples]
    assert np.allclose(logits_of(model, rows, tokenizer.pad_token_id), np.stack(one_by_one), atol=1e-5)


def test_batches_hold_texts_of_like_length_and_every_row_once():
    lengths = torch.randint(3, 60, (1003,), generator=torch.Generator().manual_seed(0)).tolist()
    sampler = ByLength(lengths, 16, seed=1)
    first, again = list(sampler), list(sampler)
    sampler.epoch = 1
    second = list(sampler)
    assert first == again != second and sorted(first) == sorted(second) == list(range(1003))
    batches = [[lengths[i] for i in first[start : start + 16]] for start in range(0, 1003, 16)]
    assert sum(max(batch) * len(batch) for batch in batches) < 1.1 * sum(lengths)


def test_frozen_embeddings_do_not_move_and_the_rest_does(small_folder, examples, tmp_path):
    options = trained(1, freeze_embeddings=True)
    finetune(small_folder, examples[:64], examples[64:], tmp_path / "out", options, tmp_path / "c")
    before, after = (AutoModelForSequenceClassification.from_pretrained(f).bert for f in (small_folder, tmp_path / "out"))
    assert torch.equal(before.embeddings.word_embeddings.weight, after.embeddings.word_embeddings.weight)
    assert not torch.equal(before.pooler.dense.weight, after.pooler.dense.weight)


def test_a_model_of_one_value_does_not_become_the_teacher_of_numbered_labels(small_folder, tmp_path):
    write_student(small_folder, NewShape(1, 32, 4, 48), Regression(), 48, 0, tmp_path / "values")
    with pytest.raises(UserError, match="a model for regression, and the data is for classification"):
        agreed_task(tmp_path / "values", Classification(("0", "1")))


def test_taking_keeps_the_models_own_label_order(small_folder, examples, tmp_path):
    sorted_task = Classification(tuple(sorted(TASK.labels)))
    assert take(str(small_folder), sorted_task, tmp_path / "t") == TASK
    assert np.allclose(evaluate(tmp_path / "t", examples[:5]), evaluate(small_folder, examples[:5]), atol=1e-6)
    assert examine(tmp_path / "t", examples)["warnings"] == []


def test_heads_that_differ_are_refused_and_relations_take_their_place(small_folder, examples, tmp_path):
    write_student(small_folder, NewShape(1, 32, 2, 48), TASK, 48, 0, tmp_path / "s0")
    arguments = (small_folder, tmp_path / "s0", examples[:16], tmp_path / "o")
    with pytest.raises(UserError, match="loss attention: .*student has 2 heads, the teacher 4"):
        intermediate(*arguments, IntermediateOptions(training=LAST), tmp_path / "c")
    assert not (tmp_path / "c").exists()
    without = IntermediateOptions(losses={"hidden": {}, "relation": {}}, training=LAST)
    report = intermediate(*arguments, without, tmp_path / "c")
    assert set(report["loss"]) == {"loss", "hidden", "relation"}


def test_losses_on_inner_states_join_the_predictions_and_leave_nothing_behind(small_folder, examples, tmp_path):
    write_student(small_folder, NewShape(2, 32, 4, 48), TASK, 48, 0, tmp_path / "s0")
    together = PredictionOptions(losses={"hidden": {"weight": 0.5}, "cosine": {}}, hard_label_weight=0.25, training=trained(12))
    arguments = (small_folder, tmp_path / "s0", examples[:90], examples[90:], tmp_path / "s1", together, tmp_path / "c")
    report = prediction(*arguments)
    lines = [line for line in map(json.loads, (tmp_path / "c" / "losses.jsonl").open()) if "loss" in line]
    first, epoch = lines[0], len(lines) // 12
    assert set(first) == {"step", "loss", "pred", "gold", "hidden", "cosine"} and report["layers"] == [[0, 0], [1, 1]]
    parts = 0.75 * first["pred"] + 0.25 * first["gold"] + 0.5 * first["hidden"] + first["cosine"]
    assert first["loss"] == pytest.approx(parts, rel=1e-5)
    for name in ("hidden", "cosine", "pred"):  # means of whole epochs: two steps have different texts
        assert sum(line[name] for line in lines[-epoch:]) < sum(line[name] for line in lines[:epoch])
    saved = AutoModelForSequenceClassification.from_pretrained(tmp_path / "s1", output_loading_info=True)[1]
    assert not saved["missing_keys"] and not saved["unexpected_keys"]


def test_gold_labels_alone_need_no_teacher(small_folder, examples, tmp_path):
    write_student(small_folder, TeacherLayers((0,)), TASK, 48, 0, tmp_path / "s0")
    options = PredictionOptions(hard_label_weight=1.0, training=QUICK)
    nowhere = tmp_path / "no such folder"
    report = prediction(nowhere, tmp_path / "s0", examples[:64], examples[64:], tmp_path / "s1", options, tmp_path / "c")
    assert set(report["loss"]) == {"loss", "gold"} and report["agreement"] is None and "accuracy" in report["dev"]
    assert not (tmp_path / "c" / "teacher").exists()
    finetune(tmp_path / "s0", examples[:64], examples[64:], tmp_path / "s2", QUICK, tmp_path / "c2")
    one, two = (AutoModelForSequenceClassification.from_pretrained(tmp_path / name).state_dict() for name in ("s1", "s2"))
    assert all(torch.equal(one[name], two[name]) for name in one)  # the method finetune is fine-tuning


def test_runs_can_share_the_teachers_logits(small_folder, examples, tmp_path):
    write_student(small_folder, TeacherLayers((0,)), TASK, 48, 0, tmp_path / "s0")

    def run(name: str, cache):
        options = PredictionOptions(training=QUICK)
        out, checkpoints = tmp_path / f"{name} out", tmp_path / name
        return prediction(small_folder, tmp_path / "s0", examples[:32], [], out, options, checkpoints, cache=cache)["loss"]

    first = run("a", tmp_path / "shared")
    (kept,) = (tmp_path / "shared" / "teacher").glob("*.npy")
    assert run("b", tmp_path / "shared") == first and not (tmp_path / "b" / "teacher").exists()
    np.save(kept, np.load(kept)[:, ::-1])  # another answer, so that reading it shows in the losses
    assert run("c", tmp_path / "shared") != first == run("d", None)
