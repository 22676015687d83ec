from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.errors import InvalidInput
from glueball.core.schedules import Schedule, parse_schedule, require_due

LONG_AGO = -1e9


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def told(due: float | None) -> str | None:
    return None if due is None else f"{datetime.fromtimestamp(due, UTC):%Y-%m-%d %H:%M}"


def following(schedule: Schedule, after: str, count: int) -> list[str | None]:
    """Return the due times after one, each asked for with the one before."""

    def dues() -> Iterator[str | None]:
        due: float | None = at(after)
        while due is not None:
            due = schedule.next_after(due, LONG_AGO)
            yield told(due)

    return list(islice(dues(), count))


@pytest.mark.parametrize(
    ("expression", "after", "dues"),
    [
        # every day at a time; the moment itself is not after itself
        ("0 10 * * ? *", "2026-11-21 10:00", ["2026-11-22 10:00", "2026-11-23 10:00"]),
        ("15 12 * * ? *", "2026-11-21 12:14:59", ["2026-11-21 12:15", "2026-11-22 12:15"]),
        # Monday to Friday: the 20th is a Friday
        ("0 18 ? * MON-FRI *", "2026-11-20 18:00", ["2026-11-23 18:00", "2026-11-24 18:00"]),
        ("0 18 ? * 2-6 *", "2026-11-20 18:00", ["2026-11-23 18:00"]),
        # the first of each month
        ("0 8 1 * ? *", "2026-11-21 00:00", ["2026-12-01 08:00", "2027-01-01 08:00"]),
        # steps
        ("0/15 * * * ? *", "2026-11-21 23:45", ["2026-11-22 00:00", "2026-11-22 00:15"]),
        ("1/10 * * * ? *", "2026-11-21 09:00", ["2026-11-21 09:01", "2026-11-21 09:11"]),
        ("*/20 * * * ? *", "2026-11-21 09:41", ["2026-11-21 10:00", "2026-11-21 10:20"]),
        ("0/10 * ? * MON-FRI *", "2026-11-20 23:50", ["2026-11-23 00:00"]),
        ("0/5 8-17 ? * MON-FRI *", "2026-11-20 17:50", ["2026-11-20 17:55", "2026-11-23 08:00"]),
        ("0 11-23/4 * * ? *", "2026-11-21 12:00", ["2026-11-21 15:00", "2026-11-21 19:00"]),
        # a step that leaves the hour is its start alone
        ("0/60 * * * ? *", "2026-11-21 09:00", ["2026-11-21 10:00"]),
        # lists of values, ranges and steps
        (
            "0 1-7/3,20,22-23 * * ? *",
            "2026-11-21 04:00",
            ["2026-11-21 07:00", "2026-11-21 20:00", "2026-11-21 22:00", "2026-11-21 23:00"],
        ),
        # names in any case, alone, in lists and ranges, mixed with numbers
        ("0 0 1 jan,Apr,JUL-9 ? *", "2026-04-01 00:00", ["2026-07-01 00:00", "2026-08-01 00:00"]),
        ("0 0 ? * sat,1 *", "2026-11-20 00:00", ["2026-11-21 00:00", "2026-11-22 00:00"]),
        ("0 0 ? 2/3 TUE/3 *", "2026-05-28 00:00", ["2026-05-29 00:00", "2026-08-04 00:00"]),
        # over the end of a field: hours, weekdays, months
        ("0 22-1 * * ? *", "2026-11-21 22:30", ["2026-11-21 23:00", "2026-11-22 00:00"]),
        ("0/30 20-2 ? * MON-FRI *", "2026-11-20 23:30", ["2026-11-23 00:00", "2026-11-23 00:30"]),
        ("0 0 ? * FRI-MON *", "2026-11-21 00:00", ["2026-11-22 00:00", "2026-11-23 00:00"]),
        ("0 0 1 NOV-FEB ? *", "2027-02-01 00:00", ["2027-11-01 00:00", "2027-12-01 00:00"]),
        # a day that some months do not have
        ("0 0 31 * ? *", "2026-08-31 00:00", ["2026-10-31 00:00", "2026-12-31 00:00"]),
        ("0 0 29 2 ? *", "2026-01-01 00:00", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        # 2100 is no leap year
        ("0 0 29 FEB ? *", "2096-02-29 00:00", ["2104-02-29 00:00"]),
        # the last day of the month, and days before it
        ("0 0 L * ? *", "2028-01-31 00:00", ["2028-02-29 00:00", "2028-03-31 00:00"]),
        ("0 0 L-3 * ? *", "2026-02-01 00:00", ["2026-02-25 00:00", "2026-03-28 00:00"]),
        ("0 0 L-30 * ? *", "2026-01-01 00:00", ["2026-03-01 00:00", "2026-05-01 00:00"]),
        # the last working day: 31 January 2026 is a Saturday, 31 May a Sunday
        ("0 0 LW * ? *", "2026-01-01 00:00", ["2026-01-30 00:00", "2026-02-27 00:00"]),
        ("0 0 LW 5 ? *", "2026-01-01 00:00", ["2026-05-29 00:00"]),
        # the working day nearest to the 15th: a Saturday and a Sunday
        ("0 0 15W 8,11 ? *", "2026-01-01 00:00", ["2026-08-14 00:00", "2026-11-16 00:00"]),
        # it stays in its month: the first is a Saturday, the last is a Sunday
        ("0 0 1W 8 ? *", "2026-01-01 00:00", ["2026-08-03 00:00"]),
        ("0 0 31W 5 ? *", "2026-01-01 00:00", ["2026-05-29 00:00"]),
        ("0 0 31W 4-5 ? *", "2026-04-01 00:00", ["2026-05-29 00:00"]),
        # the last day of the week is Saturday
        ("0 0 ? * L *", "2026-11-21 00:00", ["2026-11-28 00:00", "2026-12-05 00:00"]),
        # the last Friday of the month, AWS's own example
        ("15 10 ? * 6L 2019-2022", "2019-02-01 00:00", ["2019-02-22 10:15", "2019-03-29 10:15"]),
        ("0 0 ? * friL *", "2026-11-21 00:00", ["2026-11-27 00:00", "2026-12-25 00:00"]),
        # the second Tuesday
        ("0 0 ? * 3#2 *", "2026-11-11 00:00", ["2026-12-08 00:00", "2027-01-12 00:00"]),
        ("0 9 ? * Mon#1 *", "2026-11-02 09:00", ["2026-12-07 09:00"]),
        # a fifth Friday that most months do not have; in February only in some leap years
        ("0 0 ? * FRI#5 *", "2026-11-21 00:00", ["2027-01-29 00:00", "2027-04-30 00:00"]),
        ("0 0 ? 2 FRI#5 *", "2026-01-01 00:00", ["2036-02-29 00:00", "2064-02-29 00:00"]),
        ("0 0 ? 2 FRI#5 *", "2092-02-29 00:00", ["2104-02-29 00:00"]),
        # years, and the last of them
        (
            "0 0 1 1 ? 2027,2030-2040/5",
            "2026-11-21 00:00",
            ["2027-01-01 00:00", "2030-01-01 00:00"],
        ),
        ("0 0 1 1 ? 2026-2027", "2026-01-01 00:00", ["2027-01-01 00:00", None]),
        ("59 23 31 12 ? *", "2198-12-31 23:59", ["2199-12-31 23:59", None]),
        ("0 0 1 1 ? 1970", "1969-12-31 12:00", ["1970-01-01 00:00", None]),
        # any white space
        ("  0  0\t1 1 ?\n* ", "2026-11-21 00:00", ["2027-01-01 00:00"]),
    ],
)
def test_cron(expression: str, after: str, dues: list[str | None]) -> None:
    schedule = parse_schedule(f"cron({expression})")
    assert following(schedule, after, len(dues)) == dues


@pytest.mark.parametrize(
    ("expression", "anchor", "now", "last", "following_due"),
    [
        # whole periods since the activation, whose fraction of a second is dropped
        ("5 minutes", "2026-11-21 10:00:30.7", "2026-11-21 10:00:31", None, "10:05:30"),
        ("5 minutes", "2026-11-21 10:00:30.7", "2026-11-21 10:05:29.9", None, "10:05:30"),
        ("5 minutes", "2026-11-21 10:00:30", "2026-11-21 10:05:30", "10:05:30", "10:10:30"),
        ("1 hour", "2026-11-21 10:00", "2026-11-21 15:59", "15:00:00", "16:00:00"),
        ("12 hours", "2026-11-20 10:00", "2026-11-21 11:00", "10:00:00", "22:00:00"),
        ("1 day", "2026-11-20 10:00", "2026-11-21 09:59", None, "10:00:00"),
        # a clock that was set back to before the activation
        ("1 hour", "2026-11-21 10:00", "2026-11-21 09:00", None, "11:00:00"),
    ],
)
def test_rate(expression: str, anchor: str, now: str, last: str | None, following_due: str) -> None:
    schedule = parse_schedule(f"rate({expression})")
    found = schedule.last_until(at(now), at(anchor)), schedule.next_after(at(now), at(anchor))
    expected = [
        None if text is None else at(f"2026-11-21 {text}") for text in (last, following_due)
    ]
    assert list(found) == expected


@pytest.mark.parametrize(
    ("expression", "now", "anchor", "last"),
    [
        ("0 10 * * ? *", "2026-11-21 10:00", "2026-11-01 00:00", "2026-11-21 10:00"),
        ("0 10 * * ? *", "2026-11-21 09:59:59", "2026-11-01 00:00", "2026-11-20 10:00"),
        # nothing is due before the activation, nor at it
        ("0 10 * * ? *", "2026-11-21 12:00", "2026-11-21 10:00:01", None),
        ("0 10 * * ? *", "2026-11-21 12:00", "2026-11-21 10:00", None),
        ("0 10 * * ? *", "2026-11-21 12:00", "2026-11-21 09:59:59.9", "2026-11-21 10:00"),
        # years back
        ("0 0 29 2 ? *", "2027-11-21 12:00", "1999-01-01 00:00", "2024-02-29 00:00"),
        ("0 0 29 2 ? *", "2027-11-21 12:00", "2025-01-01 00:00", None),
        ("0 0 1 1 ? 2020", "2500-01-01 00:00", "1999-01-01 00:00", "2020-01-01 00:00"),
        # before the first year
        ("0 10 * * ? *", "1969-12-31 12:00", "1960-01-01 00:00", None),
        ("0 10 * * ? *", "1970-01-01 09:00", "1960-01-01 00:00", None),
    ],
)
def test_the_last_due_time(expression: str, now: str, anchor: str, last: str | None) -> None:
    schedule = parse_schedule(f"cron({expression})")
    assert told(schedule.last_until(at(now), at(anchor))) == last


def test_nothing_is_due_before_the_activation() -> None:
    schedule = parse_schedule("cron(0 10 * * ? *)")
    due = schedule.next_after(at("2026-11-21 09:00"), at("2026-11-22 10:00"))
    assert told(due) == "2026-11-23 10:00"


@pytest.mark.parametrize("text", ["cron(0/5 * * * ? *)", "rate(5 minutes)"])
@pytest.mark.parametrize("now", [1e30, 7258118400.0])
def test_after_the_last_year_nothing_is_due(text: str, now: float) -> None:
    schedule = parse_schedule(text)
    assert schedule.next_after(now, anchor=0) is None
    assert told(schedule.last_until(now, anchor=0)) == "2199-12-31 23:55"


BOTH_DAYS = (
    "You can't specify the Day-of-month and Day-of-week fields in the same cron expression. If you "
    "specify a value in one of the fields, you must use a ? (question mark) in the other."
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        # neither form
        ("", "neither cron(fields) nor rate(value unit)"),
        ("0 0 * * ? *", "neither cron(fields) nor rate(value unit)"),
        ("CRON(0 0 * * ? *)", "neither cron(fields) nor rate(value unit)"),
        ("cron(0 0 * * ? *", "neither cron(fields) nor rate(value unit)"),
        ("at(2026-11-21T00:00:00)", "neither cron(fields) nor rate(value unit)"),
        ("x" * 257, "257 characters, and 256 are allowed"),
        # the number of fields: as on Unix, and with seconds
        ("cron(0 0 * * *)", "here are 5"),
        ("cron(0 0 0 * * ? *)", "here are 7"),
        ("cron()", "here are 0"),
        # both day fields, or neither
        ("cron(0 0 * * * *)", BOTH_DAYS),
        ("cron(0 0 1 * MON *)", BOTH_DAYS),
        ("cron(0 0 ? * ? *)", "both day fields are ?"),
        # values that a field does not have
        ("cron(60 0 * * ? *)", "'60' in the field Minutes. Allowed are 0-59"),
        ("cron(0 24 * * ? *)", "'24' in the field Hours. Allowed are 0-23"),
        ("cron(0 0 0 * ? *)", "'0' in the field Day-of-month. Allowed are 1-31"),
        ("cron(0 0 32 * ? *)", "'32' in the field Day-of-month"),
        ("cron(0 0 1 13 ? *)", "'13' in the field Month. Allowed are 1-12 or JAN-DEC"),
        ("cron(0 0 1 JANUARY ? *)", "'JANUARY' in the field Month"),
        ("cron(0 0 1 SUN ? *)", "'SUN' in the field Month"),
        ("cron(0 0 ? * 0 *)", "'0' in the field Day-of-week. Allowed are 1-7 or SUN-SAT"),
        ("cron(0 0 ? * 8 *)", "'8' in the field Day-of-week"),
        ("cron(0 0 * * ? 1969)", "'1969' in the field Year. Allowed are 1970-2199"),
        ("cron(0 0 * * ? 2200)", "'2200' in the field Year"),
        ("cron(0 0 * * ? 20260)", "'20260' in the field Year"),
        ("cron(0-60 0 * * ? *)", "'60' in the field Minutes"),
        ("cron(\u0665 0 * * ? *)", "'\u0665' in the field Minutes"),
        # wildcards where they do not belong
        ("cron(? 0 * * ? *)", "'?' in the field Minutes"),
        ("cron(0 0 * ? ? *)", "'?' in the field Month"),
        ("cron(0 0 * * ? ?)", "'?' in the field Year"),
        ("cron(0 L * * ? *)", "'L' in the field Hours"),
        ("cron(0 0 ?,1 * MON *)", BOTH_DAYS),
        ("cron(0 0 1,? * ? *)", "'?' in the field Day-of-month"),
        # what does not end, or has no beginning
        ("cron(0, 0 * * ? *)", "'' in the field Minutes"),
        ("cron(0- 0 * * ? *)", "'0-' in the field Minutes"),
        ("cron(/5 0 * * ? *)", "'/5' in the field Minutes"),
        ("cron(-5 0 * * ? *)", "'-5' in the field Minutes"),
        ("cron(5/ 0 * * ? *)", "'5/' in the field Minutes"),
        ("cron(1-2-3 0 * * ? *)", "'1-2-3' in the field Minutes"),
        # steps
        ("cron(0/0 * * * ? *)", "a step is 1 or more"),
        ("cron(*/60 * * * ? *)", "a step after * is 59 or less"),
        ("cron(0 */24 * * ? *)", "a step after * is 23 or less"),
        # no year comes before the first
        ("cron(0 0 1 1 ? 2030-2027)", "the first is after the last"),
        # L, W and #
        ("cron(0 0 W * ? *)", "L, LW and W stand alone"),
        ("cron(0 0 1,L * ? *)", "L, LW and W stand alone"),
        ("cron(0 0 1W,15W * ? *)", "L, LW and W stand alone"),
        ("cron(0 0 1-5W * ? *)", "L, LW and W stand alone"),
        ("cron(0 0 32W * ? *)", "'32' in the field Day-of-month"),
        ("cron(0 0 L-31 * ? *)", "L-30 is the first"),
        ("cron(0 0 3L * ? *)", "L, LW and W stand alone"),
        ("cron(0 0 ? * 8L *)", "'8' in the field Day-of-week"),
        ("cron(0 0 ? * MON,FRIL *)", "L stands alone or after one day"),
        ("cron(0 0 ? * L-2 *)", "L stands alone or after one day"),
        ("cron(0 0 ? * MONW *)", "'MONW' in the field Day-of-week"),
        ("cron(0 0 ? * 3#0 *)", "a number from 1 to 5"),
        ("cron(0 0 ? * 3#6 *)", "a number from 1 to 5"),
        ("cron(0 0 ? * 8#1 *)", "'8' in the field Day-of-week"),
        ("cron(0 0 ? * 3#1,6#3 *)", "# makes one expression"),
        # dates that do not exist
        ("cron(0 0 30 2 ? *)", "never fires"),
        ("cron(0 0 31 4,6,SEP,11 ? *)", "never fires"),
        ("cron(0 0 31W FEB ? *)", "never fires"),
        ("cron(0 0 29 2 ? 2026-2027)", "never fires"),
        ("cron(0 0 29 2 ? 2100)", "never fires"),
        ("cron(0 0 ? 2 FRI#5 2028)", "never fires"),
        # more often than every five minutes: in the hour, over the hour, over midnight
        ("cron(* * * * ? *)", "Cron expressions that lead to rates faster than 5 minutes are not"),
        ("cron(0/4 * * * ? *)", "faster than 5 minutes"),
        ("cron(0,3 0 1 1 ? *)", "faster than 5 minutes"),
        ("cron(1,58 8-9 * * ? *)", "faster than 5 minutes"),
        ("cron(0/7 * * * ? *)", "two times are 4 min apart"),
        ("cron(1,58 0,23 * * ? *)", "faster than 5 minutes"),
        ("rate(1 minute)", "Rates faster than 5 minutes are not supported"),
        ("rate(4 minutes)", "Rates faster than 5 minutes are not supported"),
        # rates
        ("rate(1 hours)", "If the value is equal to 1, then the unit must be singular."),
        ("rate(5 hour)", "If the value is greater than 1, the unit must be plural: rate(5 hours)"),
        ("rate(5minutes)", "A rate is a positive number and a unit"),
        ("rate(0 minutes)", "A rate is a positive number and a unit"),
        ("rate(-5 minutes)", "A rate is a positive number and a unit"),
        ("rate(1.5 hours)", "A rate is a positive number and a unit"),
        ("rate(5 weeks)", "A rate is a positive number and a unit"),
        ("rate(five minutes)", "A rate is a positive number and a unit"),
        ("rate()", "A rate is a positive number and a unit"),
        (f"rate(1{'0' * 200} days)", "never fires"),
    ],
)
def test_what_is_refused_and_what_is_said(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_schedule(text)
    assert says in refused.value.message


def test_a_limit_of_ones_own() -> None:
    """EventBridge, whose syntax this is, allows a minute."""
    assert parse_schedule("rate(1 minute)", 60)
    assert parse_schedule("cron(* * * * ? *)", 60)


def test_a_schedule_that_is_over() -> None:
    schedule = parse_schedule("cron(0 8 1 3 ? 2020,2026)")
    require_due(schedule, at("2026-03-01 07:59"))
    with pytest.raises(
        InvalidInput, match=r"never fires again: the last time was 2026-03-01 08:00"
    ):
        require_due(schedule, at("2026-03-01 08:00"))


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("cron(0 0 * * ? *)", 40),
        ("cron(0/5 8-17 ? * MON-FRI *)", 40),
        ("cron(0 0 LW * ? *)", 40),
        ("rate(5 minutes)", 40),
        # forty years away
        ("cron(0 0 ? 2 FRI#5 *)", 400),
    ],
)
def test_the_next_time_is_found_fast(text: str, microseconds: float) -> None:
    """Five thousand triggers are due in one minute; the bar leaves room for a slow machine."""
    schedule, now = parse_schedule(text), at("2065-11-21 10:00")

    def once() -> float:
        began = time.perf_counter()
        for _ in range(100):
            schedule.next_after(now, LONG_AGO)
        return (time.perf_counter() - began) / 100

    assert min(once() for _ in range(5)) < microseconds / 1e6


# The oracle: what each field means, said of one date or number, tried on day after day.

DayTest: TypeAlias = Callable[[date], bool]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
HORIZON_DAYS = 1500


def month_of(day: date) -> list[date]:
    days = (day.replace(day=1) + timedelta(days=more) for more in range(31))
    return [one for one in days if one.month == day.month]


def aws_weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def is_work(day: date) -> bool:
    return day.isoweekday() <= 5


def nearest_to(number: int) -> DayTest:
    def test(day: date) -> bool:
        days = month_of(day)
        if len(days) < number:
            return False
        return day == min(filter(is_work, days), key=lambda one: abs(one.day - number))

    return test


def nth(weekday: int, number: int) -> DayTest:
    def test(day: date) -> bool:
        same = [one for one in month_of(day) if aws_weekday(one) == weekday]
        return same[number : number + 1] == [day] if number >= 0 else same[-1] == day

    return test


@st.composite
def an_item(draw: st.DrawFn, low: int, high: int, names: list[str]) -> tuple[str, set[int]]:
    """One item of a list, and what it means by counting on, step by step."""

    def spelled(number: int) -> str:
        if draw(st.booleans()) and names:
            name = names[number - low]
            return draw(st.sampled_from([name, name.lower(), name.title()]))
        return str(number)

    first, last = draw(st.integers(low, high)), draw(st.integers(low, high))
    if high > 2000:  # years do not run over
        first, last = min(first, last), max(first, last)
    form = draw(st.sampled_from(["value", "range", "star"]))
    step = draw(st.none() | st.integers(1, high if form == "star" else 99))
    text = {"value": spelled(first), "range": f"{spelled(first)}-{spelled(last)}", "star": "*"}[
        form
    ]
    if form == "star":
        first, last = low, high
    elif form == "value":
        last = first if step is None else high
    line = [*range(low, high + 1), *range(low, high + 1)]
    begin = line.index(first)
    end = line.index(last, begin)
    chosen = {
        number for place, number in enumerate(line[begin : end + 1]) if place % (step or 1) == 0
    }
    return (text if step is None else f"{text}/{step}"), chosen


@st.composite
def a_field(
    draw: st.DrawFn, low: int, high: int, names: list[str] | None = None
) -> tuple[str, set[int]]:
    items = draw(st.lists(an_item(low, high, names or []), min_size=1, max_size=3))
    return ",".join(text for text, _ in items), set().union(*(chosen for _, chosen in items))


@st.composite
def day_fields(draw: st.DrawFn) -> tuple[str, str, DayTest]:
    """Return both day fields and which days they mean."""
    number, weekday = draw(st.integers(1, 31)), draw(st.integers(1, 7))
    name = draw(st.sampled_from([str(weekday), WEEKDAYS[weekday - 1]]))
    back, place = draw(st.integers(0, 30)), draw(st.integers(1, 5))
    days_text, days = draw(a_field(1, 31))
    week_text, week = draw(a_field(1, 7, WEEKDAYS))
    forms: list[tuple[str, str, DayTest]] = [
        (days_text, "?", lambda day: day.day in days),
        ("?", week_text, lambda day: aws_weekday(day) in week),
        ("L", "?", lambda day: day == month_of(day)[-1]),
        (f"L-{back}", "?", lambda day: month_of(day)[day.day - 1 :][back:] == month_of(day)[-1:]),
        ("LW", "?", lambda day: day == [one for one in month_of(day) if is_work(one)][-1]),
        (f"{number}W", "?", nearest_to(number)),
        ("?", "L", lambda day: day.strftime("%a") == "Sat"),
        ("?", f"{name}L", nth(weekday, -1)),
        ("?", f"{name}#{place}", nth(weekday, place - 1)),
    ]
    return draw(st.sampled_from(forms))


@st.composite
def schedules(draw: st.DrawFn) -> tuple[str, Callable[[date], list[int]]]:
    """Return a cron() and, of any day, the minutes at which it is due."""
    minutes_text, minutes = draw(a_field(0, 59))
    hours_text, hours = draw(a_field(0, 23))
    month_days, week_days, is_day = draw(day_fields())
    months_text, months = draw(a_field(1, 12, MONTHS))
    years_text, years = draw(st.just(("*", set(range(1970, 2200)))) | a_field(1970, 2199))

    def due_minutes(day: date) -> list[int]:
        if day.year not in years or day.month not in months or not is_day(day):
            return []
        return [
            minute for minute in range(1440) if minute // 60 in hours and minute % 60 in minutes
        ]

    text = f"{minutes_text} {hours_text} {month_days} {months_text} {week_days} {years_text}"
    return f"cron({text})", due_minutes


# any moment from the last days before the first year on; and whole minutes, which may be due
MOMENTS = st.floats(at("1969-12-30"), at("2200-01-02")) | st.integers(
    int(at("2024-01-01") // 60), int(at("2029-01-01") // 60)
).map(lambda minute: minute * 60.0)


def dues_by_day(
    due_minutes: Callable[[date], list[int]], start: float, direction: int
) -> Iterator[float]:
    """Yield due times day by day, from the day of a moment on, as far as the horizon."""
    today = datetime.fromtimestamp(start, UTC).date()
    for distance in range(HORIZON_DAYS):
        day = today + timedelta(days=distance * direction)
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        yield from (midnight + 60 * minute for minute in due_minutes(day)[::direction])


def understood(text: str) -> Schedule | None:
    try:
        return parse_schedule(text, 60)
    except InvalidInput as refused:
        assert "never fires" in refused.message
        return None


@settings(max_examples=300, deadline=None)
@given(schedules(), MOMENTS)
def test_the_next_time_is_what_walking_finds(
    case: tuple[str, Callable[[date], list[int]]], now: float
) -> None:
    text, due_minutes = case
    schedule = understood(text)
    walked = next((due for due in dues_by_day(due_minutes, now, 1) if due > now), None)
    found = None if schedule is None else schedule.next_after(now, LONG_AGO)
    if walked is None:
        assert found is None or found > now + (HORIZON_DAYS - 2) * 86_400
    else:
        assert found == walked


@settings(max_examples=300, deadline=None)
@given(schedules(), MOMENTS, st.floats(0, 1e8))
def test_the_last_time_is_what_walking_finds(
    case: tuple[str, Callable[[date], list[int]]], now: float, age: float
) -> None:
    text, due_minutes = case
    schedule = understood(text)
    walked = next((due for due in dues_by_day(due_minutes, now, -1) if due <= now), None)
    expected = None if walked is None or walked <= now - age else walked
    found = None if schedule is None else schedule.last_until(now, now - age)
    assert found == expected


@given(st.integers(5, 10_000), st.floats(at("1970-01-01"), at("2190-01-01")), st.floats(-1e5, 1e7))
def test_a_rate_counts_whole_periods_from_its_activation(
    minutes: int, anchor: float, later: float
) -> None:
    schedule, now = parse_schedule(f"rate({minutes} minutes)"), anchor + later
    last, due = None, int(anchor) + minutes * 60
    while due <= now:
        last, due = due, due + minutes * 60
    assert (schedule.last_until(now, anchor), schedule.next_after(now, anchor)) == (last, due)
