"""Lengths of time, for people."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Write seconds with two units at most.

    >>> [duration(seconds) for seconds in (0.42, 12, 303, 7500, 273_600)]
    ['0.4 s', '12 s', '5 m 03 s', '2 h 05 m', '3 d 04 h']
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} m"
    return f"{whole // 86400} d {whole % 86400 // 3600:02} h"
