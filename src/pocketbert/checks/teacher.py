"""The teacher, looked at before it is trained or taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pocketbert.checks import failed, listed, ok, warning
from pocketbert.checks.source import Source
from pocketbert.distill.auto import WHOLE
from pocketbert.recipe import LONGEST, Recipe
from pocketbert.stages.data import Splits
from pocketbert.stages.ground import sample, thinned
from pocketbert.tasks import Task, UserError, targets_of
from pocketbert.tasks.worth import Finding, difference

MOST_ROWS = 128  # that a finished teacher answers: enough for a broken or mislabelled one to show
MOST_WORDS_ROWS = 5000  # of train, that the bag of words beside it learns from: seconds of work
CLEARLY = 0.1  # of the metric: a smaller deficit is for the build to judge, which has all rows of train and dev
CUT, MOSTLY_CUT = 1 - WHOLE, 0.5  # share of texts longer than the model takes: no oddity of the data any more; most of it
STRANGE = 0.05  # share of words that a tokenizer does not know: a few names and signs, or another language
# A finished teacher whose labels are in another order is right on few rows, and on nearly all of them once they are put right.
WRONG_ORDER, RIGHT_ORDER, ROWS_PER_LABEL = 0.5, 0.8, 4


def lengths(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """The position table says how long a text may be; tokenizer and word table must belong together."""
    from pocketbert.distill.folders import check_fit, position_limit

    limit = position_limit(source.config)
    for key, wanted in (("max_length", source.max_length), ("export.static_length", recipe.export.static_length or 0)):
        if wanted > limit:
            yield failed(f"{key} is {wanted}, and the teacher's position table ends at {limit} tokens", f"{key}: {limit}")
            return
    check_fit(source.config, source.tokenizer, source.max_length, source.place)
    yield ok(f"{source.max_length} of at most {limit} tokens, {len(source.tokenizer):,} words and pieces")


def truncation(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """What is cut off a text, no model sees."""
    from pocketbert.distill.folders import position_limit
    from pocketbert.distill.texts import whole_ids

    counts = np.array([len(ids) for ids in whole_ids(source.tokenizer, sample(splits))])
    share = float(np.mean(counts > source.max_length))
    words = f"{share:.1%} of the texts have more than {source.max_length} tokens and are cut"
    if share <= CUT:
        yield ok(words)
        return
    limit = min(position_limit(source.config), LONGEST)
    wanted = min(-8 * int(-np.quantile(counts, 1 - CUT) // 8), limit)
    longer = f"max_length: {wanted}, which cuts {np.mean(counts > wanted):.1%}; time per text grows with it"
    shorter = "shorter texts, or the part of each that decides: the model sees the first tokens alone"
    told = words if share < 1 else f"every text has more than {source.max_length} tokens and is cut"
    if share > MOSTLY_CUT:
        told += f"; the median has {np.median(counts):.0f}"
    yield warning(told, longer if wanted > source.max_length else shorter)


def words_known(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """Every word that a tokenizer does not know becomes the same token: of another language or script nothing is left."""
    from pocketbert.distill.texts import whole_ids

    unknown = source.tokenizer.unk_token_id
    counts = Counter(token for ids in whole_ids(source.tokenizer, sample(splits)) for token in ids)
    share = counts[unknown] / max(sum(counts.values()), 1) if isinstance(unknown, int) else 0.0
    words = f"{share:.1%} of the tokens of the texts are unknown to the teacher's tokenizer"
    if share > STRANGE:
        yield warning(words, "teacher.model: one of the texts' language, such as bert-base-multilingual-cased")
    else:
        yield ok(words)


def token_types(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """A model that has no token types cannot tell the first text of a pair from the second but by a separator."""
    if not task.pair:
        yield ok("single texts: not needed")
    elif getattr(source.config, "type_vocab_size", 1) < 2 or source.config.model_type == "distilbert":  # whatever its config says
        yield warning(
            f"the task has pairs, and a {source.config.model_type} has no token types",
            "teacher.model: a BERT with type_vocab_size 2 in its config.json, unless this one was trained on pairs",
        )
    else:
        yield ok("the model has them, for pairs")


def labels_of_the_teacher(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """A teacher's logits mean what its own labels say: matched by name, and in another order they teach nonsense."""
    from pocketbert.tasks.model_folder import task_of

    if recipe.teacher.fine_tune:
        try:
            own = task_of(source.config, source.place)
        except UserError:  # of a kind that is not known here; it gets a new head
            own = task
        named = own.discrete and list(own.labels) != [f"LABEL_{i}" for i in range(own.outputs)]
        if named and set(own.labels) != set(task.labels):
            yield ok(f"it was fine-tuned on other labels ({listed(own.labels)}); here it learns those of the data")
        elif named and own.labels != task.labels:
            yield warning(
                f"it was fine-tuned on the same labels in another order ({listed(own.labels)}), and gets a new head",
                "teacher.fine_tune: false, which takes it as it is and keeps its order",
            )
        else:
            yield ok("it learns those of the data")
        return
    from pocketbert.distill.teach import agreed_task

    try:
        agreed = agreed_task(source.place, task)
    except UserError as error:
        fix = "teacher.fine_tune: true, or labels in the data as the teacher's config.json has them"
        yield failed(str(error).removesuffix("."), fix)
        return
    yield ok(f"{agreed.outputs} of its own, and the data's are among them")


def outputs_of_the_teacher(recipe: Recipe, task: Task, splits: Splits, source: Source) -> Iterator[Finding]:
    """A teacher that is taken as it is must have a trained head, give finite numbers, and know more than a bag of words."""
    if recipe.teacher.fine_tune:
        yield ok("it is fine-tuned first, and looked at then")
        return
    from pocketbert.distill.bag_of_words import bag_of_words
    from pocketbert.distill.folders import position_limit, read_classifier
    from pocketbert.distill.precision import on_device
    from pocketbert.distill.scoring import logits_of
    from pocketbert.distill.teach import agreed_task
    from pocketbert.distill.texts import encode, pad_id_of

    length = min(source.max_length, position_limit(source.config))  # another check says where it is too long
    found = read_classifier(source.place, None, length)
    if found.missing:
        yield failed(
            f"it has no trained head: {listed(found.missing, 3)} would be random numbers", "teacher.fine_tune: true"
        )
        return
    examples = thinned(splits.dev.examples, MOST_ROWS)
    rows = encode(found.tokenizer, examples, length).rows
    logits = logits_of(on_device(found.model), rows, pad_id_of(found.tokenizer))
    broken = np.flatnonzero(~np.isfinite(logits).all(1))
    if len(broken):
        yield failed(
            f"NaN or infinity for {len(broken)} of {len(rows)} rows of dev, first in row {examples[broken[0]].row}",
            "teacher.model: one that was saved in float32, or trained without overflow",
        )
        return
    try:
        agreed_task(source.place, task)
    except UserError:  # another check says so; its columns are not the data's labels, and cannot be held against them
        yield ok("finite; not held against the data, whose labels it lacks")
        return
    targets = targets_of(examples)
    exchanged = _exchanged(task, logits, targets) if task.discrete else []
    if exchanged:
        yield failed(
            f"its labels seem to be in another order than its config.json says: {listed(exchanged, 3)}",
            f"put id2label in {Path(str(source.place)) / 'config.json'} right",
        )
        return
    learnt = bag_of_words(task, thinned(splits.train.examples, MOST_WORDS_ROWS), {"dev": examples})
    words = learnt["outputs"]["dev"]
    own, counted = (task.metrics(outputs, targets)[task.metric] for outputs in (logits, words))
    found = f"finite; {task.metric} {own:.3f} on {len(rows)} rows of dev, a bag of words has {counted:.3f}"
    ahead, error = difference(task, logits, words, targets)
    if ahead < -max(CLEARLY, error):
        yield warning(found, "teacher.fine_tune: true; or a teacher.model that was fine-tuned on this data")
    else:
        yield ok(found)


def _exchanged(task: Task, logits: np.ndarray, targets: np.ndarray) -> list[str]:
    """What the teacher calls by another name than the data, where one exchange of names explains nearly all its errors."""
    from scipy.optimize import linear_sum_assignment

    if len(targets) < ROWS_PER_LABEL * task.outputs:
        return []
    table = np.zeros((task.outputs, task.outputs), int)  # (label of the data, label of the teacher)
    for (target, said), count in Counter(zip(targets.tolist(), logits.argmax(1).tolist(), strict=True)).items():
        if target >= 0:
            table[target, said] = count
    as_it_is, (rows, columns) = np.trace(table) / len(targets), linear_sum_assignment(-table)
    put_right = table[rows, columns].sum() / len(targets)
    if as_it_is > WRONG_ORDER * put_right or put_right < RIGHT_ORDER:
        return []
    pairs = zip(rows, columns, strict=True)
    return [f'"{task.labels[a]}" in the data is its "{task.labels[b]}"' for a, b in pairs if a != b and table[a, b]]


CHECKS = (lengths, truncation, words_known, token_types, labels_of_the_teacher, outputs_of_the_teacher)
