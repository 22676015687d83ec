from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from awsglue._steps.json_text import has_choice, json_text
from awsglue.gluetypes import ChoiceType, IntegerType, MapType, StringType
from tests.awsglue.conftest import Make


def test_texts_have_the_value_that_a_choice_holds(make: Make) -> None:
    values: list[dict[str, Any]] = [
        {"a": 1, "s": {"x": 'é"\\\n', "l": [1, None, "b", {"y": 1.5}]}, "m": True},
        {"a": "one", "s": {"x": None, "it's": 2}, "m": [1, 2]},
        {"a": None, "s": {"l": []}, "m": {"k": 2**40}},
    ]
    frame = make("n int", *((n,) for n in range(len(values))))
    mixed = frame.map(lambda record: {"n": record["n"], **values[record["n"]]})
    records = mixed._records
    assert has_choice(records.schema)
    columns = [
        f"{json_text(f'`{field.name}`', field.dataType)} AS `{field.name}`"
        for field in records.schema
    ]
    texts = [row.asDict() for row in records.frame.selectExpr(*columns).orderBy("n").collect()]
    without_nulls = [
        {"n": 0, **values[0]},
        {"n": 1, "a": "one", "s": {"it's": 2}, "m": [1, 2]},
        {"n": 2, "s": {"l": []}, "m": {"k": 2**40}},
    ]
    found = [
        {name: json.loads(text) for name, text in row.items() if text is not None} for row in texts
    ]
    assert found == without_nulls


def test_keys_of_maps_become_texts(make: Make) -> None:
    rows = {1: (5, None), 2: None, 3: (None, "x")}
    records = make("m map<int,struct<int:int,string:string>>", (rows,), (None,))._records
    kind = MapType(ChoiceType([IntegerType(), StringType()]), {"keyType": "int"})
    texts = [row[0] for row in records.frame.selectExpr(json_text("m", kind)).collect()]
    assert sorted(texts, key=str) == [None, '{"1":5,"2":null,"3":"x"}']


def test_a_sink_writes_the_values_of_choices(make: Make, folder: Path, uri: str) -> None:
    mixed = make("n int, p string", (1, "x"), (2, "y")).coalesce(1)
    mixed = mixed.map(lambda r: {**r, "v": {"w": [1, "a"]} if r["n"] == 1 else "text"})
    options = {"path": uri, "partitionKeys": ["p"], "compression": "gzip"}
    mixed.write("s3", options, "json")
    (one,) = folder.glob("p=x/part-*.gz")
    (two,) = folder.glob("p=y/part-*.gz")
    assert gzip.decompress(one.read_bytes()) == b'{"n":1,"v":{"w":[1,"a"]}}\n'
    assert gzip.decompress(two.read_bytes()) == b'{"n":2,"v":"text"}\n'
