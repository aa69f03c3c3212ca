"""What the data says of itself, before any model reads it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator

from pocketbert.checks import failed, listed, ok, warning
from pocketbert.stages.data import Split, Splits, Tables
from pocketbert.tasks import UNKNOWN, Example, Table, Task
from pocketbert.tasks.columns import resolve
from pocketbert.tasks.worth import Finding, resolution

# A label with fewer rows is learnt by heart: there is not one row left over per way of saying it.
FEW_ROWS = 8
SKEWED = 0.9  # share of one label above which accuracy says little of the others
REPEATED = 0.05  # share of rows of train that repeat an earlier one
SHARED = 0.01  # share of rows of dev or test that are also in train
COARSE = 0.05  # difference that dev must be able to show: the default of worth.teacher_share leaves as much
FAR_APART = 0.25  # of the range: values of one text that differ by more contradict each other


def rows_per_label(task: Task, splits: Splits, tables: Tables) -> Iterator[Finding]:
    """A label with a handful of rows is learnt by heart and not recognised in other words."""
    train = splits.train.examples
    if not task.discrete:
        values = [example.gold for example in train]
        yield ok(f"{len(train):,} rows in train, values from {min(values):g} to {max(values):g}")
        return
    counts = Counter(example.target for example in train)
    rows = sorted((counts[i], label) for i, label in enumerate(task.labels))
    few = [(count, label) for count, label in rows if count < FEW_ROWS]
    if not few:
        yield ok(f"{len(train):,} rows in train, {task.outputs} labels, {rows[0][0]:,} to {rows[-1][0]:,} rows per label")
        return
    named = listed(f'"{label}" ({count})' for count, label in few)
    yield warning(
        f"{len(few)} of {task.outputs} labels have fewer than {FEW_ROWS} rows in train: {named}",
        "more rows of them in data.train, or join labels that mean nearly the same; augment.recombine: 5 makes texts of those "
        "that there are",
    )


def labels_of_dev_and_test(task: Task, splits: Splits, tables: Tables) -> Iterator[Finding]:
    """What dev lacks is not measured; what train lacks is not learnt, and counts as wrong."""
    if not task.discrete:
        yield ok("values, no labels")
        return
    troubled = False
    by_name = set(_written(task, tables.train, tables)) <= set(task.labels)
    for key, table in (("dev", tables.dev), ("test", tables.test)):
        split = splits.named().get(key)
        if split is None or table is None:
            continue
        written = _written(task, table, tables)
        lacking = [example for example in split.examples if example.target == UNKNOWN]
        numbers = sorted({value for value in written if value not in task.labels and task.knows(value)}, key=int)
        if numbers and by_name:
            troubled = True
            meant = listed(f'{value} for "{task.labels[int(value)]}"' for value in numbers)
            yield warning(
                f"{split.name} has numbers where {splits.train.name} has names; they are taken as places among the labels: "
                f"{meant}",
                f"the names in data.{key} too, so that nothing has to be guessed",
            )
        if lacking:
            troubled = True
            counts = Counter(written[example.row - 1] for example in lacking)
            named = listed(f'"{label}" ({count})' for label, count in counts.most_common())
            detail = (
                f"{len(lacking)} of {len(split.examples)} rows of {split.name} have a label that {splits.train.name} lacks: "
                f"{named}; first in row {lacking[0].row}"
            )
            if len(lacking) == len(split.examples):
                known = listed(f'"{label}"' for label in task.labels)
                yield failed(detail, f"write the labels of data.{key} as data.train does: {known}")
            else:
                yield warning(f"{detail}. They count as wrong", f"rows of them in data.train, or take them out of data.{key}")
    present = {example.target for example in splits.dev.examples}
    missing = [f'"{label}"' for i, label in enumerate(task.labels) if i not in present]
    if missing:
        yield warning(
            f"{splits.dev.name} has no row of {len(missing)} of {task.outputs} labels: {listed(missing)}",
            "move some of their rows from data.train to data.dev; what dev lacks is chosen by nothing",
        )
    elif not troubled:
        yield ok("every label is in train and in dev, and there are no others")


def balance(task: Task, splits: Splits, tables: Tables) -> Iterator[Finding]:
    """Where one answer is nearly always right, a model that always gives it scores well and is of no use."""
    train = splits.train.examples
    ((target, count),) = Counter(example.gold for example in train).most_common(1)
    share = count / len(train)
    if share < SKEWED:
        yield ok(f"the commonest is {task.target_name(target)}, {share:.0%} of train")
        return
    yield warning(
        f"{share:.1%} of the rows of train have {task.target_name(target)}: always saying it would be right as often",
        "more rows of the others in data.train, or fewer of this one; in the report look at macro_f1 instead of accuracy",
    )


def duplicates(task: Task, splits: Splits, tables: Tables) -> Iterator[Finding]:
    """A row that train has several times weighs several times as much."""
    train = splits.train.examples
    repeated = len(train) - len({(_key(example), example.target) for example in train})
    share = repeated / len(train)
    words = f"{repeated:,} of {len(train):,} rows of train repeat an earlier one ({share:.1%})"
    if share > REPEATED:
        yield warning(words, "keep one of each in data.train, unless they are as common where the model will be used")
    else:
        yield ok(words)


def label_noise(task: Task, splits: Splits, tables: Tables) -> Iterator[Finding]:
    """The same text with two labels cannot be learnt, and dev cannot reward it."""
    seen: dict[tuple[str, ...], list[tuple[Split, Example]]] = defaultdict(list)
    total = 0
    for split in splits.named().values():
        for example in split.examples:
            if example.target != UNKNOWN and any(_key(example)):
                seen[_key(example)].append((split, example))
                total += 1
    torn = [places for places in seen.values() if _contradict(task, [example for _, example in places])]
    if not torn:
        yield ok("no text has two labels")
        return
    rows = sum(map(len, torn))
    named = "; ".join(_contradiction(task, places) for places in torn[:3])
    yield warning(
        f"{len(torn):,} texts with two labels, in {rows:,} of {total:,} rows ({rows / total:.1%}): {named}",
        "decide on one label for each of them, or take them out",
    )


def overlap(task: Task, splits: Splits, tables: Tables) -> Iterator[Finding]:
    """What was trained on cannot tell how well the model does on anything else."""
    known = splits.named()
    texts = {name: {_key(example) for example in split.examples} for name, split in known.items()}
    fine = []
    for name, other in (("dev", "train"), ("test", "train"), ("test", "dev")):
        if name not in known:
            continue
        examples = known[name].examples
        count = sum(_key(example) in texts[other] for example in examples)
        words = f"{count:,} of {len(examples):,} rows of {known[name].name} are also in {known[other].name}"
        words += f" ({count / len(examples):.1%})"
        if count <= SHARED * len(examples):
            fine.append(f"{name} in {other} {count:,}")
        elif other == "train" and count == len(examples):
            same = known[name].fingerprint == known[other].fingerprint
            yield failed(
                f"data.{name} and data.{other} are the same rows" if same else f"all {words}",
                f"data.{name}: rows that are not in data.{other}; a tenth of data.train, taken out of it, will do",
            )
        elif other == "train":
            yield warning(f"{words}: its scores are too good", f"take them out of data.{other}, or out of data.{name}")
        else:
            yield warning(f"{words}: its scores are not independent", f"data.test: rows that are not in data.{other}")
    told = {_key(example) for example in splits.unlabelled} & (texts["dev"] | texts.get("test", set()))
    if told:
        yield warning(
            f"{len(told):,} texts of data.unlabelled are also in dev or test",
            "take them out of data.unlabelled",
        )
    if fine:
        yield ok(f"rows in common: {', '.join(fine)}")


def empty_texts(task: Task, splits: Splits, tables: Tables) -> Iterator[Finding]:
    """A row without a text teaches that no text at all has its label."""
    troubled = False
    for name, split in splits.named().items():
        empty = [example.row for example in split.examples if not all(text.strip() for text in example.texts)]
        if len(empty) == len(split.examples):
            troubled = True
            yield failed(f"no row of {split.name} has its text", "data.columns.text: the column that holds the texts")
        elif empty:
            troubled = True
            rows = listed(map(str, empty))
            yield warning(f"{len(empty)} rows of {split.name} have no text: {rows}", f"take them out of data.{name}")
    if not troubled:
        yield ok("none")


def size_of_dev(task: Task, splits: Splits, tables: Tables) -> Iterator[Finding]:
    """Everything that is chosen is chosen by dev: what it cannot tell apart is chosen by chance."""
    rows = len(splits.dev.examples)
    least = resolution(rows)
    words = f"on {rows:,} rows a difference below {100 * least:.1f} points of {task.metric} is noise"
    if least <= COARSE:
        yield ok(words)
        return
    enough = math.ceil(rows * (least / COARSE) ** 2)
    yield warning(words, f"data.dev: {enough} rows tell {100 * COARSE:g} points; take them out of data.train if need be")


def _written(task: Task, table: Table, tables: Tables) -> list[str]:
    """The label column as it stands, row for row."""
    column = resolve(table, tables.columns, task.pair, need_label=True).label
    return [str(row[column]).strip() for row in table.rows]


def _key(example: Example) -> tuple[str, ...]:
    """The texts as a tokenizer that ignores case and spaces sees them."""
    return tuple(" ".join(text.split()).casefold() for text in example.texts)


def _contradict(task: Task, examples: list[Example]) -> bool:
    targets = [example.gold for example in examples]
    if task.kind == "classification":
        return len(set(targets)) > 1
    if task.range is None:
        return False
    low, high = task.range
    return max(targets) - min(targets) > FAR_APART * (high - low)


def _contradiction(task: Task, places: list[tuple[Split, Example]]) -> str:
    first, low = min(places, key=lambda place: place[1].gold)
    second, high = max(places, key=lambda place: place[1].gold)
    text = " / ".join(low.texts)
    shown = text if len(text) <= 60 else f"{text[:59]}…"
    return (
        f'"{shown}" has {task.target_name(low.gold)} in row {low.row} of {first.name} and '
        f"{task.target_name(high.gold)} in row {high.row} of {second.name}"
    )


CHECKS = (
    rows_per_label,
    labels_of_dev_and_test,
    balance,
    duplicates,
    label_noise,
    overlap,
    empty_texts,
    size_of_dev,
)
