"""A plan fitted to a budget of minutes: what it has room for, and what it leaves out."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, replace
from typing import Any

from pocketbert.distill.auto import rates, settle, total_steps
from pocketbert.distill.options import AUTO, TrainOptions
from pocketbert.distill.plan import COMPARED_RUNS, Plan, Planned, Work
from pocketbert.distill.scores import score_count
from pocketbert.distill.search import Search, trial_share
from pocketbert.tasks import UserError

# Minutes of a budget that nobody gave. A person waits for the first on a laptop, and data that needs less takes less. Where the
# machine is slow and the texts are long, it starves training: from a fifth of the steps that suit TREC-QA its teacher learnt
# nothing, from three fifths it did. The next one is taken then.
BUDGETS = (30, 60, 120)
STARVED = 1 / 3  # share of the steps that suit the data
LEAST_STEPS = 20  # fewer than these teach nothing that a build should go on with


@dataclass(frozen=True)
class Thrift:
    """One way to spend a budget.

    Args:
        rounds: of every search of a rate; none: the central rate is taken.
        compare: share of the full steps that each candidate of the student's stages gets; 0: they are not compared.
        least_scale: the steps may shrink to this share of what suits the data; below it the next way is better.
    """

    rounds: tuple[float, ...]
    compare: float
    least_scale: float


# From generous to thrifty.
WAYS = (
    Thrift((1 / 8, 1 / 4), 1 / 4, 1.0),
    Thrift((1 / 8,), 1 / 4, 0.7),
    Thrift((1 / 8,), 0.0, 0.5),
    Thrift((), 0.0, 0.0),
)


def fit(works: list[Work], budget_seconds: float, finish_seconds: float, seed: int, may_compare: bool) -> Plan:
    """The most generous way that keeps to the budget.

    Args:
        works: the stages in order; one of role "intermediate" is dropped where it is compared and the budget has no room for it.
        budget_seconds: for everything.
        finish_seconds: export, verify, bench.
        seed: the recipe's.
        may_compare: whether dev is to decide about the intermediate stage.

    Raises:
        UserError: the budget is too small for the least that can be called training; says which would do.
    """
    for way in WAYS:
        plan, scale = _largest(works, way, budget_seconds, finish_seconds, seed, may_compare)
        enough = all(
            stage.steps >= LEAST_STEPS or work.options.epochs != AUTO or stage.steps >= _suiting(work)
            for work in works
            if (stage := plan.stages.get(work.name)) is not None
        )
        if plan.seconds <= budget_seconds and scale >= way.least_scale and enough:
            return plan
    least = _least_plan(works, finish_seconds, seed, may_compare).seconds / 60
    steps = f"even {LEAST_STEPS} steps in every stage"
    if any(work.options.epochs != AUTO for work in works):
        steps = f"the epochs that the recipe asks for, and {LEAST_STEPS} steps in every other stage"
    raise UserError(
        f"a budget of {budget_seconds / 60:.3g} min is too small: this data and these models need {least:.1f} min for "
        f"{steps}; give budget: {math.ceil(3 * least)} or more, or take a smaller teacher."
    )


def fit_by_default(works: list[Work], finish_seconds: float, seed: int, may_compare: bool) -> Plan:
    """`fit` to a budget that nobody gave: the first of BUDGETS that does not starve training, else the last.

    Raises:
        UserError: even the last is too small.
    """
    for minutes in BUDGETS[:-1]:
        with contextlib.suppress(UserError):  # too small for the least; a longer one may do
            plan = fit(works, minutes * 60, finish_seconds, seed, may_compare)
            if plan.scale >= STARVED:
                break
    else:
        plan = fit(works, BUDGETS[-1] * 60, finish_seconds, seed, may_compare)
    if plan.budget_seconds == BUDGETS[0] * 60:
        return plan
    return replace(plan, said="; ".join(filter(None, (f"{BUDGETS[0]} minutes are too few for this data here", plan.said))))


def _least_plan(works: list[Work], finish_seconds: float, seed: int, may_compare: bool) -> Plan:
    """The cheapest plan that `fit` takes. All stages are shortened alike, so the one with the fewest steps sets the share."""
    kept = [work for work in works if work.role != "intermediate" or not may_compare]
    free = [_suiting(work) for work in kept if work.options.epochs == AUTO]
    scale = min(1.0, LEAST_STEPS / min(free)) if free else 1.0
    stages, compare_seconds = _planned(works, WAYS[-1], scale, seed, may_compare)
    return Plan(stages, 0.0, compare_seconds, finish_seconds, 0.0, "", scale)


def _largest(
    works: list[Work], way: Thrift, budget_seconds: float, finish_seconds: float, seed: int, may_compare: bool
) -> tuple[Plan, float]:
    """The plan with the most steps that keeps to the budget in this way, and the share of the suiting steps that it has."""

    def plan(scale: float) -> Plan:
        stages, compare_seconds = _planned(works, way, scale, seed, may_compare)
        said = _left_out(works, way, may_compare)
        said += [f"training has {scale:.0%} of the steps that suit the data"] if scale < 1 else []
        compared = way.compare if may_compare else 0.0
        return Plan(stages, compared, compare_seconds, finish_seconds, budget_seconds, "; ".join(said), scale)

    low, high = 0.0, 1.0
    if plan(1.0).seconds <= budget_seconds:
        return plan(1.0), 1.0
    for _ in range(12):  # to a quarter of a thousandth
        middle = (low + high) / 2
        low, high = (middle, high) if plan(middle).seconds <= budget_seconds else (low, middle)
    return plan(low), low


def _left_out(works: list[Work], way: Thrift, may_compare: bool) -> list[str]:
    """What this way does without, of what the recipe leaves open."""
    said = []
    if len(way.rounds) < len(WAYS[0].rounds) and any(_is_searched(work) for work in works):
        said.append("rates are searched in one round" if way.rounds else "no rate is searched")
    if may_compare and not way.compare:
        said.append("the intermediate stage is not tried")
    return said


def _is_searched(work: Work) -> bool:
    """Whether dev can say which rate is the best."""
    return work.options.learning_rate == AUTO and work.dev_rows > 0 and len(rates(work.sizes, work.role)) > 1


def _suiting(work: Work) -> int:
    """Steps without regard to a budget."""
    options, _ = settle(work.options, work.sizes, work.role, 0)
    return total_steps(work.sizes.rows, options)


def _planned(works: list[Work], way: Thrift, scale: float, seed: int, may_compare: bool) -> tuple[dict[str, Planned], float]:
    stages, compare_seconds = {}, 0.0
    for work in works:
        if work.role == "intermediate" and may_compare and not way.compare:
            continue
        stage, step_seconds = _stage(work, way, scale, seed)
        stages[work.name] = stage
        if may_compare and way.compare and work.role in ("intermediate", "prediction"):
            runs = COMPARED_RUNS - 1 if work.role == "prediction" else 1
            share = trial_share(way.compare, stage.steps)
            compare_seconds += runs * (share * stage.steps * step_seconds + work.run_seconds)
            compare_seconds += 0.0 if stage.search else work.start_seconds  # the search has it already
    return stages, compare_seconds


def _stage(work: Work, way: Thrift, scale: float, seed: int) -> tuple[Planned, float]:
    """The stage and the seconds of one of its steps."""
    options, choices = settle(work.options, work.sizes, work.role, seed, scale)
    steps = total_steps(work.sizes.rows, options)
    planned, found, tried = options, None, rates(work.sizes, work.role) if _is_searched(work) else ()
    if tried and way.rounds:
        found = Search(tried, way.rounds)
        values: dict[str, Any] = {**vars(options), "learning_rate": AUTO}
        planned = TrainOptions(**values)
        choices = tuple(choice for choice in choices if choice.option != "learning_rate")
    whole = work.start_seconds + work.end_seconds + _seconds(work, steps, options.batch_size, None)
    seconds = work.start_seconds * (2 if found else 1) + work.end_seconds + _seconds(work, steps, options.batch_size, found)
    # A teacher that learns nothing ends the build, so that a thrifty plan grants it a second run too; a baseline does not.
    fall_back = tried if found is not None or work.role == "teacher" else ()
    return Planned(planned, found, fall_back, choices, steps, seconds, whole), _step_seconds(work, options.batch_size)


def _step_seconds(work: Work, batch_size: int) -> float:
    return work.update_seconds + batch_size * work.step_text_seconds


def _seconds(work: Work, steps: int, batch_size: int, found: Search | None) -> float:
    """Of a run of so many steps with its dev scores, and of the search for its rate."""
    count = score_count(steps, batch_size, work.dev_rows)
    whole = steps * _step_seconds(work, batch_size) + count * (work.dev_rows * work.text_seconds + work.score_seconds)
    if found is None:
        return whole + work.run_seconds
    return (1 + found.cost(steps)) * whole + (1 + found.runs) * work.run_seconds
