from __future__ import annotations

import json
import os
import time
import zipfile
from pathlib import Path

import pytest

from tests.glueball_runtime.runs import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_script_runs_as_main_in_a_directory_of_its_own(home: Home) -> None:
    outcome = home.run(
        """
        import os, sys, inspect
        print(__name__, sys.modules["__main__"].__file__ == __file__, sys.argv[0] == __file__)
        print(os.listdir("."), os.path.basename(os.getcwd()))
        print(inspect.getsource(inspect.currentframe()).count("getsource"))
        """,
        notes=["This is said at the head of the log."],
    )
    assert outcome.output.splitlines() == ["__main__ True True", "[] work", "2"]
    assert outcome.error == "This is said at the head of the log.\n"
    assert (outcome.status, outcome.started, outcome.failure) == (0, True, None)


@pytest.mark.parametrize(
    ("last", "status", "failed"),
    [
        ("pass", 0, False),
        ("sys.exit()", 0, False),
        ("sys.exit(0)", 0, False),
        ("sys.exit(3)", 3, True),
        ("sys.exit('sorry')", 1, True),
        ("raise ValueError('x')", 1, True),
        ("raise KeyboardInterrupt", 1, True),
        ("os._exit(9)", 9, False),  # nobody could say why
    ],
)
def test_the_exit_status_is_the_scripts(home: Home, last: str, status: int, failed: bool) -> None:
    outcome = home.run(f"import os, sys\n{last}\n")
    assert (outcome.status, outcome.failure is not None) == (status, failed)
    if outcome.failure is not None:
        assert outcome.failure["line"] == 2


def test_a_traceback_shows_the_script_only(home: Home) -> None:
    outcome = home.run(
        """\
        def inner():
            raise ValueError("bad input")
        try:
            1 / 0
        except ZeroDivisionError:
            inner()
        """
    )
    assert outcome.output.count("job.py") == 3
    assert "glueball_runtime" not in outcome.output
    assert outcome.output.endswith("ValueError: bad input\n")
    assert outcome.failure is not None
    assert outcome.failure["message"] == "ValueError: bad input"
    assert outcome.failure["line"] == 2


def test_a_script_that_is_no_python_fails_with_its_line(home: Home) -> None:
    outcome = home.run("x = 1\nthis is not python\n")
    assert outcome.failure is not None
    assert (outcome.status, outcome.failure["line"]) == (1, 2)
    assert "glueball_runtime" not in outcome.output


@pytest.mark.parametrize(
    ("location", "category"),
    [
        ("s3://scripts/missing.py", "RESOURCE_NOT_FOUND_ERROR"),
        ("file:///etc/passwd", "INVALID_ARGUMENT_ERROR"),
    ],
)
def test_a_script_that_is_not_there_is_named(home: Home, location: str, category: str) -> None:
    outcome = home.run(script_location=location)
    assert (outcome.status, outcome.started) == (1, False)
    assert outcome.failure is not None
    assert outcome.failure["message"].startswith("LAUNCH ERROR | The script ")
    assert location in outcome.failure["message"]
    assert outcome.failure["category"] == category
    assert "Traceback" not in outcome.output + outcome.error


def test_threads_that_work_may_finish_and_those_that_hang_are_cut_off(home: Home) -> None:
    outcome = home.run(
        """
        import threading, time
        def work():
            time.sleep(0.3)
            print("finished", flush=True)
        threading.Thread(target=work).start()
        """
    )
    assert (outcome.status, outcome.output) == (0, "finished\n")
    begun = time.monotonic()
    outcome = home.run(
        """
        import atexit, sys, threading, time
        atexit.register(print, "never reached")
        threading.Thread(target=time.sleep, args=(60,), name="forgotten").start()
        sys.stdout.write("no newline")
        sys.exit(4)
        """,
        environment={"GLUEBALL_THREADS_SECONDS": "0.5"},
    )
    assert time.monotonic() - begun < 20
    assert (outcome.status, outcome.output) == (4, "no newline")
    assert "cutting off what it left: forgotten" in outcome.error


def test_exit_handlers_of_the_script_run(home: Home) -> None:
    outcome = home.run("import atexit\natexit.register(print, 'bye')\nprint('hi')\n")
    assert (outcome.status, outcome.output) == (0, "hi\nbye\n")


def test_a_forked_child_does_not_speak_for_the_run(home: Home) -> None:
    outcome = home.run(
        """
        import os
        if os.fork() == 0:
            raise ValueError("only the child")
        os.wait()
        """
    )
    assert (outcome.status, outcome.failure) == (0, None)


def test_python_files_can_be_imported_by_the_script_and_its_children(
    home: Home, tmp_path: Path
) -> None:
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("packed/__init__.py", "NAME = 'zip'")
    wheel = tmp_path / "wheel.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("wheeled/__init__.py", "NAME = open(__file__).read()[:5]")
    locations = [
        home.put("s3://libs/helper.py", "NAME = 'py'"),
        home.put("s3://libs/package.zip", archive.read_bytes()),
        home.put("s3://libs/wheeled-1-py3-none-any.whl", wheel.read_bytes()),
    ]
    outcome = home.run(
        """
        import helper, packed, wheeled, subprocess, sys
        print(helper.NAME, packed.NAME, wheeled.NAME, open("lookup.csv").read())
        code = "import helper, packed, wheeled"
        print(subprocess.run([sys.executable, "-c", code]).returncode)
        """,
        arguments={
            "--extra-py-files": ", ".join(locations),
            "--extra-files": home.put("s3://libs/lookup.csv", "a,b"),
        },
    )
    assert outcome.output == "py zip NAME  a,b\n0\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"--extra-py-files": "s3://libs/none.py"}, "s3://libs/none.py does not exist"),
        ({"--extra-py-files": "s3://scripts/data.txt"}, "refused"),
        ({"--extra-files": "/etc/passwd"}, "not an S3 location"),
        ({"--additional-python-modules": "-r /etc/passwd"}, "refused"),
        ({"--customer-driver-env-vars": "PATH=/x"}, "refused"),
        ({"--job-language": "scala"}, "Only Python scripts"),
    ],
)
def test_arguments_that_cannot_be_followed_end_the_run(
    home: Home, arguments: dict[str, str], complaint: str
) -> None:
    home.put("s3://scripts/data.txt", "")
    outcome = home.run("print('never')", arguments=arguments)
    assert (outcome.status, outcome.started, outcome.output) == (1, False, "")
    assert outcome.failure is not None
    assert complaint in outcome.failure["message"]


def test_driver_variables_are_set(home: Home) -> None:
    outcome = home.run(
        "import os\nprint(os.environ['CUSTOMER_A'])\n",
        arguments={"--customer-driver-env-vars": 'CUSTOMER_A="x, y"'},
    )
    assert outcome.output == "x, y\n"


def test_the_start_is_told(home: Home) -> None:
    fifo = home.root / "engine.fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        home.run("pass")
        assert os.read(reader, 100) == b"jr_1\n"
    finally:
        os.close(reader)
    started = json.loads((home.root / "runs" / "jr_1" / "started.json").read_text())
    assert abs(started["time"] - time.time()) < 60
    assert 0 <= time.monotonic() - started["steady"] < 60


def test_spark_reads_and_writes_s3_and_ends_unstopped(home: Home, tmp_path: Path) -> None:
    """One JVM for all that needs one: it is the slowest test here."""
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("packed/__init__.py", "def double(x): return 2 * x")
    home.put("s3://data/in/people.csv", "name,age\nAnn,41\nBob,7\n")
    home.put("s3://libs/package.zip", archive.read_bytes())
    home.put("s3://libs/helper.py", "def half(x): return x // 2")
    (tmp_path / "host.csv").write_text("secret\n")
    outcome = home.run(
        f"""
        from pyspark.context import SparkContext
        from pyspark.sql import SparkSession, functions
        context = SparkContext.getOrCreate()
        spark = SparkSession(context)
        context._jvm.org.apache.logging.log4j.LogManager.getLogger("GlueLogger").info("said so")
        print(context.appName, context.master, context.getConf().get("spark.ui.enabled"))
        frame = spark.read.option("header", True).csv("s3://data/in/")
        frame.write.partitionBy("name").parquet("s3a://data/out")
        print(sorted(map(tuple, spark.read.parquet("s3n://data/out").collect())))
        frame.write.json("s3a://data/json")
        import packed, helper
        ages = frame.rdd.map(lambda row: packed.double(int(row.age)) + helper.half(8))
        print(sorted(ages.collect()))
        print(spark.sql("select current_timezone()").first()[0], spark.conf.get("spark.x"))
        for place in ("s3://nobucket{tmp_path}", "s3:///x"):
            try:
                spark.read.csv(place).show()
            except Exception as error:
                print(type(error).__name__)
        spark.read.csv("s3://nobucket{tmp_path}/host.csv").show()
        """,
        command="glueetl",
        job_name="my job",
        arguments={
            "--extra-py-files": "s3://libs/package.zip,s3://libs/helper.py",
            "--conf": "spark.x=$(id)",
            "--enable-spark-ui": "true",
            "--spark-event-logs-path": "s3://data/events/",
            "--continuous-log-conversionPattern": "[%p] %m%n",
        },
    )
    lines = outcome.output.splitlines()
    assert lines[0] == "my job local[2] false"
    assert lines[1] == "[('41', 'Ann'), ('7', 'Bob')]"
    assert lines[2] == "[18, 86]"
    assert lines[3] == "UTC $(id)"
    assert "secret" not in outcome.output
    assert outcome.status == 1
    assert outcome.failure is not None
    assert "There is no such bucket" in outcome.failure["message"]
    assert outcome.failure["message"].startswith("Error Category: ")
    assert (home.objects / "data" / "out" / "name=Ann").is_dir()
    assert outcome.error.startswith("[INFO] said so\n")
    events = [path.name for path in (home.objects / "data" / "events").rglob("*local-*")]
    assert events
    # complete, though nobody stopped it
    assert [name for name in events if name.endswith(".inprogress")] == []


def test_spark_that_was_never_used_costs_nothing_at_the_end(home: Home) -> None:
    outcome = home.run("print('no spark')", command="glueetl")
    assert (outcome.status, outcome.output) == (0, "no spark\n")
