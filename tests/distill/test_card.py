from __future__ import annotations

import json
from dataclasses import replace

import yaml

from pocketbert.distill.card import Card, card_text, licence_of_data, licence_of_model, write_card
from pocketbert.tasks import Classification, Regression


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
    assert licence_of_model(tmp_path) == "unknown"
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
    assert licence_of_data(data) == "unknown"
    (tmp_path / "SOURCE.md").write_text("# data\nwritten by hand, the licence is a long story\n")
    assert licence_of_data(data) == "see SOURCE.md"
    (tmp_path / "LICENSE").write_text("\nApache License\nVersion 2.0\n")
    assert licence_of_data(data) == "Apache License"
    (tmp_path / "SOURCE.md").write_text("# data\n\n**Licence:** CC BY 4.0\n")
    assert licence_of_data(data) == "CC BY 4.0"


def test_an_unknown_licence_is_a_warning_in_the_card(tmp_path):
    card = Card("x", Classification(("a", "b")), 32, "t", "unknown", "d", "unknown")
    write_card(tmp_path, card)
    text = (tmp_path / "README.md").read_text()
    assert "A licence is unknown" in text and "license" not in yaml.safe_load(text.split("---")[1])


def test_a_regression_cards_range_stands_there_only_where_it_is_known():
    known = Card("x", Regression(low=0.0, high=5.0), 32, "t", "mit", "d", "mit")
    assert "one value (score), trained on 0 to 5. Inputs" in card_text(known)
    assert "one value (score). Inputs" in card_text(replace(known, task=Regression()))
