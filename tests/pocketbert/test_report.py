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
from pocketbert.report import readme_table, terminal_tables, write_report
from pocketbert.report.page import render
from pocketbert.report.style import DARK, LIGHT

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
        "tolerance": 0.25,
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


def rung(name: str, dev: float, test: float, size: int, what: str = "made up", file: str | None = None) -> dict:
    entry = {"rung": name, "what": what, "parameters": size // 4, "bytes": size, "rows": {"dev": 520, "test": 455}}
    entry |= {"file": file} if file else {}
    return entry | {"dev": {"accuracy": dev, "macro_f1": dev - 0.01}, "test": {"accuracy": test, "macro_f1": test - 0.01}}


def whole_summary() -> dict:
    files = [made_up_file("pte", 15_100_000), made_up_file("tflite", 14_900_000), made_up_file("onnx", 15_300_000)]
    ladder = [
        rung("teacher", 0.985, 0.941, 90_852_864, "MiniLM-L6, fine-tuned"),
        rung("floor", 0.951, 0.871, 60_123_456, "the same student, fine-tuned without distillation"),
        rung("student", 0.979, 0.932, 60_123_456, "distilled, fp32"),
        *(
            rung(f"{f['container']} int8", 0.977 - i / 500, 0.931 - i / 250, f["bytes"], "sealed file", f["file"])
            for i, f in enumerate(files)
        ),
    ]
    doubt = {"validity": {"verdict": "warn", "reasons": ["load average 1.9 of 2 cores", "governor not performance"]}}
    records = [
        made_up_record("teacher", None, 9.5, 1),
        made_up_record("bert-base", None, 61.0, 2),
        made_up_record("onnxruntime", None, 2.1, 3),
    ]
    records += [made_up_record(f["file"], f["container"], 1.5 + 0.4 * i, 4 + i) for i, f in enumerate(files)]
    records[-1] |= doubt
    return {
        "schema": 1,
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
        "ladder": ladder,
        "files": files,
        "bench": records,
        "warnings": ["3 texts are longer than the model & were <cut>"],
        "seconds": {"teach": 40.1, "distill": 203.4},
    }


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
    summary["ladder"][0]["rung"] = summary["bench"][3]["engine"] = summary["files"][0]["checks"][0]["detail"] = bad
    summary["files"][1]["file"] = bad
    text = render(summary)
    assert "<script" not in text
    assert Page(text).wrong == []


@pytest.mark.parametrize(
    "figure",
    # worked out by hand from the made-up summary
    ["98.5 %", "94.1 %", "87.1 %", "92.3 %", "0.861", "90.9 MB", "90,852,864", "15,100,000", "22,713,216", "14,300,000"]
    + ["11.2 ms", "3.75 ms", "21.5 MB", "44.0 MB", "99.87 %", "12,345,678", "gather × 2", "Made-Up CPU 3000", "9.9.2", "203.4 s"]
    + ["16.5 GB", "2,400 rows", "o" * 64, "load average 1.9 of 2 cores", "not judged", "64 vectors, largest difference 0.11"],
)
def test_every_figure_is_on_the_page(page, figure):
    assert figure in page.text


def test_timings_on_the_page_are_those_of_the_record(page):
    for record in whole_summary()["bench"]:
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


def test_verdict_says_how_small_fast_and_right(page):
    # 90852864 / 15300000 = 5.938, 90852864 / 14900000 = 6.097
    assert "in 14.9 to 15.3 MB, 5.9 to 6.1 times smaller than the teacher's 90.9 MB" in page.text
    assert "On the test set of 455 rows the files reach 92.3 to 93.1 % accuracy, the teacher 94.1 %" in page.text
    assert "the lowest file lies 0.9 points below the fp32 student" in page.text
    bench = {record["container"] or record["name"]: record["times"]["forward"]["p50"] for record in whole_summary()["bench"]}
    assert f"{bench['teacher'] / bench['pte']:.1f} times the speed of the teacher" in page.text
    assert "Every check of every file passed." in page.text
    assert "The bench warns about the timings of intents.onnx." in page.text


def test_a_failed_check_is_said_first_and_marked():
    summary = whole_summary()
    summary["files"][1] = made_up_file("tflite", 14_900_000, passed=False)
    text = render(summary)
    assert 'class="verdict failed">Verification FAILED for intents.tflite: do not ship it.' in text
    assert 'class="verdict failed"' in text and '<span class="bad">FAILED</span>' in text
    assert "Every check" not in text


def test_plots_take_the_page_colours_have_words_and_no_id_twice(page):
    text = render(whole_summary())
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) == 5
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
    for entry in summary["ladder"]:
        entry["test"] = None
    return summary


def no_floor() -> dict:
    summary = whole_summary()
    summary["ladder"] = [entry for entry in summary["ladder"] if entry["rung"] != "floor"]
    return summary


def regression() -> dict:
    summary = whole_summary()
    summary |= {"task": {"kind": "regression", "pair": True}, "metric": "spearman"}
    for entry in summary["ladder"]:
        entry |= {"dev": {"spearman": 0.8768, "pearson": 0.871}, "test": {"spearman": 0.8542, "pearson": 0.85}}
    return summary


def one_file_of_a_model_of_the_users_own() -> dict:
    """`pocketbert export` alone: no teacher, no floor, no bench."""
    summary = no_test_set()
    summary["ladder"] = [entry for entry in summary["ladder"] if entry["rung"] == "onnx int8"]
    summary["files"] = [entry for entry in summary["files"] if entry["container"] == "onnx"]
    return summary | {"bench": [], "warnings": []}


def nothing_but_a_name() -> dict:
    return {"schema": 1, "name": "bare"}


def unverified() -> dict:
    summary = whole_summary()
    for entry in summary["files"]:
        entry |= {"checks": [], "passed": None, "parts": {}, "delegation": None}
    return summary


MISSING = [no_test_set, no_floor, regression, one_file_of_a_model_of_the_users_own, nothing_but_a_name, unverified]
PARTS = ("command", "created", "machine", "versions", "task", "data", "ladder", "files", "bench", "warnings", "seconds")


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
    assert "--pair" in text and "Spearman ladder" in text and "Accuracy" not in text


def test_a_file_alone_is_told_without_its_teacher():
    text = Page(render(one_file_of_a_model_of_the_users_own())).text
    assert "It was sealed as .onnx. The file holds model, tokenizer and self-check in 15.3 MB." in text
    assert "teacher" not in text and "Speed" not in text and "Memory" not in text


def test_terminal_table_has_a_row_a_model():
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(*terminal_tables(whole_summary()))
    lines = console.export_text().splitlines()
    (row,) = (line for line in lines if "pte int8" in line)
    p50 = next(r for r in whole_summary()["bench"] if r["container"] == "pte")["times"]["forward"]["p50"]
    for figure in ("97.7 %", "93.1 %", "15.1 MB", f"{p50:.2f} ms", "21.5 MB", "passed"):
        assert figure in row
    assert sum("int8" in line and "│" in line for line in lines) == 3
    assert any("onnxruntime" in line and "│" in line for line in lines), "what was timed beside the files belongs in the table"


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
    assert "said: " in done.stdout and "pip install 'pocketbert[report]'" in done.stdout, done.stderr
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
    subprocess.run([*command, (tmp_path / "report.html").as_uri()], capture_output=True, timeout=120)
    pixels = (image.imread(tmp_path / "page.png")[:, :, :3] * 255).round().astype(int)
    paper = [int((DARK if dark else LIGHT)["paper"][i : i + 2], 16) for i in (1, 3, 5)]
    assert pixels.shape[:2] == (6000, width)
    assert (pixels[:, -12:] == paper).all()
    assert (pixels != paper).any(axis=2).any(axis=1).sum() > 2000, "the page is as good as empty"
