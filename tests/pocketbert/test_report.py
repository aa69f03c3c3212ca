"""The report of a made-up build. Every number here is invented for the test and measures nothing."""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from rich.console import Console

from pocketbert.bench.record import AtLength, Environment, Memory, Phase, Record, Texts, Validity
from pocketbert.cli import main
from pocketbert.report import readme_table, standing_lines, terminal_tables, write_report
from pocketbert.report.page import DARK, LIGHT, render

LABELS = ["alarm", "<b>music</b>", 'call & "ring"']


def phase(samples: list[float], tokens: list[int] | None = None) -> Phase:
    p50, p90, p95, p99 = (sorted(samples)[len(samples) * share // 100] for share in (50, 90, 95, 99))
    mean = sum(samples) / len(samples)
    return Phase(len(samples), mean, 0.1, min(samples), p50, p90, p95, p99, max(samples), tuple(samples), tuple(tokens or ()))


def made_up_record(name: str, container: str | None, centre: float, seed: int, **more) -> dict:
    """A bench record whose forward times lie around `centre` ms at 12 tokens."""
    rng = random.Random(seed)
    tokens = [rng.choice((5, 7, 8, 12, 14, 18, 22, 30)) for _ in range(400)]
    forward = [centre * (0.4 + n / 20) * rng.lognormvariate(0, 0.08) for n in tokens]
    phases = {"load": [11.25], "first": [3.75], "tokenize": [0.125] * 9, "end_to_end": [centre + 0.125] * 9}
    at = {n: centre * (0.4 + n / 20) for n in (8, 16, 32, 48)}
    record = Record(
        name=name,
        kind="artifact" if container else "baseline",
        file=name if container else None,
        sha256=name[0] * 64 if container else None,
        bytes=4_321_000,
        container=container,
        quantization="int8" if container else None,
        engine="made-up runtime",
        engine_version="9.9",
        threads=1,
        times={one: phase(samples) for one, samples in phases.items()} | {"forward": phase(forward, tokens)},
        by_length=tuple(AtLength(n, 30, 1.01 * ms, 1.2 * ms, 0.97 * ms) for n, ms in at.items()),
        texts=Texts("made up", 40, 5, 12.0, 22.0, 30, 0),
        memory=Memory(8_000_000, 10_000_000, 30_000_000, 31_500_000, 20_000_000, 44_000_000, "base")
        if container
        else Memory(note="not measured for baselines"),
        golden=True if container else None,
        golden_difference=0.11 if container else None,
        golden_tolerance=0.25 if container else None,
        validity=Validity("valid"),
        noise=0.02,
        environment=Environment(cpu="Made-Up CPU 3000"),
        how="in turns",
        note="",
        measured_at="2026-11-21T08:00:00+00:00",
    )
    return json.loads(json.dumps(record.to_dict() | more))


def made_up_file(container: str, size: int, passed: bool = True) -> dict:
    return {
        "container": container,
        "file": f"intents.{container}",
        "bytes": size,
        "sha256": container[0] * 64,
        "parts": {"compute": size - 800_000, "tokenizer.json": 700_000, "golden.json": 60_000, "manifest.json": 4_000},
        "quantization": "int8",
        "quantization_distance": 0.25,
        "delegation": {
            "backend": "XNNPACK",
            "share": 0.9987,
            "macs": 12_345_678,
            "delegated_macs": 12_329_628,
            "partitions": 3,
            "left_over": {"gather": 2},
        },
        "checks": [
            {
                "name": "golden vectors",
                "passed": True,
                "detail": "64 vectors, largest difference 0.11 of 0.25 allowed",
                "figures": {},
            },
            {"name": "metric", "passed": passed, "detail": "accuracy 0.9310; drop +0.31 points, 1 allowed", "figures": {}},
            {"name": "padding invariance", "passed": None, "detail": "static lengths", "figures": {}},
        ],
        "passed": passed,
    }


def model(kind: str, dev: float, test: float, size: int | None, file: dict | None = None, **more) -> dict:
    """An entry of `models`; a file's with its container."""
    entry = {"model": kind, "what": "made up", "parameters": size and size // 4, "bytes": size, "file": None}
    entry |= {"container": None, "precision": None if size is None else "fp32"}
    if file is not None:
        entry |= {"container": file["container"], "precision": file["quantization"], "file": file["file"]}
    return entry | {"dev": {"accuracy": dev, "macro_f1": dev - 0.01}, "test": {"accuracy": test, "macro_f1": test - 0.01}} | more


def finding(name: str, level: str = "ok", detail: str = "as it should be", fix: str = "") -> dict:
    return {"name": name, "level": level, "detail": detail, "fix": fix}


def whole_summary() -> dict:
    files = [made_up_file("pte", 15_100_000), made_up_file("tflite", 14_900_000), made_up_file("onnx", 15_300_000)]
    teachers = [made_up_file("pte", 23_200_000), made_up_file("tflite", 23_100_000)]
    teachers = [entry | {"file": f"intents-teacher.{entry['container']}"} for entry in teachers]
    refusal = "only 12 % of the multiply-accumulates run in <MLAS>"
    unmade = {"model": "teacher", "what": f"cannot be exported: {refusal}", "container": "onnx", "precision": "int8"}
    models = [
        model("bag of words", 0.81, 0.703, None),
        model("teacher", 0.985, 0.941, 90_852_864, what="MiniLM-L6"),
        *(model("teacher", 0.984 - i / 500, 0.939 - i / 500, f["bytes"], f) for i, f in enumerate(teachers)),
        unmade | {"parameters": None, "bytes": None, "file": None, "dev": None, "test": None, "failed": refusal},
        model("baseline", 0.951, 0.871, 60_123_456, what="the same student, fine-tuned without distillation"),
        model("student", 0.979, 0.932, 60_123_456, what="distilled"),
        *(model("student", 0.977 - i / 500, 0.931 - i / 250, f["bytes"], f) for i, f in enumerate(files)),
    ]
    doubt = {"validity": {"verdict": "warn", "reasons": ["load average 1.9 of 2 cores", "governor not performance"]}}
    records = [
        made_up_record("teacher in PyTorch, fp32", None, 9.5, 1),
        made_up_record("bert-base", None, 61.0, 2, note="BERT-base shape", file="bert-base.onnx"),
    ]
    records += [made_up_record(f["file"], f["container"], 1.5 + 0.4 * i, 4 + i) for i, f in enumerate(files)]
    records[-1] |= doubt
    records += [made_up_record(f["file"], f["container"], 5.5 + 0.4 * i, 8 + i) for i, f in enumerate(teachers)]
    chosen = {
        "option": "learning_rate",
        "value": 1e-4,
        "why": "best of a short search on dev",
        "among": [[1e-4, 0.8123], [5e-5, 0.7]],
    }
    return {
        "schema": 2,
        "name": "intents",
        "command": "pocketbert demo",
        "created": "2026-11-21T08:00:00+00:00",
        "machine": {"cpu": "Made-Up CPU 3000", "cores": 2, "memory": 16_500_000_000, "os": "Linux 6.1", "python": "3.11.2"},
        "versions": {"pocketbert": "0.1.0", "torch": "9.9.1", "executorch": "9.9.2", "onnxruntime": "9.9.3"},
        "task": {"kind": "classification", "pair": False, "labels": LABELS},
        "metric": "accuracy",
        "data": {
            "train": {"name": "train.tsv", "rows": 2400},
            "dev": {"name": "dev.tsv", "rows": 520},
            "test": {"name": "test.tsv", "rows": 455},
        },
        "models": models,
        "files": files,
        "teacher_files": [*teachers, {"container": "onnx", "failed": refusal}],
        "bench": records,
        "checks": [finding("against a bag of words"), finding("share of the teacher", detail="keeps 99.4 %, 95 % wanted")],
        "standing": "worth shipping",
        "doctor": [finding("disk"), finding("label noise", "warning", "4 texts have <two> labels", "mend dev.tsv, row 7")],
        "training": {
            "teacher": {"choices": [chosen], "planned_minutes": 2.54, "minutes": 2.41},
            "intermediate": {"choices": [], "planned_minutes": 1.0, "minutes": None},
        },
        "warnings": ["3 texts are longer than the model & were <cut>"],
        "seconds": {"teach": 40.1, "distill": 203.4},
    }


def weak_summary() -> dict:
    """The same where one check of the student warns and one failed."""
    fix = "the dev loss was still falling after 3 epochs: prediction.training.epochs: 8"
    checks = [
        finding("against the <baseline>", "failed", "0.8120 on dev, the baseline 0.8400", fix),
        finding("share of the teacher", "warning", "keeps 95.1 %", "student.layers: 4"),
        finding("against a bag of words"),
    ]
    return whole_summary() | {"checks": checks, "standing": "not worth shipping"}


class Page(HTMLParser):
    """Reads a page as a browser would, and keeps a stack so that a tag that is not closed in its place is found."""

    VOID = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.wrong, self.words, self.tags = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style",):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render(whole_summary()))


def test_page_is_well_formed(page):
    assert page.wrong == [] and page.open == []
    assert page.all("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert len(page.all("h1")) == 1


def test_page_loads_nothing_and_runs_nothing():
    text = render(whole_summary())
    assert "http:" not in text and "https:" not in text and "//" not in re.sub(r"[\w/+]*={0,2}", "", text)
    assert not re.search(r"<(script|link|iframe|object|img|base)\b", text)
    assert set(re.findall(r"""(?:href|src)=["'](.)""", text)) <= {"#"} and set(re.findall(r"url\((.)", text)) <= {"#"}


def test_what_comes_from_data_is_never_markup(page):
    text = render(whole_summary())
    assert "<b>" not in text and "&lt;b&gt;music&lt;/b&gt;" in text
    assert 'call & "ring"' in page.text and "were <cut>" in page.text


def test_hostile_names_are_escaped_in_text_attributes_and_plots():
    summary = whole_summary()
    bad = '"><script>alert(1)</script>'
    summary["name"] = summary["command"] = summary["machine"]["cpu"] = bad
    summary["models"][0]["model"] = summary["bench"][3]["engine"] = summary["files"][0]["checks"][0]["detail"] = bad
    summary["files"][1]["file"] = summary["checks"][0]["detail"] = summary["training"]["teacher"]["choices"][0]["why"] = bad
    summary["standing"], summary["checks"][0]["level"] = "not worth shipping", "failed"
    text = render(summary)
    assert "<script" not in text
    assert Page(text).wrong == []


@pytest.mark.parametrize(
    "figure",
    # worked out by hand from the made-up summary
    ["98.5 %", "94.1 %", "87.1 %", "92.3 %", "0.861", "90.9 MB", "90,852,864", "15,100,000", "22,713,216", "14,300,000"]
    + [
        "23.2 MB",
        "93.9 %",
        "70.3 %",
        "0.0001: 0.8123, 5e-05: 0.7000",
        "2.5",
        "2.4",
        "4 texts have <two> labels",
        "mend dev.tsv, row 7",
    ]
    + ["keeps 99.4 %, 95 % wanted", "cannot be exported: only 12 % of the multiply-accumulates run in <MLAS>"]
    + ["11.2 ms", "3.75 ms", "21.5 MB", "44.0 MB", "99.87 %", "12,345,678", "gather × 2", "Made-Up CPU 3000", "9.9.2", "203.4 s"]
    + ["16.5 GB", "2,400 rows", "o" * 64, "load average 1.9 of 2 cores", "not judged", "64 vectors, largest difference 0.11"],
)
def test_every_figure_is_on_the_page(page, figure):
    assert figure in page.text


def test_timings_on_the_page_are_those_of_the_record(page):
    for record in whole_summary()["bench"]:
        if record["kind"] == "baseline":  # one figure in the footnote, the rest by length
            assert f"{record['times']['forward']['p50']:.{2 if record['name'] != 'bert-base' else 1}f} ms" in page.text.replace(
                "\xa0", " "
            )
            continue
        forward = record["times"]["forward"]
        short = [ms for ms, n in zip(forward["samples"], forward["tokens"], strict=True) if n <= 8]
        fixed = record["by_length"][1]
        assert fixed["length"] == 16
        for value in (
            min(short),
            statistics.median(short),
            fixed["p50"],
            fixed["p90"],
            fixed["min"],
            forward["p50"],
            forward["p99"],
        ):
            digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
            assert f"{value:.{digits}f} ms" in page.text


def medians() -> dict[str, float]:
    return {record["name"]: record["times"]["forward"]["p50"] for record in whole_summary()["bench"]}


def test_verdict_says_how_small_fast_and_right(page):
    # 14900000 / 23100000 = 0.645, 15100000 / 23200000 = 0.651
    assert "in 14.9 to 15.3 MB, 65 % of the teacher exported the same way." in page.text
    said = "On the test set of 455 rows the files reach 92.3 to 93.1 % accuracy, the teacher 94.1 %"
    assert f"{said}, exported the same way 93.7 to 93.9 %, the same student without distillation 87.1 %" in page.text
    assert "a bag of words 70.3 %; the lowest file lies 0.9 points below the fp32 student" in page.text
    times = medians()["intents-teacher.pte"] / medians()["intents.pte"]
    assert f"{times:.1f} times the speed of intents-teacher.pte, measured in turns with it." in page.text
    assert "Every check of the student and of every file passed." in page.text
    assert "The bench warns about the timings of intents.onnx." in page.text


def test_speed_is_compared_in_one_container_and_precision_and_pytorch_is_a_footnote(page):
    times = medians()["intents-teacher.tflite"] / medians()["intents.tflite"]
    # 92.7 - 93.7 points, 14.9 of 23.1 MB
    row = f"{times:.1f} × as fast, 65 % of the size, −1.0 points"
    for text in (page.text, readme_table(whole_summary())):
        assert row in text
        assert text.count("× as fast") == 2, "the teacher has no .onnx to compare with"
        footnote = f"teacher in PyTorch, fp32 (made-up runtime 9.9) {medians()['teacher in PyTorch, fp32']:.2f} ms"
        assert footnote in text.replace("\xa0", " ")
    lines = readme_table(whole_summary()).splitlines()
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")][2:] == [
        *("bag of words", "teacher (fp32)", "teacher .pte int8", "teacher .tflite int8", "teacher .onnx int8", "baseline (fp32)"),
        *("student (fp32)", "student .pte int8", "student .tflite int8", "student .onnx int8"),
    ]
    (unmade,) = (line for line in lines if "teacher .onnx int8" in line)
    assert "not exported: only 12 % of the multiply-accumulates run in &lt;MLAS>" in unmade


def test_another_precision_of_the_teacher_is_not_compared_with():
    summary = whole_summary()
    for entry in summary["models"]:
        if entry["file"] == "intents-teacher.pte":
            entry["precision"] = "fp32"
    assert readme_table(summary).count("× as fast") == 1


def test_a_failed_check_is_said_first_and_marked():
    summary = whole_summary()
    summary["files"][1] = made_up_file("tflite", 14_900_000, passed=False)
    text = render(summary)
    assert 'class="verdict failed">Verification FAILED for intents.tflite: do not ship it.' in text
    assert 'class="verdict failed"' in text and '<span class="bad">FAILED</span>' in text
    assert "Every check" not in text


def test_a_weak_student_is_said_before_everything_else():
    text = render(weak_summary())
    first = text.index("<h1>"), text.index('<div class="alarm"'), text.index("Written by")
    assert first == tuple(sorted(first))
    alarm = Page(text[first[1] : first[2]]).text
    assert "NOT WORTH SHIPPING" in alarm and "against the <baseline>: 0.8120 on dev, the baseline 0.8400" in alarm
    assert "To try: the dev loss was still falling after 3 epochs: prediction.training.epochs: 8" in alarm
    assert "keeps 95.1 %" not in alarm, "a warning is no failure"
    assert 'class="verdict failed">The student is NOT WORTH SHIPPING (against the &lt;baseline&gt;).' in text
    assert "Every check" not in text and "Every file does what the student does." in text
    assert (
        readme_table(weak_summary()).splitlines()[-1].startswith("NOT WORTH SHIPPING: against the &lt;baseline>: 0.8120 on dev")
    )


def test_a_warning_alone_is_no_alarm():
    summary = weak_summary()
    summary["checks"], summary["standing"] = summary["checks"][1:], "worth shipping"
    text = render(summary)
    assert 'class="alarm"' not in text
    assert "Every check of the student and of every file passed, with warnings (share of the teacher)." in text


def test_the_terminal_ends_with_what_failed_and_what_to_try():
    console = Console(width=200, record=True, file=io.StringIO(), force_terminal=True)
    for line in standing_lines(weak_summary()):
        console.print(line)
    styled = console.export_text(styles=True, clear=False)
    last = console.export_text().splitlines()
    assert [line.split(":")[0] for line in last] == [
        "warning  share of the teacher",
        "failed  against the <baseline>",
        "intents is NOT WORTH SHIPPING. The files are there, and whole.",
    ]
    assert "0.8400. To try: the dev loss was still falling after 3 epochs: prediction.training.epochs: 8" in last[1]
    assert "\x1b[1;31mfailed" in styled
    assert standing_lines(whole_summary()) == []


@pytest.mark.parametrize("make, code", [(whole_summary, 0), (weak_summary, 3)])
def test_the_build_command_ends_with_the_standing(make, code, monkeypatch, tmp_path, capfd):
    from pocketbert.build import Built

    built = Built((tmp_path / "intents.pte",), tmp_path / "report.html", make())
    monkeypatch.setattr("pocketbert.build.build", lambda *given: built)
    recipe = tmp_path / "intents.yaml"
    recipe.write_text("name: intents\ndata: {train: a.tsv, dev: b.tsv}\nteacher: {model: t}\n")
    monkeypatch.setattr("sys.argv", ["pocketbert", "build", str(recipe)])
    with pytest.raises(SystemExit) as end:
        main()
    said = capfd.readouterr()
    assert (end.value.code or 0) == code
    assert "intents.pte" in said.out and "report.html" in said.out, "the files are there, and named"
    assert ("NOT WORTH SHIPPING" in said.err) == (code == 3)


def test_plots_take_the_page_colours_have_words_and_no_id_twice(page):
    text = render(whole_summary())
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) == 7  # accuracy, two of size, one of speed a container, memory
    for drawing in drawings:
        assert re.search(r'role="img" aria-labelledby="(\w+-words)".*?<title id="\1">[^<]{40,}</title>', drawing, re.DOTALL)
        assert not re.search(r"#[0-9a-fA-F]{6}\b(?!\w)", re.sub(r'(href="|url\()#[\w-]+', "", drawing))
        assert "var(--ink)" in drawing and "var(--one)" in drawing
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(r'(?:url\(|href="|labelledby=")#?([\w-]+)', text))
    assert wanted and wanted <= set(ids)


def test_same_summary_gives_the_same_bytes(tmp_path):
    for name in ("one.html", "two.html"):
        write_report(whole_summary(), tmp_path / name)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
    assert len((tmp_path / "one.html").read_bytes()) < 300_000


def without(*keys: str) -> dict:
    summary = whole_summary()
    for key in keys:
        del summary[key]
    return summary


def no_test_set() -> dict:
    summary = whole_summary()
    summary["data"]["test"] = None
    for entry in summary["models"]:
        entry["test"] = None
    return summary


def student_alone() -> dict:
    """Neither baseline, bag of words nor exported teacher: the recipe leaves them out."""
    summary = whole_summary()
    left = ("bag of words", "baseline")
    summary["models"] = [
        m for m in summary["models"] if m["model"] not in left and (m["model"], m["container"] is None) != ("teacher", False)
    ]
    summary["bench"] = [record for record in summary["bench"] if not (record["file"] or "").startswith("intents-teacher")]
    return summary | {"teacher_files": []}


def regression() -> dict:
    summary = whole_summary()
    summary |= {"task": {"kind": "regression", "pair": True}, "metric": "spearman"}
    for entry in summary["models"]:
        entry |= {"dev": {"spearman": 0.8768, "pearson": 0.871}, "test": {"spearman": 0.8542, "pearson": 0.85}}
    return summary


def one_file_of_a_model_of_the_users_own() -> dict:
    """`pocketbert export` alone: no teacher, no baseline, no bench."""
    summary = no_test_set()
    summary["models"] = [entry for entry in summary["models"] if entry["file"] == "intents.onnx"]
    summary["files"] = [entry for entry in summary["files"] if entry["container"] == "onnx"]
    return summary | {"teacher_files": [], "bench": [], "warnings": [], "checks": [], "doctor": [], "training": {}}


def nothing_but_a_name() -> dict:
    return {"schema": 2, "name": "bare"}


def unverified() -> dict:
    summary = whole_summary()
    for entry in summary["files"]:
        entry |= {"checks": [], "passed": None, "parts": {}, "delegation": None}
    return summary


MISSING = [no_test_set, student_alone, regression, one_file_of_a_model_of_the_users_own, nothing_but_a_name, unverified]
PARTS = ("command", "created", "machine", "versions", "task", "data", "models", "files", "bench", "warnings", "seconds")
PARTS += ("teacher_files", "checks", "standing", "doctor", "training")


@pytest.mark.parametrize("make", MISSING + [pytest.param(lambda p=p: without(p), id=f"no {p}") for p in PARTS])
def test_what_a_build_did_not_make_may_be_missing(make):
    page = Page(render(make()))
    assert page.wrong == [] and page.open == []
    assert not re.search(r"\bNone\b|\bnan\b|\{|\}", page.text.partition("How to use it")[0])
    Console(file=io.StringIO(), width=100).print(*terminal_tables(make()))
    assert readme_table(make()).startswith("| model |")


def test_a_regression_is_told_in_its_own_metric():
    text = Page(render(regression())).text
    assert "0.854 spearman" in text and "0.877" in text and "rates pairs of texts" in text
    assert "0.871" in text  # pearson, among the other metrics
    assert "--pair" in text and "Spearman of every model" in text and "Accuracy" not in text


def test_a_file_alone_is_told_without_its_teacher():
    text = Page(render(one_file_of_a_model_of_the_users_own())).text
    assert "It was sealed as .onnx. The file holds model, tokenizer and self-check in 15.3 MB." in text
    assert "The file does what the student does." in text and "Every check" not in text
    assert "teacher" not in text and "Speed" not in text and "Memory" not in text


def test_terminal_table_has_a_row_a_model():
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(*terminal_tables(whole_summary()))
    lines = console.export_text().splitlines()
    (row,) = (line for line in lines if "student .pte int8" in line)
    p50 = medians()["intents.pte"]
    for figure in ("97.7 %", "93.1 %", "15.1 MB", f"{p50:.2f} ms", "21.5 MB", "passed"):
        assert figure in row
    assert sum("int8" in line and "│" in line for line in lines) == 6
    assert any("bert-base (BERT-base shape" in line for line in lines), "what was timed beside the files belongs under the table"


def test_terminal_table_shows_brackets_as_they_are():
    summary = whole_summary()
    summary["name"] = "[red]x[/red]"
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(*terminal_tables(summary))
    assert "[red]x[/red]" in console.export_text()


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_read(palette):
    for ground in ("paper", "panel"):
        for name in set(palette) - {"paper", "panel", "rule"}:
            high, low = sorted((luminance(palette[ground]), luminance(palette[name])), reverse=True)
            least = 3.0 if name in ("one", "two", "three", "four") else 4.5
            assert (high + 0.05) / (low + 0.05) >= least, f"{name} on {ground}"


@pytest.mark.parametrize("longest", [32, 96, 512])
def test_lengths_below_a_plot_stand_apart(longest):
    summary = whole_summary()
    for record in summary["bench"]:
        forward = record["times"]["forward"]
        forward["tokens"] = [1 + i * longest // len(forward["samples"]) for i in range(len(forward["samples"]))]
    drawing = re.search(r'<svg role="img" aria-labelledby="latency0-words".*?</svg>', render(summary), re.DOTALL)[0]
    found = re.findall(r'<text [^>]*?x="([\d.]+)" y="([\d.]+)"[^>]*>(\d+)</text>', drawing)
    bottom = max(float(y) for _, y, _ in found)
    below = sorted((float(x), len(words)) for x, y, words in found if float(y) == bottom)
    digit = 7.7  # units: of DejaVu Sans at 12, as wide as the page's fonts get
    assert len(below) >= 3
    for (left, count), (right, other) in zip(below, below[1:], strict=False):
        assert right - left > digit * (count + other) / 2


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)


def test_without_matplotlib_the_extra_is_named_and_nothing_is_written(tmp_path):
    (tmp_path / "summary.json").write_text(json.dumps(whole_summary()))
    code = (
        "import sys, json; sys.modules['matplotlib'] = None\n"
        "from pathlib import Path\nfrom pocketbert.report import write_report\nfrom pocketbert.tasks import UserError\n"
        "try: write_report(json.load(open(sys.argv[1])), Path(sys.argv[2]))\n"
        "except UserError as error: print('said:', error)"
    )
    done = run_python(code, str(tmp_path / "summary.json"), str(tmp_path / "report.html"))
    assert "said: " in done.stdout and "pip install -c constraints.txt -e '.[report]'" in done.stdout, done.stderr
    assert not (tmp_path / "report.html").exists()


def test_tables_are_had_without_loading_matplotlib_or_torch():
    code = "import sys, pocketbert.report, pocketbert.report.readme; print({'matplotlib', 'torch'} & set(sys.modules))"
    assert run_python(code).stdout.strip() == "set()"


@pytest.fixture(scope="module")
def browser() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium here to open the page in")
    return found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_page_fits_the_screen_in_a_real_browser(browser, tmp_path, width, dark):
    """Nothing stands in the right margin, so no table and no plot is wider than the screen; the paper is the palette's."""
    image = pytest.importorskip("matplotlib.image")
    write_report(whole_summary(), tmp_path / "report.html")
    quiet = "--no-first-run --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars".split()
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", *quiet, f"--user-data-dir={tmp_path / 'profile'}"]
    command += [f"--window-size={width},6000", f"--screenshot={tmp_path / 'page.png'}"] + (["--force-dark-mode"] if dark else [])
    subprocess.run([*command, (tmp_path / "report.html").as_uri()], capture_output=True)
    pixels = (image.imread(tmp_path / "page.png")[:, :, :3] * 255).round().astype(int)
    paper = [int((DARK if dark else LIGHT)["paper"][i : i + 2], 16) for i in (1, 3, 5)]
    assert pixels.shape[:2] == (6000, width)
    assert (pixels[:, -12:] == paper).all()
    assert (pixels != paper).any(axis=2).any(axis=1).sum() > 2000, "the page is as good as empty"
