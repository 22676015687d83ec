from __future__ import annotations

import pytest

from glueball.core.errors import InvalidInput
from glueball.core.glue_versions import version_number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("5.1", (5, 1)),
        ("10.0", (10, 0)),  # above 9.0, which a comparison of texts would deny
        ("auto", (5, 1)),
        (None, (5, 1)),
    ],
)
def test_versions_are_numbers(written: str | None, number: tuple[int, ...]) -> None:
    assert version_number(written) == number


@pytest.mark.parametrize("written", ["", "5.", "five", "5.x", "-1.0", "5.²", "٥.١"])
def test_what_is_no_version_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput, match="is not valid"):
        version_number(written)
