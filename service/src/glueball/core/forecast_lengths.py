"""How long a run will take."""

from __future__ import annotations

from collections.abc import Sequence


def predict_seconds(
    history: Sequence[float], timeout_seconds: float | None, class_median: float | None
) -> float | None:
    """Predict how long a run will take: the mean of the job's last two successful runs.

    This beats the estimates of users (Tsafrir, Etsion, Feitelson, TPDS 2007). It is not less than
    the median of the class, because a prediction that is too short costs STANDARD more than one
    that is too long costs FLEX.

    Args:
        history: seconds that the SUCCEEDED runs of the job took, the newest last.
        timeout_seconds: after which the run is ended in any case.
        class_median: seconds that the median run of the execution class takes; None while no run
            of it has ended.

    Returns:
        Seconds; None where nothing at all is known. For [600, 100, 300] it is 200.
    """
    last = history[-2:]
    known = [sum(last) / len(last)] if last else []
    if class_median is not None:
        known.append(class_median)
    if not known:
        return timeout_seconds
    predicted = max(known)
    return predicted if timeout_seconds is None else min(predicted, timeout_seconds)
