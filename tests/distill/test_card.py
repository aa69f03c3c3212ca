from __future__ import annotations

import json
from dataclasses import replace

import yaml

from pocketbert.distill.card import Card, add_checks, card_text, check_lines, licence_of_data, write_card
from pocketbert.tasks import Classification, Regression
from pocketbert.tasks.model_folder import licence_of_model
from pocketbert.tasks.worth import Finding


def test_the_card_names_both_licences_and_the_hub_can_read_it(tmp_path):
    card = Card(
        name="pocket intents",
        task=Classification(("alarm", "music")),
        max_length=32,
        teacher="MiniLM-L6",
        teacher_licence="apache-2.0",
        data="intents",
        data_licence="CC0-1.0",
        steps=("Layers 0, 5 of the teacher.",),
        metrics={"teacher": {"accuracy": 0.9}, "student": {"accuracy": 0.875, "macro_f1": 0.8}},
    )
    write_card(tmp_path, card)
    text = (tmp_path / "README.md").read_text()
    front = yaml.safe_load(text.split("---")[1])
    assert front["license"] == "apache-2.0" and front["pipeline_tag"] == "text-classification"
    assert "| model | MiniLM-L6 | apache-2.0 |" in text and "| data | intents | CC0-1.0 |" in text
    assert "2 labels: alarm, music" in text and "| student | 0.8750 | 0.8000 |" in text and "unknown" not in text
    assert licence_of_model(tmp_path) == "apache-2.0"  # so that a student of this student names it too


def test_a_teachers_licence_is_read_from_card_or_config(tmp_path):
    assert licence_of_model(tmp_path) is None
    (tmp_path / "config.json").write_text(json.dumps({"license": "mit"}))
    assert licence_of_model(tmp_path) == "mit"
    (tmp_path / "README.md").write_text("---\nlicense: [mit, cc-by-4.0]\n---\n# x\n")
    assert licence_of_model(tmp_path) == "mit, cc-by-4.0"
    (tmp_path / "README.md").write_text("---\n: [\n---\n")
    assert licence_of_model(tmp_path) == "mit"


def test_the_real_encoder_names_its_licence(minilm_folder):
    assert licence_of_model(minilm_folder) == "apache-2.0"


def test_a_data_files_licence_is_what_stands_beside_it(tmp_path):
    data = tmp_path / "train.tsv"
    assert licence_of_data(data) is None
    (tmp_path / "SOURCE.md").write_text("# data\nwritten by hand, the licence is a long story\n")
    assert licence_of_data(data) == "see SOURCE.md"
    (tmp_path / "LICENSE").write_text("\nApache License\nVersion 2.0\n")
    assert licence_of_data(data) == "Apache License"
    (tmp_path / "SOURCE.md").write_text("# data\n\n**Licence:** CC BY 4.0\n")
    assert licence_of_data(data) == "CC BY 4.0"


def test_an_unknown_licence_is_a_warning_in_the_card(tmp_path):
    card = Card("x", Classification(("a", "b")), 32, "t", None, "d", None)
    write_card(tmp_path, card)
    text = (tmp_path / "README.md").read_text()
    assert "A licence is unknown" in text and "license" not in yaml.safe_load(text.split("---")[1])


def test_a_regression_cards_range_stands_there_only_where_it_is_known():
    known = Card("x", Regression(low=0.0, high=5.0), 32, "t", "mit", "d", "mit")
    assert "one value (score), trained on 0 to 5. Inputs" in card_text(known)
    assert "one value (score). Inputs" in card_text(replace(known, task=Regression()))


def test_the_checks_stand_first_in_a_card_and_replace_those_of_an_earlier_build(tmp_path):
    card = Card("x", Classification(("a", "b")), 32, "t", "mit", "d", "mit", ("Layers 0, 5.",), {"student": {"accuracy": 0.9}})
    write_card(tmp_path, card)
    weak = [
        Finding("share of the teacher", "failed", "keeps 61.2 % |\n95 % wanted", "prediction.training.epochs: 8"),
        Finding("student against a bag of words", "ok", "0.9 on dev", "nothing to do"),
    ]
    add_checks(tmp_path, weak)
    text = (tmp_path / "README.md").read_text()
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Checks", "## How it was made", "## Metrics"]
    assert "**Not worth shipping**" in text
    assert "- share of the teacher: **FAILED**. keeps 61.2 % | 95 % wanted. To try: prediction.training.epochs: 8" in text
    assert "- student against a bag of words: passed. 0.9 on dev\n" in text
    assert text == card_text(replace(card, checks=check_lines(weak)))
    add_checks(tmp_path, [Finding("share of the teacher", "ok", "keeps 98 %")])
    again = (tmp_path / "README.md").read_text()
    assert again.count("## Checks") == 1 and "Not worth" not in again and "FAILED" not in again
    add_checks(tmp_path, weak)
    assert (tmp_path / "README.md").read_text() == text
    write_card(tmp_path, replace(card, steps=(), metrics={}))
    add_checks(tmp_path, weak)
    assert (tmp_path / "README.md").read_text().endswith("passed. 0.9 on dev\n")
