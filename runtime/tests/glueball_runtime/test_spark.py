from __future__ import annotations

from pathlib import Path

import pytest

from glueball_runtime import jvm, spark
from glueball_runtime.launch_error import InvalidArgument, LaunchError
from glueball_runtime.scripts import PythonFiles
from glueball_runtime.specification import load
from tests.glueball_runtime.runs import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def _settings(home: Home, **arguments: str) -> spark.Settings:
    given = {f"--{name.replace('_', '-')}": value for name, value in arguments.items()}
    launch = home.specification(command="glueetl", arguments=given)
    return spark.settings(load(launch), PythonFiles(), ())


def test_every_bucket_is_mounted_and_nothing_else(home: Home) -> None:
    home.put("s3://data/x", "")
    home.put("s3://my.logs/x", "")
    properties = _settings(home).properties
    mounted = {key: value for key, value in properties.items() if "viewfs.mounttable" in key}
    prefix = "spark.hadoop.fs.viewfs.mounttable"
    assert mounted == {
        f"{prefix}.{bucket}.linkFallback": (home.objects / bucket).as_uri()
        for bucket in ("data", "my.logs", "aws-glue-assets-123456789012-us-east-1")
    }
    # with it, a bucket that does not exist would be looked for on the host
    assert not [key for key in properties if "overload.scheme.target" in key]


def test_a_bucket_that_would_break_another_is_left_out_and_named(home: Home) -> None:
    home.put("s3://data/x", "")
    home.put("s3://data.old/x", "")
    settings = _settings(home)
    assert not [key for key in settings.properties if "data.old" in key]
    assert [note for note in settings.notes if note.startswith("s3://data.old/ is not visible")]


def test_arguments_without_effect_are_said(home: Home) -> None:
    notes = _settings(home, enable_glue_datacatalog="true", datalake_formats="delta").notes
    assert [note.split(" ")[0] for note in notes] == [
        "--enable-glue-datacatalog",
        "--datalake-formats",
    ]
    assert "from_catalog" in notes[0]


def test_what_the_job_sets_counts_unless_it_would_break_the_run(home: Home) -> None:
    settings = _settings(
        home,
        conf="spark.sql.shuffle.partitions=3 --conf spark.master=yarn"
        " --conf spark.hadoop.fs.s3.impl=org.X --conf spark.driver.memory=99g",
    )
    assert settings.properties["spark.sql.shuffle.partitions"] == "3"
    assert settings.properties["spark.master"] == "local[2]"
    assert settings.properties["spark.driver.memory"] == "700m"
    assert "ViewFileSystem" in settings.properties["spark.hadoop.fs.s3.impl"]
    assert len(settings.notes) == 3
    assert "--conf spark.master has no effect" in settings.notes[0]


@pytest.mark.parametrize(
    "conf",
    [
        "spark.driver.extraJavaOptions=-javaagent:/tmp/evil.jar",
        "spark.driver.extraJavaOptions=-agentlib:jdwp=transport=dt_socket",
        "spark.driver.extraJavaOptions=-agentpath:/tmp/evil.so",
        "spark.driver.extraJavaOptions=-Da=1 -XX:OnOutOfMemoryError=id",
        "spark.driver.extraJavaOptions=-XX:OnError=id",
        "spark.driver.extraJavaOptions=@/etc/passwd",
        "spark.driver.extraJavaOptions=-cp /tmp",
        "spark.driver.extraJavaOptions=-Xmx99g",
        "spark.driver.extraJavaOptions=-Da='unclosed",
        "spark.hadoop.fs.viewfs.overload.scheme.target.s3.impl=org.apache.hadoop.fs.LocalFileSystem",
        "spark.hadoop.fs.viewfs.mounttable.data.linkFallback=file:///",
    ],
)
def test_agents_programs_and_mounts_are_refused(home: Home, conf: str) -> None:
    with pytest.raises(InvalidArgument, match="--conf"):
        _settings(home, conf=conf)


def test_java_options_that_only_tune_are_passed(home: Home) -> None:
    settings = _settings(
        home, conf='spark.driver.extraJavaOptions=-Da="x y" -XX:+UseParallelGC -verbose:gc'
    )
    assert settings.flags == ("-Da=x y", "-XX:+UseParallelGC", "-verbose:gc")


def test_modules_of_the_jdk_may_be_added(home: Home) -> None:
    settings = _settings(
        home, conf="spark.driver.extraJavaOptions=--add-modules=jdk.incubator.vector"
    )
    assert settings.flags == ("--add-modules=jdk.incubator.vector",)


def test_auto_scaling_is_dynamic_allocation_up_to_the_workers_asked_for(home: Home) -> None:
    properties = _settings(home, enable_auto_scaling="true").properties
    assert properties["spark.dynamicAllocation.enabled"] == "true"
    assert properties["spark.dynamicAllocation.maxExecutors"] == "4", "one of five is the driver"
    given = _settings(
        home, enable_auto_scaling="true", conf="spark.dynamicAllocation.maxExecutors=2"
    )
    assert given.properties["spark.dynamicAllocation.maxExecutors"] == "2", "the job's own wins"
    assert "spark.dynamicAllocation.enabled" not in _settings(home).properties


def test_event_logs_and_patterns_are_settings(home: Home) -> None:
    settings = _settings(
        home,
        enable_spark_ui="true",
        spark_event_logs_path="s3://data/events/",
        continuous_log_conversionPattern="%m%n",
        customer_executor_env_vars="CUSTOMER_X=1",
    )
    assert settings.properties["spark.eventLog.dir"] == "s3://data/events/"
    assert settings.properties["glueball.log.pattern"] == "%m%n"
    assert settings.properties["spark.executorEnv.CUSTOMER_X"] == "1"


@pytest.mark.parametrize(
    ("argument", "line"),
    [
        ("-Da=b", '"-Da=b"'),
        ("two words", '"two words"'),
        ('say "x"', '"say \\"x\\""'),
        ("C:\\x", '"C:\\\\x"'),
        ("a\nb\tc", '"a\\nb\\tc"'),
    ],
)
def test_arguments_in_a_file_are_quoted(argument: str, line: str) -> None:
    assert jvm._quoted(argument) == line


def test_a_java_that_is_missing_is_a_clear_failure(home: Home) -> None:
    specification = load(home.specification(command="glueetl", java="/nonexistent/java"))
    chosen = spark.settings(specification, PythonFiles(), ())
    with pytest.raises(LaunchError, match="/nonexistent/java could not be started"):
        spark.launch(specification, chosen, {}, 2)


def test_a_jvm_that_does_not_come_up_is_a_clear_failure(home: Home) -> None:
    outcome = home.run("print('never')", command="glueetl", memory_mb=10**12)
    assert outcome.status == 1
    assert not outcome.started
    assert outcome.failure is not None
    assert "Java machine of Spark ended with status 1" in outcome.failure["message"]
    assert "worker type" in outcome.failure["message"]
    assert outcome.error
