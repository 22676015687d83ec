"""The inputs of `library.py`: generated, the same for the same seed, and checked for their size."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

_SMALL_FILES_IN_A_FOLDER = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """Where the inputs are.

    Args:
        spark: the session that makes them.
        directory: for all of them.
        seed: of their values.
        size: bytes of each input, roughly.
    """

    spark: SparkSession
    directory: Path
    seed: int
    size: int

    def csv(self, size: int | None = None) -> str:
        """Return people with a header: ten columns."""
        return self._made("csv", size, _people, lambda frame, path: _write_csv(frame, path))

    def parquet(self) -> str:
        """Return the same people with types, as the rows of a table."""
        return self._made("parquet", None, _people, lambda frame, path: frame.write.parquet(path))

    def json(self) -> str:
        """Return people as JSON whose fields have one type each."""
        return self._made("json", None, _people, lambda frame, path: frame.write.json(path))

    def conflicting_json(self) -> str:
        """Return the same, with one field a text in every tenth record, and a number elsewhere."""
        return self._made("conflicting", None, _people, _write_conflicting)

    def nested(self) -> str:
        """Return orders with lines with tags, below customers."""
        return self._made("nested", None, _customers, lambda frame, path: frame.write.parquet(path))

    def small_files(self, number: int) -> str:
        """Return many files of one record each, in folders of a thousand."""
        root = self.directory / "small"
        for first in range(0, number, _SMALL_FILES_IN_A_FOLDER):
            folder = root / f"part-{first}"
            folder.mkdir(parents=True)
            for one in range(first, min(first + _SMALL_FILES_IN_A_FOLDER, number)):
                (folder / f"{one}.json").write_text(json.dumps({"id": one, "name": f"n{one}"}))
        return str(root)

    def _made(
        self,
        name: str,
        size: int | None,
        rows: Callable[[SparkSession, int, int], DataFrame],
        write: Callable[[DataFrame, str], None],
    ) -> str:
        path = self.directory / (name if size is None else f"{name}-{size}")
        if path.exists():
            return str(path)
        # A row has about as many bytes as its JSON: a sample tells how many rows make the size.
        sample = rows(self.spark, 1_000, self.seed).toJSON().collect()
        wanted = (size or self.size) * len(sample) // sum(map(len, sample))
        text = 0.5 if name.startswith("csv") else 1.0  # csv repeats no names
        write(rows(self.spark, int(wanted / text), self.seed), str(path))
        return str(path)


def bytes_in(path: str) -> int:
    """Return the bytes of all files below a path."""
    return sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())


def _people(spark: SparkSession, number: int, seed: int) -> DataFrame:
    random = f"pmod(xxhash64(id, {seed}), 1000000)"
    return spark.range(number).selectExpr(
        "id",
        f"concat('name ', {random}) AS name",
        f"element_at(array('NY', 'WY', 'NE', 'AK', 'CA'), int({random} % 5) + 1) AS state",
        f"int({random} % 90) AS age",
        f"{random} * 1000 AS amount",
        f"{random} / 64 AS price",
        f"date_add(DATE'2020-01-01', int({random} % 1500)) AS day",
        f"substr(sha2(string(xxhash64(id, {seed})), 256), 1, 40) AS comment",
        f"{random} % 2 = 0 AS active",
        f"concat('street ', {random} % 977) AS street",
    )


def _customers(spark: SparkSession, number: int, seed: int) -> DataFrame:
    random = f"int(pmod(xxhash64(id, {seed}), 1000))"
    tags = f"transform(sequence(1, 2), t -> concat('tag ', t, '-', {random}))"
    lines = (
        f"transform(sequence(1, 3), l -> struct(l AS line, {random} * l AS amount, {tags} AS tags))"
    )
    orders = f"transform(sequence(1, 2), o -> struct(o AS number, {lines} AS lines))"
    return spark.range(number).selectExpr(
        "id", f"concat('name ', {random}) AS name", f"{orders} AS orders"
    )


def _write_csv(frame: DataFrame, path: str) -> None:
    frame.write.option("header", "true").csv(path)


def _write_conflicting(frame: DataFrame, path: str) -> None:
    others = ", ".join(name for name in frame.columns if name != "amount")
    amount = """if(id % 10 = 3, '"none"', string(amount))"""
    text = f"""concat('{{"amount":', {amount}, ',', substr(to_json(struct({others})), 2))"""
    frame.selectExpr(f"{text} AS value").write.text(path)
