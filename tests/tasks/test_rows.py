"""Files are read as they stand, and what does not fit is named by file, row and column."""

from __future__ import annotations

import csv
import json

import pytest

from pocketbert.tasks import UNKNOWN, Columns, UserError, examples_of, infer_task, read_examples, read_table, unlabelled_of
from pocketbert.tasks.columns import Found, Labelled, resolve

NASTY = ['say "hi" to Ana', '"quoted from the start', 'a "b" c"', "tabs no, commas, yes", "line\u2028separator", "café 🙂", "x"]


def write(tmp_path, name: str, text: str):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_tsv_takes_bare_quotes_as_characters(tmp_path):
    path = write(tmp_path, "d.tsv", "text\tlabel\n" + "".join(f"{text}\tyes\n" for text in NASTY))
    assert [row["text"] for row in read_table(path).rows] == NASTY


def test_csv_follows_rfc_4180_with_line_breaks_inside_quotes(tmp_path):
    texts = [*NASTY, "two\nlines", "carriage\r\nreturn"]
    path = tmp_path / "d.csv"
    with path.open("w", newline="", encoding="utf-8") as file:  # the standard library's writer is the independent side
        csv.writer(file).writerows([["text", "label"], *([text, "yes"] for text in texts)])
    table = read_table(path)
    assert [row["text"] for row in table.rows] == texts
    assert table.where(8, "text").endswith('row 9 (line 11), column "text"')  # row 8 spans two lines


def test_jsonl_keeps_strings_and_turns_numbers_into_text(tmp_path):
    lines = [json.dumps({"text": text, "label": i, "score": 0.5, "tags": ["O"]}) for i, text in enumerate(NASTY)]
    table = read_table(write(tmp_path, "d.jsonl", "\n".join(lines)))
    assert [row["text"] for row in table.rows] == NASTY
    assert (
        table.rows[3]["label"] == "3" and table.rows[3]["score"] == "0.5" and table.columns == ("text", "label", "score", "tags")
    )


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_the_data(tmp_path):
    path = tmp_path / "d.tsv"
    path.write_bytes(b"\xef\xbb\xbftext\tlabel\r\nhello\tyes\r\n")
    assert read_table(path).rows == ({"text": "hello", "label": "yes"},)


def test_a_suffix_counts_in_any_case(tmp_path):
    for name, text in (("D.CSV", "text,label\n\"a,b\",yes\n"), ("D.Tsv", "text\tlabel\na,b\tyes\n")):
        assert read_table(write(tmp_path, name, text)).rows == ({"text": "a,b", "label": "yes"},)
    assert read_table(write(tmp_path, "d.JSONL", '{"text": "a"}\n')).rows == ({"text": "a"},)


def test_an_empty_line_is_a_text_where_there_is_one_column(tmp_path):
    table = read_table(write(tmp_path, "d.tsv", "text\na\n\n\nb\n\n"))
    assert [row["text"] for row in table.rows] == ["a", "", "", "b", ""] and table.lines == (2, 3, 4, 5, 6)
    assert len(read_table(write(tmp_path, "open.tsv", "text\na\n\nb")).rows) == 3  # no line end at the end of the file
    two = read_table(write(tmp_path, "two.tsv", "\ntext\tlabel\n\na\tyes\n\n"))
    assert two.rows == ({"text": "a", "label": "yes"},) and two.lines == (4,)


def test_a_long_csv_field_is_read_and_the_readers_limit_stays(tmp_path):
    limit = csv.field_size_limit()
    long = "x, " * 100_000
    assert read_table(write(tmp_path, "d.csv", f'text,label\n"{long}",yes\n')).rows[0]["text"] == long
    with pytest.raises(UserError, match="line 3: 1 fields"):
        read_table(write(tmp_path, "bad.csv", f'text,label\n"{long}",yes\nb\n'))
    assert csv.field_size_limit() == limit == 131072


def test_labels_with_outer_spaces_are_the_labels_without(tmp_path):
    path = write(tmp_path, "d.tsv", "text\tlabel\na\t yes\nb\tno \nc\tyes\n")
    task = infer_task(read_table(path), Columns(), "classification")
    assert task.labels == ("no", "yes") and [example.target for example in read_examples(path, task)] == [1, 0, 1]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("d.tsv", "", "file is empty"),
        ("d.tsv", "\n", "file is empty"),
        ("d.tsv", "\n\n\n", "file is empty"),
        ("d.tsv", "text\tlabel\n", "no data rows"),
        ("d.tsv", "text\n", "no data rows"),
        ("d.tsv", "text\tlabel\nonly one field\n", r"line 2: 1 fields where the header names 2"),
        ("d.tsv", "text\ttext\na\tb\n", "two columns have the same name"),
        ("d.csv", 'text,label\n"never closed,yes\n', "line 2: not a CSV row"),
        ("d.csv", "text,label\na,b,c\n", "line 2: 3 fields"),
        ("d.jsonl", '{"text": "a"}\n{"text": \n', "line 2: not JSON"),
        ("d.jsonl", '{"text": ' + "1" * 5000 + "}", "line 1: not JSON .*4300"),
        ("d.jsonl", "[1]\n", "line 1: expected an object"),
        ("d.jsonl", '{"text": "\\ud83d"}\n', 'line 1, column "text": half a character'),
        ("d.xlsx", "x", "cannot read a .xlsx"),
    ],
)
def test_bad_files_are_named(tmp_path, name, text, says):
    with pytest.raises(UserError, match=says):
        read_table(write(tmp_path, name, text))


def test_missing_and_undecodable_files(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        read_table(tmp_path / "none.tsv")
    (tmp_path / "latin.csv").write_bytes("text,label\ncafé,yes\n".encode("latin-1"))
    with pytest.raises(UserError, match="not UTF-8 .byte 14."):
        read_table(tmp_path / "latin.csv")


def test_columns_are_found_by_their_usual_names_or_named(tmp_path):
    table = read_table(write(tmp_path, "d.tsv", "premise\thypothesis\tlabel\na\tb\tyes\n"))
    assert resolve(table, Columns(), None, True) == Labelled("premise", "hypothesis", "label")
    assert resolve(table, Columns(text="premise"), False, True) == Labelled("premise", None, "label")
    with pytest.raises(UserError, match='no column "hypotesis".*Did you mean "hypothesis"'):
        resolve(table, Columns("premise", "hypotesis"), None, True)
    odd = read_table(write(tmp_path, "odd.tsv", "a\tb\nx\ty\n"))
    with pytest.raises(UserError, match='which column is the text among "a", "b"'):
        resolve(odd, Columns(), None, True)
    with pytest.raises(UserError, match="takes sentence pairs"):
        resolve(read_table(write(tmp_path, "one.tsv", "text\tlabel\nx\ty\n")), Columns(), True, True)


@pytest.mark.parametrize(
    "head, found",
    [
        ("sentence\tgenre", Labelled("sentence", None, "genre")),
        ("tweet\tlabel", Labelled("tweet", None, "label")),
        ("Text\tLabel", Labelled("Text", None, "Label")),
        ("premise\thypothesis\tgold", Labelled("premise", "hypothesis", "gold")),
        ("label\tLABEL\ttext", Labelled("text", None, "label")),
    ],
)
def test_the_only_column_that_is_left_and_names_in_any_case_are_found(tmp_path, head, found):
    row = "\t".join("x" * (head.count("\t") + 1))
    assert resolve(read_table(write(tmp_path, "d.tsv", f"{head}\n{row}\n")), Columns(), None, True) == found


def test_of_several_columns_that_are_left_none_is_guessed(tmp_path):
    table = read_table(write(tmp_path, "d.tsv", "id\ttext\tgenre\n1\tx\ty\n"))
    with pytest.raises(UserError, match="cannot tell which column is the label"):
        resolve(table, Columns(), None, True)
    assert resolve(table, Columns(), None, False) == Found("text", None, None)
    alone = read_table(write(tmp_path, "u.tsv", "text\tgenre\nx\ty\n"))
    assert resolve(alone, Columns(), None, False).label is None, "rows that need no label have none but by its name"


def test_labels_are_names_or_indices_and_unknown_ones_are_named(tmp_path):
    path = write(tmp_path, "d.tsv", "text\tlabel\na\tyes\nb\t0\nc\tmaybe\n")
    task = infer_task(read_table(write(tmp_path, "t.tsv", "text\tlabel\na\tyes\nb\tno\n")), Columns(), "classification")
    assert task.labels == ("no", "yes")
    with pytest.raises(UserError, match=r"d\.tsv, row 3 \(line 4\), column \"label\".*no label \"maybe\".*'no', 'yes'"):
        read_examples(path, task)
    good = read_examples(write(tmp_path, "g.tsv", "text\tlabel\na\tyes\nb\t0\n"), task)
    assert [example.target for example in good] == [1, 0]


def test_unknown_labels_are_counted_where_that_is_asked_for(tmp_path):
    table = read_table(write(tmp_path, "d.tsv", "text\tlabel\na\tyes\nb\t0\nc\tmaybe\nd\t7\n"))
    task = infer_task(read_table(write(tmp_path, "t.tsv", "text\tlabel\na\tyes\nb\tno\n")), Columns(), "classification")
    found = examples_of(table, task, Columns(), unknown="count")
    assert [example.target for example in found] == [1, 0, UNKNOWN, UNKNOWN]  # a number that is a place among them is one
    with pytest.raises(UserError, match='no label "maybe"'):
        examples_of(table, task, Columns())
    empty = read_table(write(tmp_path, "e.tsv", "text\tlabel\na\t\n"))
    with pytest.raises(UserError, match="empty; every row needs a value"):
        examples_of(empty, task, Columns(), unknown="count")


def test_a_value_that_is_no_number_is_an_error_also_where_unknown_labels_count(tmp_path):
    task = infer_task(read_table(write(tmp_path, "t.tsv", "text\tscore\na\t0\nc\t5\n")), Columns(), "regression")
    with pytest.raises(UserError, match='"maybe" is not a finite number'):
        examples_of(read_table(write(tmp_path, "d.tsv", "text\tscore\na\tmaybe\n")), task, Columns(), unknown="count")


def test_unlabelled_rows_need_no_label_and_have_no_target(tmp_path):
    task = infer_task(read_table(write(tmp_path, "t.tsv", "text\tlabel\na\tyes\nb\tno\n")), Columns(), "classification")
    alone = read_table(write(tmp_path, "u.tsv", "text\nx\ny\n"))
    beside = read_table(write(tmp_path, "v.tsv", "label\ttext\nother\tx\n\ty\n"))  # whatever stands in the label column
    for table in (alone, beside):
        found = [(example.texts, example.target, example.row) for example in unlabelled_of(table, task, Columns())]
        assert found == [(("x",), None, 1), (("y",), None, 2)]


def test_a_column_that_is_not_found_names_the_recipes_key_and_the_commands_option(tmp_path):
    odd = read_table(write(tmp_path, "odd.tsv", "a\tb\tc\nx\ty\tz\n"))
    with pytest.raises(UserError, match="data.columns.text in a recipe, --text on the command line"):
        resolve(odd, Columns(), None, True)
    with pytest.raises(UserError, match="data.columns.label in a recipe, --label on the command line"):
        resolve(odd, Columns(text="a"), None, True)
    with pytest.raises(UserError, match="data.columns.text_pair in a recipe, --text-pair on the command line"):
        resolve(odd, Columns(text="a"), True, True)


def test_number_labels_are_sorted_as_numbers(tmp_path):
    table = read_table(write(tmp_path, "d.tsv", "text\tlabel\n" + "".join(f"t\t{i}\n" for i in (10, 2, 1))))
    assert infer_task(table, Columns(), "classification").labels == ("1", "2", "10")


def test_one_class_and_empty_labels_are_refused(tmp_path):
    with pytest.raises(UserError, match="at least two labels"):
        infer_task(read_table(write(tmp_path, "one.tsv", "text\tlabel\na\tyes\nb\tyes\n")), Columns(), "classification")
    with pytest.raises(UserError, match=r'row 2 \(line 3\), column "label": empty'):
        infer_task(read_table(write(tmp_path, "gap.tsv", "text\tlabel\na\tyes\nb\t\n")), Columns(), "classification")


def test_an_empty_text_is_a_text(tmp_path):
    task = infer_task(read_table(write(tmp_path, "t.tsv", "text\tlabel\na\tyes\nb\tno\n")), Columns(), "classification")
    assert read_examples(write(tmp_path, "d.tsv", "text\tlabel\n\tyes\n"), task)[0].texts == ("",)


def test_regression_values_must_be_finite_numbers(tmp_path):
    table = read_table(write(tmp_path, "d.tsv", "text_a\ttext_b\tscore\na\tb\t1.5\nc\td\tnan\n"))
    task = infer_task(read_table(write(tmp_path, "t.tsv", "text_a\ttext_b\tscore\na\tb\t0\nc\td\t5\n")), Columns(), "regression")
    assert (task.low, task.high, task.pair) == (0.0, 5.0, True)
    with pytest.raises(UserError, match='row 2 .line 3., column "score": "nan" is not a finite number'):
        examples_of(table, task, Columns())


def test_every_shared_data_set_reads(shared_data):
    seen = 0
    for path in sorted(shared_data.glob("*/dev.tsv")):
        if "label" in path.read_text(encoding="utf-8").split("\n", 1)[0]:
            table = read_table(path)
            lines = path.read_text(encoding="utf-8").rstrip("\n").count("\n")
            assert len(table.rows) == lines, path
            seen += 1
    assert seen >= 8


@pytest.mark.parametrize(
    ("name", "mark", "words"), [("a.csv", ";", "semicolons"), ("a.csv", "\t", "tabs"), ("a.tsv", ",", "commas")]
)
def test_another_separator_is_named(tmp_path, name, mark, words):
    path = tmp_path / name
    path.write_text(f"text{mark}label\nhello{mark}yes\n")
    with pytest.raises(UserError, match=f"seem to be separated by {words}"):
        resolve(read_table(path), Columns(), None, need_label=True)
