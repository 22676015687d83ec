"""Draws docs/flex-day.svg: a day of load, as a replay through the real admission rule shows it.

python benchmarks/flex_picture.py docs/flex-day.svg
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flex_load import BEGIN, DAY, FLEX, HEAVY, STANDARD, Load, make_load
from flex_replay import Forecast, Outcome, Replay

from glueball.core.flex import Foresight, Reserve, Usage
from glueball.core.forecast_lengths import Lengths

SEED = 1
#: a Tuesday after two weeks of history
DAY_SHOWN = 15
STEP_SECONDS = 120
#: for a FLEX run of this length the line shows what is left
RUN_SECONDS = 1800.0
#: seconds without a waiting FLEX run after which the line is interrupted
GAP_SECONDS = 600.0
WIDTH, HEIGHT = 860.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 14.0, 44.0, 34.0

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .standard { fill: #0969da }
  .flex { fill: #4ac26b }
  .pool { stroke: #24292f; stroke-width: 1.5 }
  .limit { stroke: #bc4c00; stroke-width: 1; fill: none }
  .grid { stroke: #d0d7de; stroke-width: 0.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .standard { fill: #2f81f7 }
    .flex { fill: #2ea043 }
    .pool { stroke: #e6edf3 }
    .limit { stroke: #f0883e }
    .grid { stroke: #30363d }
  }
"""
Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Noted:
    """A reserve that writes down what it answers."""

    inner: Reserve
    notes: Points

    def foresee(self, now: float, usage: Usage) -> Foresight:
        ask = self.inner.foresee(now, usage)
        if BEGIN + DAY_SHOWN * DAY <= now < BEGIN + (DAY_SHOWN + 1) * DAY:
            self.notes.append((now, max(0.0, usage.pool.dpus - ask(RUN_SECONDS).dpus)))
        return ask


class Watched(Forecast):
    """The forecast, watched."""

    def __init__(self, load: Load, lengths: Lengths) -> None:
        super().__init__(load, lengths, schedules=True, feedback=True)
        self.limits: Points = []

    def reserve(self, now: float) -> Reserve:
        return Noted(super().reserve(now), self.limits)


def main() -> None:
    load = make_load(replace(HEAVY, days=DAY_SHOWN + 2), SEED)
    lengths = Lengths()
    policy = Watched(load, lengths)
    outcome = Replay(load, policy, lengths).run()
    Path(sys.argv[1]).write_text(picture(load, outcome, policy.limits))


def picture(load: Load, outcome: Outcome, limits: Points) -> str:
    """Return the drawing."""
    begin = BEGIN + DAY_SHOWN * DAY
    times = [begin + n * STEP_SECONDS for n in range(round(DAY / STEP_SECONDS) + 1)]
    standard = levels(outcome, STANDARD, times)
    both = [low + high for low, high in zip(standard, levels(outcome, FLEX, times), strict=True)]
    xs = [_x(time - begin) for time in times]
    top = load.pool_dpus * 1.02
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img">',
        "<title>A day of load: what STANDARD and FLEX hold of the pool</title>",
        f"<style>{STYLE}</style>",
        *_grid(load.pool_dpus, top),
        _area("flex", xs, [_y(level, top) for level in both]),
        _area("standard", xs, [_y(level, top) for level in standard]),
        _line("pool", [(0.0, load.pool_dpus), (DAY, load.pool_dpus)], top),
        *(_line("limit", piece, top) for piece in pieces(limits, begin)),
        *_legend(load.pool_dpus),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def levels(outcome: Outcome, execution_class: str, times: Sequence[float]) -> list[float]:
    """Return what a class holds at each of some times."""
    found = [0.0] * len(times)
    for start in outcome.starts:
        if start.run.execution_class == execution_class:
            first = max(0, round((start.at - times[0]) / STEP_SECONDS + 0.5))
            last = (start.at + start.run.seconds - times[0]) / STEP_SECONDS
            for index in range(first, min(len(times), int(last) + 1) if last >= 0 else 0):
                found[index] += start.run.dpus
    return found


def pieces(limits: Points, begin: float) -> list[Points]:
    """Divide the line where nothing was asked for a while; a step a decision."""
    found: list[Points] = []
    for time, limit in limits:
        at = time - begin
        if not found or at - found[-1][-1][0] > GAP_SECONDS:
            found.append([])
        elif found[-1][-1][1] != limit:
            found[-1].append((at, found[-1][-1][1]))
        found[-1].append((at, limit))
    return [piece for piece in found if len(piece) > 1]


def _grid(pool_dpus: float, top: float) -> list[str]:
    parts = []
    for hour in range(0, 25, 3):
        x = _x(hour * 3600.0)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{_y(0, top)}"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{hour % 24:02}:00</text>'
        )
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(pool_dpus * share, top)
        parts.append(
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{pool_dpus * share:.0f}</text>'
        )
    return parts


def _legend(pool_dpus: float) -> list[str]:
    return [
        f'<text class="title" x="{LEFT}" y="16">DPU held on a Tuesday; pool: {pool_dpus:g}</text>',
        f'<rect class="standard" x="{LEFT}" y="25" width="12" height="10"/>',
        f'<text x="{LEFT + 18}" y="34">STANDARD</text>',
        f'<rect class="flex" x="{LEFT + 110}" y="25" width="12" height="10"/>',
        f'<text x="{LEFT + 128}" y="34">FLEX</text>',
        f'<line class="limit" x1="{LEFT + 190}" y1="30" x2="{LEFT + 214}" y2="30"/>',
        f'<text x="{LEFT + 220}" y="34">up to here a FLEX run of half an hour may start '
        "(while some wait)</text>",
    ]


def _area(name: str, xs: Sequence[float], ys: Sequence[float]) -> str:
    floor = HEIGHT - BOTTOM
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    return f'<polygon class="{name}" points="{xs[0]:.1f},{floor} {points} {xs[-1]:.1f},{floor}"/>'


def _line(name: str, piece: Points, top: float) -> str:
    points = " ".join(f"{_x(at):.1f},{_y(level, top):.1f}" for at, level in piece)
    return f'<polyline class="{name}" points="{points}" fill="none"/>'


def _x(seconds: float) -> float:
    return LEFT + seconds / DAY * (WIDTH - LEFT - RIGHT)


def _y(dpus: float, top: float) -> float:
    return HEIGHT - BOTTOM - dpus / top * (HEIGHT - TOP - BOTTOM)


if __name__ == "__main__":
    main()
