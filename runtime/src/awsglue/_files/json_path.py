"""The option `jsonPath`: which values of a JSON text are its records.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-json-home.html
The operators are those of https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html.
"""

from __future__ import annotations

import re
from typing import Any

_NAME = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_STEP = re.compile(
    rf"\.(?P<word>[^.\[\]*'\"]+)|(?P<any>\.\*|\[\s*\*\s*\])|\[\s*(?P<index>\d+)\s*\]"
    rf"|\[\s*(?P<names>(?:{_NAME})(?:\s*,\s*(?:{_NAME}))*)\s*\]"
)


def parse(text: str) -> list[dict[str, Any]]:
    """Return the steps of a path, as the Scala part reads them.

    Args:
        text: `$` and then any of `.name`, `['name']`, `['name', 'name']`, `.*`, `[*]` and `[0]`.

    Raises:
        ValueError: it is no such path.
    """
    path = text.strip()
    position = 1
    steps: list[dict[str, Any]] = []
    while path.startswith("$") and (step := _STEP.match(path, position)):
        steps.append(_step(step))
        position = step.end()
    if not path.startswith("$") or position < len(path):
        raise ValueError(
            f"jsonPath {text!r} cannot be read. Write $ for the whole value, then .name, ['name'], "
            "[*] for all elements, [0] for one, such as $.orders[*]."
        )
    return steps


def _step(step: re.Match[str]) -> dict[str, Any]:
    if step["index"]:
        return {"index": int(step["index"])}
    if step["any"]:
        return {}
    if step["word"]:
        return {"names": [step["word"]]}
    return {
        "names": [re.sub(r"\\(.)", r"\1", one[1:-1]) for one in re.findall(_NAME, step["names"])]
    }
