from __future__ import annotations

import json

import pytest
import torch
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer, BertConfig, BertModel

from pocketbert.distill.student import NewShape, TeacherLayers, build_student, preset, write_student
from pocketbert.tasks import Classification, Regression, UserError, task_from_dict

TASK = Classification(("alarm", "music", "weather", "call", "lights"))


def test_tinybert_4l_312_has_exactly_the_papers_parameters(minilm_folder):
    # 9,683,856 embeddings + 4,568,736 layers + 97,656 pooler, for BERT's vocabulary of 30,522
    model = build_student(minilm_folder, preset("tinybert-4l-312"), TASK, 64, 0)
    assert model.config.vocab_size == 30522
    assert sum(parameter.numel() for parameter in model.base_model.parameters()) == 14_350_248


def test_tinybert_6l_768_is_half_of_bert_base():
    shape = preset("tinybert-6l-768")
    with torch.device("meta"):  # no memory is needed to count
        model = BertModel(BertConfig(num_hidden_layers=6))
    assert (shape.layers, shape.hidden, shape.heads, shape.intermediate) == (6, 768, 12, 3072)
    assert sum(p.numel() for p in model.parameters()) == 66_955_008  # 66.96 M: "67.0M" in the paper's table 1


def test_layers_embeddings_and_pooler_are_copied_from_the_teacher(small_folder):
    student = build_student(small_folder, TeacherLayers((1,)), TASK, 48, 0)
    teacher = AutoModel.from_pretrained(small_folder)
    assert student.config.num_hidden_layers == 1
    for seen, wanted in (
        (student.bert.encoder.layer[0], teacher.encoder.layer[1]),
        (student.bert.embeddings, teacher.embeddings),
        (student.bert.pooler, teacher.pooler),
    ):
        for a, b in zip(seen.parameters(), wanted.parameters(), strict=True):
            assert torch.equal(a, b)


def test_layers_of_a_bare_encoder_start_a_student(minilm_folder, tmp_path):
    student = write_student(minilm_folder, TeacherLayers((0, 3, 5)), TASK, 32, 0, tmp_path / "student")
    source = AutoModel.from_pretrained(minilm_folder)
    assert torch.equal(student.bert.encoder.layer[1].output.dense.weight, source.encoder.layer[3].output.dense.weight)


def test_what_is_written_loads_with_transformers_alone_and_says_its_task(small_folder, tmp_path):
    out = tmp_path / "student"
    written = write_student(small_folder, NewShape(1, 32, 4, 48), TASK, 40, 3, out)
    loaded = AutoModelForSequenceClassification.from_pretrained(out)
    for name, tensor in written.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor)
    entry = json.loads((out / "config.json").read_text())["pocketbert"]
    assert task_from_dict(entry["task"]) == TASK and entry["max_length"] == 40
    assert loaded.config.id2label == dict(enumerate(TASK.labels))
    assert AutoTokenizer.from_pretrained(out).get_vocab() == AutoTokenizer.from_pretrained(small_folder).get_vocab()
    assert json.loads((out / "tokenizer.json").read_text())["truncation"] is None
    assert not [path for path in tmp_path.iterdir() if path.name != "student"]


def test_the_same_seed_makes_the_same_student_and_leaves_the_global_generator(small_folder):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, two, other = (build_student(small_folder, NewShape(1, 32, 4, 48), TASK, 48, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(one.classifier.weight, two.classifier.weight)
    assert not torch.equal(one.classifier.weight, other.classifier.weight)


def test_a_regression_student_has_one_output(small_folder):
    assert build_student(small_folder, TeacherLayers((0,)), Regression(True), 48, 0).config.num_labels == 1


@pytest.mark.parametrize(
    "shape, length, said",
    [
        (NewShape(1, 30, 4, 48), 48, "multiple of the heads"),
        (TeacherLayers((0, 2)), 48, "layers 0 to 1"),
        (TeacherLayers(()), 48, "layers 0 to 1"),
        (TeacherLayers((0,)), 49, "ends at 48"),
        (TeacherLayers((0,), source="/nonexistent/model"), 48, "cannot be loaded"),
    ],
)
def test_students_that_cannot_be_are_refused(small_folder, shape, length, said):
    with pytest.raises(UserError, match=said):
        build_student(small_folder, shape, TASK, length, 0)


def test_layers_of_a_model_with_another_vocabulary_are_refused(small_folder, minilm_folder):
    with pytest.raises(UserError, match="vocabulary"):
        build_student(small_folder, TeacherLayers((0,), source=str(minilm_folder)), TASK, 48, 0)


def test_a_layer_taken_twice_is_refused(small_folder):
    with pytest.raises(UserError, match=r"\[0, 0, 1\]: each of the 2 layers .* can be taken once; ask for other layers"):
        build_student(small_folder, TeacherLayers((0, 0, 1)), TASK, 48, 0)
