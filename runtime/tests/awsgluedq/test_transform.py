"""`EvaluateDataQuality` as scripts call it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from awsglue._errors import ErrorThresholdError
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import SelectFromCollection
from awsgluedq import _transform, transforms
from awsgluedq._errors import RulesetSyntaxError, WhereClauseError
from awsgluedq.transforms import EvaluateDataQuality
from tests.awsglue.conftest import tree_of
from tests.awsgluedq.conftest import Make


@pytest.fixture(scope="module")
def frame(make: Make) -> DynamicFrame:
    return make("id int, name string", (1, "Ann"), (2, None))


def test_exports() -> None:
    assert transforms.__all__ == ["EvaluateDataQuality"]


def test_rule_outcomes(frame: DynamicFrame) -> None:
    """The schema is that of AWS's page, with the rule that was evaluated."""
    found = EvaluateDataQuality.apply(
        frame=frame,
        ruleset='Rules = [ColumnExists "id", IsComplete "name"]',
        publishing_options={
            "dataQualityEvaluationContext": "people",
            "enableDataQualityCloudWatchMetrics": True,
            "enableDataQualityResultsPublishing": True,
            "resultsS3Prefix": "s3://results/",
        },
    )
    assert tree_of(found) == [
        "|-- Rule: string",
        "|-- Outcome: string",
        "|-- FailureReason: string",
        "|-- EvaluatedMetrics: map",
        "|    |-- keyType: string",
        "|    |-- valueType: double",
        "|-- EvaluatedRule: string",
    ]
    assert [tuple(row) for row in found.toDF().collect()] == [
        ('ColumnExists "id"', "Passed", None, {}, 'ColumnExists "id"'),
        (
            'IsComplete "name"',
            "Failed",
            "Value: 0.5 does not meet the constraint requirement!",
            {"Column.name.Completeness": 0.5},
            'IsComplete "name"',
        ),
    ]


def test_the_frames_of_process_rows(frame: DynamicFrame) -> None:
    found = EvaluateDataQuality().process_rows(frame=frame, ruleset='Rules = [IsComplete "name"]')
    assert list(found.keys()) == ["ruleOutcomes", "rowLevelOutcomes", "originalData"]
    assert found["originalData"] is frame
    rows = SelectFromCollection.apply(dfc=found, key="rowLevelOutcomes", transformation_ctx="rows")
    failed = rows.toDF().where("DataQualityEvaluationResult = 'Failed'").collect()
    assert [tuple(row) for row in failed] == [(2, None, [], ['IsComplete "name"'], [], "Failed")]


def test_a_filter_over_row_outcomes_as_studio_writes_it(frame: DynamicFrame) -> None:
    found = EvaluateDataQuality().process_rows(frame=frame, ruleset='Rules = [IsComplete "name"]')
    good = found["rowLevelOutcomes"].filter(
        lambda row: row["DataQualityEvaluationResult"] == "Passed"
    )
    assert good.count() == 1


STUDIO = '''
import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue._errors import ErrorThresholdError
from awsglue.context import GlueContext
from awsglue.job import Job
from awsgluedq.transforms import EvaluateDataQuality

args = getResolvedOptions(sys.argv, ['JOB_NAME'])
sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

# Default ruleset used by all target nodes with data quality enabled
DEFAULT_DATA_QUALITY_RULESET = """
    Rules = [
        ColumnCount > 0
    ]
"""

# Script generated for node Amazon S3
AmazonS3_node1 = glueContext.create_dynamic_frame.from_options(
    format_options={"multiLine": "false"},
    connection_type="s3",
    format="json",
    connection_options={"paths": [SOURCE], "recurse": True},
    transformation_ctx="AmazonS3_node1",
)

# Script generated for node Amazon S3
EvaluateDataQuality().process_rows(
    frame=AmazonS3_node1,
    ruleset=DEFAULT_DATA_QUALITY_RULESET,
    publishing_options={
        "dataQualityEvaluationContext": "EvaluateDataQuality_node2",
        "enableDataQualityResultsPublishing": True,
    },
    additional_options={
        "dataQualityResultsPublishing.strategy": "BEST_EFFORT",
        "observations.scope": "ALL",
    },
)
AmazonS3_node3 = glueContext.write_dynamic_frame.from_options(
    frame=AmazonS3_node1,
    connection_type="s3",
    format="glueparquet",
    connection_options={"path": TARGET, "partitionKeys": []},
    format_options={"compression": "snappy"},
    transformation_ctx="AmazonS3_node3",
)

job.commit()
'''


def test_a_script_of_studio_runs_as_it_is(
    glue: GlueContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "rows.json").write_text('{"id": 1}\n{"id": 2}\n')
    places = {"SOURCE": f"file:{tmp_path}/in/", "TARGET": f"file:{tmp_path}/out/"}
    monkeypatch.setattr("sys.argv", ["script.py", "--JOB_NAME", "studio"])
    exec(compile(STUDIO, "studio.py", "exec"), dict(places))
    written = glue.spark_session.read.parquet(places["TARGET"])
    assert sorted(row["id"] for row in written.collect()) == [1, 2]


def test_a_frame_with_nothing_new_fails_the_rule_and_not_the_job(glue: GlueContext) -> None:
    nothing = DynamicFrame.fromDF(glue.spark_session.range(0).select(), glue, "nothing")
    found = EvaluateDataQuality().process_rows(nothing, "Rules = [ColumnCount > 0]")
    (row,) = found["ruleOutcomes"].toDF().collect()
    assert (row["Outcome"], row["EvaluatedMetrics"]) == ("Failed", {"Dataset.*.ColumnCount": 0.0})
    assert found["rowLevelOutcomes"].count() == 0


def test_the_log_says_once_what_is_not_published(
    frame: DynamicFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []

    class Logger:
        def warn(self, line: str) -> None:
            lines.append(line)

    monkeypatch.setattr(_transform, "_told", set())
    monkeypatch.setattr(GlueContext, "get_logger", lambda self: Logger())
    options = {"enableDataQualityResultsPublishing": "true", "resultsS3Prefix": "s3://b/"}
    for _ in range(2):
        EvaluateDataQuality.apply(frame, "Rules = [ColumnCount > 0]", options)
    EvaluateDataQuality.apply(frame, "Rules = [ColumnCount > 0]")
    assert lines == [
        "Data quality results are not published (enableDataQualityResultsPublishing, "
        "resultsS3Prefix): they are in the frames that EvaluateDataQuality returns."
    ]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"compositeRuleEvaluation.method": "CELL"}, "is 'CELL'. It may be COLUMN or ROW."),
        ({"rowLevelConfiguration.filteredRowLabel": "x"}, "It may be PASSED or SKIPPED."),
        ({"performanceTuning.caching": "yes"}, "It may be CACHE_NOTHING or CACHE_INPUT."),
    ],
)
def test_options_with_unknown_values(
    frame: DynamicFrame, options: Mapping[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason.replace(".", r"\.")):
        EvaluateDataQuality().process_rows(frame, "Rules = [RowCount > 0]", {}, options)


def test_a_where_clause_that_is_none_ends_the_job(frame: DynamicFrame) -> None:
    with pytest.raises(WhereClauseError) as caught:
        EvaluateDataQuality.apply(frame, 'Rules = [IsComplete "id" where "nope > 1"]')
    assert str(caught.value).startswith(
        'Rule IsComplete "id" where "nope > 1" has provided an invalid where clause : \n'
    )
    with pytest.raises(WhereClauseError):
        EvaluateDataQuality.apply(frame, 'Analyzers = [Mean "id" where "id >"]')


def test_a_ruleset_that_is_none(frame: DynamicFrame) -> None:
    with pytest.raises(RulesetSyntaxError, match="Line 1, column 22"):
        EvaluateDataQuality.apply(frame, "Rules = [ RowCount > ]")


def test_a_dataframe_is_refused(frame: DynamicFrame) -> None:
    with pytest.raises(TypeError, match=r"frame is a DataFrame\. DynamicFrame\.fromDF"):
        EvaluateDataQuality.apply(frame.toDF(), "Rules = [RowCount > 0]")  # type: ignore[arg-type]


def test_an_instance_can_be_called(frame: DynamicFrame) -> None:
    assert EvaluateDataQuality()(frame=frame, ruleset="Rules = [RowCount > 0]").count() == 1


def test_failed_records_count_before_rules_do(glue: GlueContext, make: Make) -> None:
    """A threshold of errors holds for an evaluation too, as for any action on the frame."""

    def broken(record: Any) -> Any:
        raise ArithmeticError

    frame = make("a int", (1,), (2,)).map(broken, stageThreshold=1)
    with pytest.raises(ErrorThresholdError):
        EvaluateDataQuality.apply(frame, "Rules = [RowCount > 0]")
