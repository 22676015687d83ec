"""EVENT triggers as people set them up, with AWS's own clients, against the whole service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.service_process import ServiceProcess, answer_of, wait_until

_WORKFLOW_ARN = "arn:aws:glue:us-east-1:123456789012:workflow/"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    process = ServiceProcess(tmp_path_factory.mktemp("events") / "home")
    try:
        yield process.start()
    finally:
        process.close()


@pytest.fixture(scope="module")
def glue(service: ServiceProcess) -> Any:
    return service.client("glue")


def _workflow(glue: Any, name: str, **trigger: Any) -> None:
    """Make a workflow that events start. Its job is gone by then, so that it ends at once."""
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/none.py"}
    glue.create_job(Name=f"{name}-job", Role="r", Command=command)
    glue.create_workflow(Name=name, DefaultRunProperties={"stage": "dev"})
    glue.create_trigger(
        Name=f"{name}-start",
        WorkflowName=name,
        Type="EVENT",
        Actions=[{"JobName": f"{name}-job"}],
        **trigger,
    )
    glue.delete_job(JobName=f"{name}-job")


def _runs(glue: Any, name: str, count: int) -> list[dict[str, Any]]:
    """Wait for runs of a workflow, newest first."""

    def look() -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = glue.get_workflow_runs(Name=name)["Runs"]
        return found if len(found) >= count else None

    found: list[dict[str, Any]] = wait_until(look, seconds=10, what=f"{count} runs of {name}")
    return found


def test_the_commands_of_the_guide(service: ServiceProcess, glue: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/starting-workflow-eventbridge.html"""
    service.shell_job("load", "print('loaded')")
    result = service.shell(
        f"""
        aws glue create-workflow --name arrivals > /dev/null
        aws glue create-trigger --workflow-name arrivals --type EVENT --name arrivals-start \
            --event-batching-condition BatchSize=2,BatchWindow=900 \
            --actions JobName=load > /dev/null
        aws events put-rule --name arrivals \
            --event-pattern '{{"source": ["shop"], "detail": {{"kind": [{{"prefix": "ord"}}]}}}}' \
            > /dev/null
        aws events put-targets --rule arrivals \
            --targets "Id"="1","Arn"="{_WORKFLOW_ARN}arrivals","RoleArn"="arn:aws:iam::1:role/e" \
            > /dev/null
        aws events put-events --entries \
            'Source=shop,DetailType=Order,Detail="{{\\"kind\\": \\"order\\"}}"' \
            'Source=shop,DetailType=Order,Detail="{{\\"kind\\": \\"visit\\"}}"' \
            'Source=shop,DetailType=Order,Detail="{{\\"kind\\": \\"order\\"}}"' \
            --query 'Entries[].EventId'
        """
    )
    first, _, third = answer_of(result)
    (run,) = _runs(glue, "arrivals", 1)
    assert run["StartingEventBatchCondition"] == {"BatchSize": 2, "BatchWindow": 0}
    properties = glue.get_workflow_run_properties(Name="arrivals", RunId=run["WorkflowRunId"])
    assert properties["RunProperties"]["aws:eventIds"] == f"[{first}, {third}]"
    (job_run,) = glue.get_job_runs(JobName="load")["JobRuns"]
    assert job_run["TriggerName"] == "arrivals-start"
    assert service.wait_for("load", job_run["Id"])["JobRunState"] == "SUCCEEDED"


def test_a_window_that_is_over(service: ServiceProcess, glue: Any) -> None:
    _workflow(glue, "windowed", EventBatchingCondition={"BatchSize": 100, "BatchWindow": 1})
    events = service.client("events")
    events.put_rule(Name="windowed", EventPattern='{"detail-type": ["windowed"]}')
    targets = [{"Id": "w", "Arn": f"{_WORKFLOW_ARN}windowed"}]
    assert events.put_targets(Rule="windowed", Targets=targets)["FailedEntryCount"] == 0
    events.put_events(Entries=[{"Source": "x", "DetailType": "windowed", "Detail": "{}"}])
    (run,) = _runs(glue, "windowed", 1)
    assert run["StartingEventBatchCondition"] == {"BatchSize": 0, "BatchWindow": 1}
    assert run["WorkflowRunProperties"]["stage"] == "dev"


def test_the_end_of_a_job_starts_a_workflow(service: ServiceProcess, glue: Any) -> None:
    _workflow(glue, "after")
    events = service.client("events")
    pattern = {
        "source": ["aws.glue"],
        "detail-type": ["Glue Job State Change"],
        "detail": {"state": ["ERROR"], "jobName": ["before-job"]},
    }
    events.put_rule(Name="after", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="after", Targets=[{"Id": "w", "Arn": f"{_WORKFLOW_ARN}after"}])
    _workflow(glue, "before")
    events.put_rule(Name="before", EventPattern='{"detail-type": ["before"]}')
    events.put_targets(Rule="before", Targets=[{"Id": "w", "Arn": f"{_WORKFLOW_ARN}before"}])
    events.put_events(Entries=[{"Source": "x", "DetailType": "before", "Detail": "{}"}])
    _runs(glue, "after", 1)


def test_errors_are_those_that_clients_know(service: ServiceProcess) -> None:
    events = service.client("events")
    with pytest.raises(events.exceptions.InvalidEventPatternException):
        events.put_rule(Name="bad", EventPattern='{"source": []}')
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.describe_rule(Name="none")
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.list_rules(EventBusName="orders")
    with pytest.raises(ClientError, match="ValidationException"):
        events.put_rule(Name="bad", ScheduleExpression="rate(0 minutes)")
    answer = events.put_events(Entries=[{"Source": "aws.s3", "DetailType": "t", "Detail": "{}"}])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_a_new_object_starts_a_workflow(service: ServiceProcess, glue: Any) -> None:
    _workflow(glue, "uploads")
    result = service.shell(
        f"""
        aws s3 mb s3://landing > /dev/null
        aws s3api put-bucket-notification-configuration --bucket landing \
            --notification-configuration '{{"EventBridgeConfiguration": {{}}}}'
        aws events put-rule --name uploads --event-pattern '{{
            "source": ["aws.s3"], "detail-type": ["Object Created"],
            "detail": {{"bucket": {{"name": ["landing"]}},
                        "object": {{"key": [{{"wildcard": "in/*.csv"}}]}}}}}}' > /dev/null
        aws events put-targets --rule uploads \
            --targets "Id"="1","Arn"="{_WORKFLOW_ARN}uploads" > /dev/null
        echo a,b | aws s3 cp - s3://landing/in/x.csv > /dev/null
        echo a,b | aws s3 cp - s3://landing/out/x.csv > /dev/null
        aws s3api get-bucket-notification-configuration --bucket landing
        """
    )
    assert answer_of(result) == {"EventBridgeConfiguration": {}}
    (run,) = _runs(glue, "uploads", 1)
    # what the event was, scripts look up as they do on AWS
    event_id = run["WorkflowRunProperties"]["aws:eventIds"][1:-1]
    told = service.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "NotifyEvent"}],
        StartTime=datetime.now(UTC) - timedelta(minutes=5),
        EndTime=datetime.now(UTC),
    )
    payloads = [
        json.loads(event["CloudTrailEvent"])["requestParameters"]["eventPayload"]
        for event in told["Events"]
    ]
    (body,) = [one["eventBody"] for one in payloads if one["eventId"] == event_id]
    assert json.loads(body)["detail"]["object"]["key"] == "in/x.csv"
