"""Which jobs should be FLEX: for each of them a verdict, with the numbers and one sentence.

A job moves to FLEX if what waits for it would hardly ever have waited longer, and the saving is
worth it; it moves back if FLEX has made it late. Where history is too short, nothing is advised.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from glueball.core.advisor_hints import hints, schedule_hints
from glueball.core.advisor_moves import Move, last_move
from glueball.core.advisor_needs import JobFacts, Need, Needs, whole_seconds
from glueball.core.advisor_peaks import Peaks
from glueball.core.advisor_replay import HORIZON_SECONDS
from glueball.core.costs import Amounts, amounts_of
from glueball.core.durations import duration
from glueball.core.glue_versions import version_number
from glueball.core.past_runs import PastRun
from glueball.core.percentiles import percentile
from glueball.core.pool import FLEX
from glueball.core.pricing import PriceBook, in_cents
from glueball.core.runs import ExecutionClass, RunState
from glueball.core.start_delays import PROMPT_SECONDS, Percentiles, percentiles
from glueball.core.triggers import TriggerType
from glueball.core.workers import GLUEETL, GLUESTREAMING

_FLEX_SINCE = (3, 0)
_MONTH_DAYS = 30
#: a STANDARD job that starts behind another one may start this much later without anybody minding
_PROMPTLY_SECONDS = 60.0
#: "Very short jobs (under 5 minutes) where the startup delay is proportionally large"
SHORT_SECONDS = 300.0


class Verdict(StrEnum):
    MOVE = "MOVE to FLEX"
    KEEP_STANDARD = "KEEP STANDARD"
    KEEP_FLEX = "KEEP FLEX"
    BACK = "BACK to STANDARD"


@dataclass(frozen=True, kw_only=True, slots=True)
class AdviceRules:
    """What advice is given by."""

    least_runs: int = 5
    #: what waits for a job may be missed with a probability below this
    most_missed: float = 0.01
    least_saving: Decimal = Decimal(1)  #: dollars a month
    #: seconds after which a FLEX run that waits is given up; None: never
    longest_wait: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """What is advised for a job."""

    job_name: str
    verdict: Verdict
    reason: str  #: one sentence
    runs: int  #: runs that succeeded, on which it rests
    #: seconds by which the run with the least room could have ended later; None where nothing that
    #: is known waits for it
    slack: float | None = None
    waits: str = ""  #: what waits for it, in a few words
    #: start delay as FLEX: replayed for a STANDARD job, measured for a FLEX job
    delay: Percentiles | None = None
    missed: float | None = None  #: probability that FLEX makes what waits for it wait longer
    saving: Decimal | None = None  #: dollars a month that FLEX saves, or would save
    #: DPUs by which the peak of STANDARD demand is lower, or would be, where the job is FLEX
    peak_saved: float | None = None
    move: Move | None = None  #: the last change of its class, measured
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class JobHistory:
    """What the advice for one job rests on."""

    job: JobFacts
    runs: Sequence[PastRun]  #: its runs in the time looked at, of whatever state
    days: float  #: that the runs are from


def to_replay(history: JobHistory, needs: Needs, rules: AdviceRules) -> list[PastRun]:
    """Return the runs whose start delay as FLEX the advice for a job asks for."""
    job = history.job
    runs = samples(job, history.runs)
    if job.execution_class == FLEX or len(runs) < rules.least_runs:
        return []
    return [] if _never_flex(job, runs, needs) else runs


def advise(
    history: JobHistory,
    needs: Needs,
    flex_delays: Mapping[str, float],
    *,
    peaks: Peaks,
    prices: PriceBook,
    rules: AdviceRules,
) -> Advice:
    """Return the advice for a job.

    Args:
        history: its runs.
        needs: what waits for them.
        flex_delays: seconds that the runs of `to_replay` would have waited, by their ids.
        peaks: demand of all jobs in the time looked at.
        prices: what runs cost.
        rules: what advice is given by.
    """
    job = history.job
    is_flex = job.execution_class == FLEX
    found = hints(job, history.runs, prices=prices, days=history.days)
    runs = samples(job, history.runs)
    why_not = None if is_flex else _never_flex(job, runs, needs)
    if why_not is not None or len(runs) < rules.least_runs:
        of_class = " as FLEX" if is_flex else ""
        too_few = f"Too few runs have succeeded{of_class}: {len(runs)} of {rules.least_runs}."
        return Advice(
            job_name=job.name,
            verdict=Verdict.KEEP_FLEX if is_flex else Verdict.KEEP_STANDARD,
            reason=why_not or too_few,
            runs=len(runs),
            hints=found,
        )
    delays = {run.id: run.start_delay or 0.0 for run in runs} if is_flex else flex_delays
    case = _Case(history, runs, delays, needs, prices, rules)
    verdict, reason = case.of_flex() if is_flex else case.of_standard()
    if any(root.type is TriggerType.SCHEDULED for root in needs.roots(job.name)):
        found = (*found, *schedule_hints(case.delays))
    return Advice(
        job_name=job.name,
        verdict=verdict,
        reason=reason,
        runs=len(runs),
        slack=case.slack,
        waits=case.waits,
        delay=percentiles(case.delays),
        missed=case.missed,
        saving=case.saving,
        peak_saved=peaks.saved(job.name),
        move=last_move(history.runs, prices),
        hints=found,
    )


def samples(job: JobFacts, runs: Sequence[PastRun]) -> list[PastRun]:
    """Return the runs that tell how long a job takes and waits: those that succeeded; of a FLEX
    job only the FLEX ones."""
    return [
        run
        for run in runs
        if whole_seconds(run) is not None
        and (job.execution_class != FLEX or run.execution_class == FLEX)
    ]


def _never_flex(job: JobFacts, runs: Sequence[PastRun], needs: Needs) -> str | None:
    """Say why a STANDARD job is none for FLEX, whatever its history."""
    if job.command == GLUESTREAMING:
        return "A streaming job runs without end; FLEX is for glueetl jobs."
    if job.command != GLUEETL:
        return f"FLEX is for Spark jobs (glueetl); this one is {job.command}."
    if version_number(job.glue_version) < _FLEX_SINCE:
        return f"FLEX needs Glue 3.0 or later; the job has {job.glue_version}."
    events = [one.name for one in needs.roots(job.name) if one.type is TriggerType.EVENT]
    if events and job.deadline is None:
        return f"Events start it (trigger {events[0]}), and nothing says how long they may wait."
    lengths = sorted(seconds for run in runs if (seconds := whole_seconds(run)) is not None)
    if lengths and (usual := percentile(lengths, 0.5)) < SHORT_SECONDS:
        return (
            f"Half of its runs take no more than {duration(usual)}: beside that a start delay of "
            "minutes is long."
        )
    return None


class _Case:
    """A job with enough history."""

    def __init__(
        self,
        history: JobHistory,
        runs: Sequence[PastRun],
        delays: Mapping[str, float],
        needs: Needs,
        prices: PriceBook,
        rules: AdviceRules,
    ) -> None:
        self._rules = rules
        self._is_flex = history.job.execution_class == FLEX
        self._runs = runs
        self._needs = {run.id: needs.of(run) for run in runs}
        #: a job takes as long in either class, so that those from before a move count as well
        self._lengths = sorted(
            seconds for run in history.runs if (seconds := whole_seconds(run)) is not None
        )
        self._given_up = self._is_flex * sum(_was_given_up(run) for run in history.runs)
        self._delays = delays
        self.delays = [delays[run.id] for run in runs]
        self.slack, self.waits = self._least_slack()
        self.missed = self._missed()
        self.saving = _a_month(history.runs, prices, history.days)

    def of_standard(self) -> tuple[Verdict, str]:
        rules, saving = self._rules, in_cents(self.saving)
        if self.missed >= rules.most_missed:
            return Verdict.KEEP_STANDARD, self._why_it_would_miss()
        if self.saving < rules.least_saving:
            least = in_cents(rules.least_saving)
            return Verdict.KEEP_STANDARD, f"FLEX would save ${saving} a month, less than ${least}."
        return Verdict.MOVE, f"{self._room()}; as FLEX {self._waited(would=True)}."

    def of_flex(self) -> tuple[Verdict, str]:
        if self.missed < self._rules.most_missed:
            return Verdict.KEEP_FLEX, f"{self._room()}; {self._waited(would=False)}."
        if self._missed_as_standard() >= self._rules.most_missed:
            return Verdict.KEEP_FLEX, (
                f"It keeps {self.waits or 'nobody'} waiting in {_share(self.missed)} of cases, but "
                "its runs take so long that STANDARD would do so as well."
            )
        if self._given_up:
            return Verdict.BACK, (
                f"{self._given_up} of {self._given_up + len(self._runs)} runs were given up while "
                "they waited for spare capacity."
            )
        return Verdict.BACK, (
            f"{self._waited(would=False).capitalize()}: in {_share(self.missed)} of cases too "
            f"long for {self.waits}."
        )

    def _why_it_would_miss(self) -> str:
        as_standard = self._missed_as_standard()
        if as_standard >= self._rules.most_missed:
            return (
                f"Already as STANDARD it is too late for {self.waits} in {_share(as_standard)} of "
                "cases."
            )
        whom = self.waits or "what FLEX may wait on AWS, 20 minutes"
        longest = self._rules.longest_wait
        if longest is not None and max(self.delays) > longest:
            whom = f"what a FLEX run may wait here, {duration(longest)}"
        return (
            f"As FLEX {self._waited(would=True)}: in {_share(self.missed)} of cases too long for "
            f"{whom}."
        )

    def _room(self) -> str:
        if self.slack is None:
            return "Nothing that is known waits for it"
        return f"It has {duration(max(0.0, self.slack))} to spare before {self.waits}"

    def _waited(self, *, would: bool) -> str:
        longest = max(self.delays)
        if not longest:
            return "it would have started at once" if would else "it has started at once"
        time = "more than a day" if longest >= HORIZON_SECONDS else f"{duration(longest)} at most"
        return f"it would have waited {time}" if would else f"it has waited {time}"

    def _least_slack(self) -> tuple[float | None, str]:
        """Return the least room that a run had, and before what."""
        found: list[tuple[float, str]] = []
        for run in self._runs:
            need = self._needs[run.id]
            assert run.completed is not None
            if need.by is not None:
                found.append((need.by - run.completed, need.by_whom))
            if need.spare is not None:
                found.append((need.spare, need.spare_for))
        return min(found, default=(None, ""))

    def _missed(self) -> float:
        """Return the probability that FLEX keeps somebody waiting.

        Each start delay is put together with each length that was seen, for a delay seldom knows
        how long the run will take. Where it does (all is busy on the same nights), what happened
        in each night by itself shows more, and counts.
        """
        lengths = self._lengths
        crossed = sum(self._is_missed(run, lengths) for run in self._runs)
        by_night = sum(self._is_missed(run, [whole_seconds(run) or 0.0]) for run in self._runs)
        count = len(self._runs) + self._given_up
        return (max(crossed, by_night) + self._given_up) / count

    def _missed_as_standard(self) -> float:
        """Return how often a deadline would be missed without any delay of FLEX."""
        at_once = [0.0 if self._is_flex else run.start_delay or 0.0 for run in self._runs]
        missed = (
            _late(run, self._needs[run.id], delay, self._lengths)
            for run, delay in zip(self._runs, at_once, strict=True)
        )
        return sum(missed) / len(self._runs)

    def _is_missed(self, run: PastRun, lengths: Sequence[float]) -> float:
        """Return the share of lengths with which the delay of a run is too long."""
        need, delay, longest = self._needs[run.id], self._delays[run.id], self._rules.longest_wait
        if delay >= HORIZON_SECONDS or (longest is not None and delay > longest):
            return 1.0
        if need.by is None and need.spare is None:
            return float(not self._is_flex and delay > PROMPT_SECONDS)
        if need.spare is not None:
            # who puts a STANDARD job behind a FLEX one takes the delays of FLEX into account
            more = delay if self._is_flex else delay - (run.start_delay or 0.0)
            if more > need.spare + (PROMPT_SECONDS if self._is_flex else _PROMPTLY_SECONDS):
                return 1.0
        return _late(run, need, delay, lengths)


def _late(run: PastRun, need: Need, delay: float, lengths: Sequence[float]) -> float:
    """Return the share of lengths, in rising order, with which a run that waits is done too
    late."""
    if need.by is None:
        return 0.0
    return 1 - bisect_right(lengths, need.by - run.due - delay) / len(lengths)


def _was_given_up(run: PastRun) -> bool:
    """Tell whether a FLEX run has ended because it waited for too long."""
    return (
        run.execution_class == FLEX
        and run.started is None
        and run.state in (RunState.FAILED, RunState.EXPIRED)
    )


def _a_month(runs: Sequence[PastRun], prices: PriceBook, days: float) -> Decimal:
    """Return the dollars a month that FLEX saves, or would save, on runs like these."""
    saved = Decimal(0)
    for run in runs:
        if run.running is not None and run.completed is not None:
            as_flex = _amounts(run, prices, FLEX)
            saved += _amounts(run, prices, ExecutionClass.STANDARD).cost - as_flex.cost
    return saved * _MONTH_DAYS / Decimal(days)


def _amounts(run: PastRun, prices: PriceBook, execution_class: str) -> Amounts:
    assert run.completed is not None
    return amounts_of(
        run, run.completed, prices, prices, execution_class=ExecutionClass(execution_class)
    )


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"
