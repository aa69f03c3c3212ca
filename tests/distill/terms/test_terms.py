"""What a recipe's `losses` become: terms on real (small, random) models, and refusals."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import AutoModel, BertConfig, DistilBertConfig, ElectraConfig

from pocketbert.distill import terms
from pocketbert.distill.alignment import Alignment
from pocketbert.distill.intermediate import aligned_by
from pocketbert.distill.options import IntermediateOptions
from pocketbert.distill.terms import described, read_losses, term_names, terms_of
from pocketbert.tasks import UserError

NAMES = sorted(path.stem for path in Path(terms.__file__).parent.glob("[!_]*.py"))
PAIRS = ((0, 1), (1, 3))


def config(layers: int, hidden: int, heads: int) -> BertConfig:
    return BertConfig(
        vocab_size=60, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=40
    )


TEACHER, NARROW, FEW_HEADS = config(4, 64, 4), config(2, 32, 4), config(2, 32, 2)


def model(of, seed: int = 0):
    torch.manual_seed(seed)
    return AutoModel.from_config(copy.deepcopy(of)).eval()


def batch(length: int = 9, padding: int = 0, filler: int = 0) -> dict[str, torch.Tensor]:
    ids = torch.randint(5, 60, (3, length), generator=torch.Generator().manual_seed(5))
    ids = torch.nn.functional.pad(ids, (0, padding), value=filler)
    return {"input_ids": ids, "attention_mask": (torch.arange(length + padding) < length).long().expand(3, -1)}


def run(alignment: Alignment, student, inputs):
    with alignment.watch() as seen:
        student(**inputs)
    return alignment(seen, inputs)


def test_the_losses_are_the_files_in_the_folder_and_their_names_cost_no_torch():
    code = "import sys; from pocketbert.distill.terms import term_names; print(*term_names(), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [*NAMES, "False"] and term_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_gradients_reach_the_student_and_the_projections_and_never_the_teacher(name):
    teacher, student = model(TEACHER), model(NARROW, 1)
    alignment = Alignment(student, teacher, terms_of({name: {}}, NARROW, TEACHER, PAIRS))
    for autocast in (False, True):
        alignment.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            loss, parts = run(alignment, student, batch())
        assert loss.dtype == torch.float32 and set(parts) == {name} and loss.item() == parts[name].item() > 0
        loss.backward()
        assert student.embeddings.word_embeddings.weight.grad.abs().sum() > 0
        assert all(parameter.grad.abs().sum() > 0 for parameter in alignment.parameters())
        assert all(parameter.grad is None for parameter in teacher.parameters())
    assert {tuple(parameter.shape) for parameter in alignment.parameters()} <= {(32, 64)}


@pytest.mark.parametrize(
    ("name", "projections"),
    [("attention", 0), ("relation", 0), ("embedding", 1), ("cosine", 1), ("patient", 1), ("hidden", 2)],
)
def test_widths_that_differ_meet_in_a_projection_per_pair_of_states(name, projections):
    alignment = Alignment(model(NARROW), model(TEACHER), terms_of({name: {}}, NARROW, TEACHER, PAIRS))
    assert [tuple(parameter.shape) for parameter in alignment.parameters()] == [(32, 64)] * projections


@pytest.mark.parametrize("family", ["bert", "electra", "distilbert"])
def test_a_student_that_is_its_teacher_has_no_loss(family):
    small = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 40}
    of = {
        "bert": BertConfig(**small),
        "electra": ElectraConfig(**small, embedding_size=16),
        "distilbert": DistilBertConfig(vocab_size=60, dim=32, n_layers=2, n_heads=4, hidden_dim=40),
    }[family]
    teacher = model(of)
    student = copy.deepcopy(teacher)
    alignment = Alignment(student, teacher, terms_of(dict.fromkeys(NAMES, {}), of, of, ((0, 0), (1, 1))))
    assert not list(alignment.parameters())
    _, parts = run(alignment, student, batch())
    assert list(parts) == NAMES and all(abs(part.item()) < 1e-6 for part in parts.values())


def test_padding_does_not_matter_for_any_loss():
    teacher, student = model(TEACHER), model(NARROW, 1)
    alignment = Alignment(student, teacher, terms_of(dict.fromkeys(NAMES, {}), NARROW, TEACHER, PAIRS))
    _, expected = run(alignment, student, batch())
    for filler in (0, 33):
        _, found = run(alignment, student, batch(padding=4, filler=filler))
        for name in NAMES:
            assert found[name].item() == pytest.approx(expected[name].item(), rel=1e-4), name


def test_the_sum_is_weighted_and_a_weight_of_zero_leaves_the_loss_out():
    teacher, student = model(TEACHER), model(NARROW, 1)
    losses = {"relation": {"weight": 3}, "hidden": {"weight": 0.5}, "attention": {"weight": 0}}
    made = terms_of(losses, NARROW, TEACHER, PAIRS)
    assert {name: weight for name, (weight, _) in made.items()} == {"hidden": 0.5, "relation": 3}
    loss, parts = run(Alignment(student, teacher, made), student, batch())
    assert loss.item() == pytest.approx(3 * parts["relation"].item() + 0.5 * parts["hidden"].item(), rel=1e-6)


def test_only_what_the_losses_need_is_hooked_and_only_while_they_watch():
    teacher, student = model(TEACHER), model(NARROW, 1)
    losses = {"cosine": {}, "attention": {"weight": 0}}
    alignment = Alignment(student, teacher, terms_of(losses, NARROW, TEACHER, PAIRS))

    def hooked(of):
        return [name for name, module in of.named_modules() if module._forward_hooks]

    with alignment.watch():
        assert hooked(student) == ["encoder.layer.1"] and hooked(teacher) == []
    run(alignment, student, batch())
    assert hooked(student) == hooked(teacher) == []


def test_the_same_seed_draws_the_same_projections_in_whatever_order_losses_stand():
    def drawn(losses):
        torch.manual_seed(3)
        made = terms_of(losses, NARROW, TEACHER, PAIRS)
        return torch.cat([p.flatten() for name in ("hidden", "embedding") for p in made[name][1].parameters()])

    first, second = drawn({"hidden": {}, "embedding": {}}), drawn({"embedding": {}, "hidden": {}})
    assert torch.equal(first, second) and len(first) == len(first.unique()) == 3 * 32 * 64
    # a projected state is about as large as the state it comes from
    assert first.std().item() == pytest.approx(32**-0.5, rel=0.1)


def test_a_stage_draws_projections_from_its_own_seed_and_leaves_the_global_generator():
    def drawn(seed: int):
        options = IntermediateOptions(losses={"hidden": {}})
        teacher, student = (SimpleNamespace(model=SimpleNamespace(config=of)) for of in (TEACHER, NARROW))
        pairs, made = aligned_by(options, teacher, student, seed)
        assert pairs == PAIRS
        return next(made["hidden"][1].parameters())

    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first = drawn(1)
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(drawn(1), first) and not torch.equal(drawn(2), first)


@pytest.mark.parametrize(
    "losses, said",
    [
        ({"hiden": {}}, 'unknown loss "hiden"; did you mean "hidden"?'),
        ({"xyz": {}}, f'unknown loss "xyz"; use one of {", ".join(NAMES)}.'),
        ({"relation": {"head": 4}}, 'loss relation: unknown option "head"; did you mean "heads"?'),
        ({"cosine": {"zzz": 4}}, 'loss cosine: unknown option "zzz"; use one of weight.'),
        ({"relation": {"heads": 0}}, "loss relation: heads: .*greater than 0.*found 0"),
        ({"relation": {"heads": "many"}}, "loss relation: heads: .*found 'many'"),
        ({"hidden": {"weight": -1}}, "loss hidden: weight: .*found -1"),
        ({"hidden": {"weight": float("nan")}}, "loss hidden: weight: .*found nan"),
        ({"hidden": {"weight": float("inf")}}, "loss hidden: weight: .*found inf"),
        ({"hidden": 0.5}, "loss hidden: its options are a mapping, such as {weight: 1} .found 0.5"),
        ({"hidden": {"weight": 0}}, "losses: none has a weight above 0; give at least one of attention"),
        ({}, "losses: none has a weight above 0"),
    ],
)
def test_losses_that_cannot_be_are_refused_by_name(losses, said):
    with pytest.raises(UserError, match=said.replace("?", r"\?").replace("{", r"\{")):
        read_losses(losses)


@pytest.mark.parametrize(
    "losses, student, pairs, said",
    [
        ({"attention": {}}, FEW_HEADS, PAIRS, "student has 2 heads, the teacher 4; put relation, .* or give the student 4 heads"),
        ({"relation": {"heads": 12}}, NARROW, PAIRS, r"heads: 12 do not divide .* \(32\) .* \(64\); give auto, or one of 1, 2"),
        ({"relation": {"student_layer": 2}}, NARROW, PAIRS, "student_layer: 2 is not there; the student has layers 0 to 1"),
        ({"relation": {"teacher_layer": -5}}, NARROW, PAIRS, "teacher_layer: -5 is not there; the teacher has layers 0 to 3"),
        ({"patient": {}}, NARROW, ((1, 3),), "last layer is left out, and of its 2 no other is matched; take .* cosine"),
    ],
)
def test_models_that_do_not_fit_are_refused_with_what_to_do(losses, student, pairs, said):
    (name,) = losses
    with pytest.raises(UserError, match=f"^loss {name}: .*{said}"):
        terms_of(losses, student, TEACHER, pairs)
    terms_of({name: {"weight": 0}, "cosine": {}}, student, TEACHER, pairs)  # left out, it refuses nothing


def test_what_a_refusal_advises_works():
    terms_of({"embedding": {}, "hidden": {}, "relation": {}}, FEW_HEADS, TEACHER, PAIRS)
    terms_of({"relation": {"heads": 32}}, NARROW, TEACHER, PAIRS)


@pytest.mark.parametrize(
    "student, teacher, heads", [(384, 768, 48), (384, 384, 48), (312, 768, 24), (256, 768, 32), (32, 64, 4), (5, 7, 1)]
)
def test_relation_heads_found_for_any_widths(student, teacher, heads):
    # as many as divide both and leave at least 8 numbers to each, at most 48: for 384 and 768 the paper's own
    made = terms_of({"relation": {}}, config(1, student, 1), config(1, teacher, 1), ((0, 0),))
    assert made["relation"][1].heads == heads


def test_relation_takes_models_of_other_heads_and_the_layers_it_is_told():
    teacher, student = model(TEACHER), model(FEW_HEADS, 1)
    losses = {"relation": {"heads": 2, "student_layer": 0, "teacher_layer": -2}}
    made = terms_of(losses, FEW_HEADS, TEACHER, PAIRS)
    _, term = made["relation"]
    assert term.student_needs == {("query", 0), ("key", 0), ("value", 0)}
    assert term.teacher_needs == {("query", 2), ("key", 2), ("value", 2)}
    loss, _ = run(Alignment(student, teacher, made), student, batch())
    assert 0 < loss.item() < 10


def test_patient_leaves_out_the_last_layer():
    _, term = terms_of({"patient": {}}, NARROW, TEACHER, PAIRS)["patient"]
    assert term.student_needs == {("hidden", 0)} and term.teacher_needs == {("hidden", 1)}


def test_what_a_run_is_known_by_holds_every_default_and_goes_into_json():
    found = described({"relation": {"heads": 4}, "hidden": {"weight": 0.5}, "attention": {"weight": 0}})
    assert json.loads(json.dumps(found)) == {
        "hidden": {"weight": 0.5},
        "relation": {"weight": 1.0, "heads": 4, "student_layer": -1, "teacher_layer": -1},
    }


def test_a_new_loss_is_one_file(tmp_path, monkeypatch):
    (tmp_path / "product.py").write_text(
        "from dataclasses import dataclass\n"
        "from torch import nn\n"
        "@dataclass(frozen=True)\n"
        "class Options:\n"
        "    scale: float = 1.0\n"
        "class Term(nn.Module):\n"
        "    def __init__(self, options, student, teacher, pairs):\n"
        "        super().__init__()\n"
        "        self.scale = options.scale\n"
        "        self.student_needs = self.teacher_needs = frozenset({('value', 0)})\n"
        "    def forward(self, seen, wanted, mask):\n"
        "        student, teacher = (side.states['value', 0][..., :32] for side in (seen, wanted))\n"
        "        return self.scale * (student * teacher).mean(-1)[mask == 1].mean()\n"
    )
    monkeypatch.setattr(terms, "__path__", [*terms.__path__, str(tmp_path)])
    teacher, student = model(TEACHER), model(NARROW, 1)
    alignment = Alignment(student, teacher, terms_of({"product": {"scale": 2.0}}, NARROW, TEACHER, PAIRS))
    loss, _ = run(alignment, student, batch())
    loss.backward()  # it multiplies the teacher's states with the student's, as a loss may
    assert student.encoder.layer[0].attention.self.value.weight.grad.abs().sum() > 0
