"""What goes wrong is said in a sentence that helps; never a traceback, never HTTP 500."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from support.service_process import RUNTIMES, ServiceProcess


def glueball(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "glueball", *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--host", "0.0.0.0"], "--allow-remote"),
        (["--port", "99999"], "from 0 to 65535"),
        (["--home", "/proc/none"], "cannot be used"),
    ],
)
def test_a_start_that_cannot_be_is_refused(tmp_path: Path, arguments: list[str], says: str) -> None:
    result = glueball("up", "--home", str(tmp_path / "home"), *arguments)
    assert result.returncode == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["lock", "credentials", "engine.fifo"])
def test_what_is_in_the_way_of_a_start_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    result = glueball("up", "--home", str(tmp_path), "--port", "0")
    assert result.returncode == 1
    assert str(tmp_path / name) in result.stderr
    assert "Traceback" not in result.stderr


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = glueball("up", "--home", str(tmp_path / "home"), "--port", str(port))
    assert result.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in result.stderr
    assert "--port" in result.stderr


def test_two_services_on_one_home_are_refused(service: ServiceProcess) -> None:
    result = glueball("up", "--home", str(service.home), "--port", "0")
    assert result.returncode == 1
    assert "Another service uses" in result.stderr


def test_unknown_settings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "glueball.toml").write_text("prot = 4566\n")
    result = glueball("up", "--home", str(tmp_path))
    assert result.returncode == 1
    assert "unknown key 'prot'" in result.stderr


def test_commands_without_a_service_say_what_to_do(tmp_path: Path) -> None:
    result = glueball("env", "--home", str(tmp_path))
    assert result.returncode == 1
    assert "glueball up" in result.stderr
    result = glueball("run", str(tmp_path / "none.py"), "--home", str(tmp_path))
    assert result.returncode == 1
    assert "There is no script" in result.stderr


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.touch()
    result = glueball("env", "--home", str(home))
    assert result.returncode == 1
    assert str(home) in result.stderr
    assert "Traceback" not in result.stderr


def test_a_client_that_stalls_does_not_hold_up_the_end(fresh: ServiceProcess) -> None:
    fresh.start()
    host, port = fresh.endpoint_url.removeprefix("http://").split(":")
    head = (
        f"POST / HTTP/1.1\r\nHost: {host}:{port}\r\nX-Amz-Target: AWSGlue.GetJobs\r\n"
        "Content-Type: application/x-amz-json-1.1\r\nContent-Length: 1000\r\n\r\n{"
    )
    with socket.create_connection((host, int(port))) as stalled:
        stalled.sendall(head.encode())
        time.sleep(0.3)
        began = time.monotonic()
        fresh.stop()
    assert time.monotonic() - began < 15
    assert "Traceback" not in fresh.log()


def test_the_credentials_are_for_the_owner_alone(service: ServiceProcess) -> None:
    mode = stat.S_IMODE((service.home / "credentials").stat().st_mode)
    assert mode == 0o600
    assert stat.S_IMODE(service.home.stat().st_mode) == 0o700


def test_env_is_what_the_shell_needs(service: ServiceProcess) -> None:
    result = service.shell(
        f'eval "$({sys.executable} -m glueball env --home {service.home})"\n'
        "aws sts get-caller-identity --query Account --output text"
    )
    assert result.stdout.strip() == "123456789012", result.stderr


def test_a_wrong_secret_is_refused(service: ServiceProcess) -> None:
    glue: Any = boto3.client(
        "glue",
        endpoint_url=service.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=service.environment()["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key="wrong",
    )
    with pytest.raises(ClientError, match="InvalidSignatureException") as caught:
        glue.get_jobs()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_an_operation_that_we_do_not_have_is_named(service: ServiceProcess) -> None:
    with pytest.raises(ClientError, match="CreateBlueprint") as caught:
        service.client("glue").create_blueprint(Name="x", BlueprintLocation="s3://bucket/x")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 501)


def test_a_definition_that_is_wrong_reads_like_aws(service: ServiceProcess) -> None:
    result = service.shell(
        "aws glue create-job --name x --role r --execution-class TURBO "
        "--command Name=glueetl,ScriptLocation=s3://scripts/x.py"
    )
    assert result.returncode != 0
    assert (
        "1 validation error detected: Value 'TURBO' at 'executionClass' failed to satisfy "
        "constraint: Member must satisfy enum value set: " in result.stderr
    )


def test_worker_types_that_the_model_lacks_are_taken(service: ServiceProcess) -> None:
    glue = service.client("glue")
    glue.create_job(
        Name="big",
        Role="r",
        Command={"Name": "glueetl", "ScriptLocation": "s3://scripts/x.py"},
        GlueVersion="5.0",
        WorkerType="R.2X",
        NumberOfWorkers=4,
    )
    assert glue.get_job(JobName="big")["Job"]["MaxCapacity"] == 8.0


def test_no_java_is_said_in_the_run(tmp_path: Path) -> None:
    """No Java on the machine, and no package index to get one from."""
    runtimes = _runtime_without_java(tmp_path / "runtimes")
    (tmp_path / "bin").mkdir()
    variables = {
        "PATH": str(tmp_path / "bin"),
        "JAVA_HOME": "",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": "",
        "GLUEBALL_RUNTIMES": str(runtimes),
    }
    service = ServiceProcess(tmp_path / "home", variables=variables).start()
    location = service.upload("scripts", "x.py", "print('never')\n")
    glue = service.client("glue")
    command = {"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"}
    glue.create_job(Name="spark", Role="r", Command=command)
    run_id = glue.start_job_run(JobName="spark")["JobRunId"]
    ended = service.wait_for("spark", run_id)
    service.close()
    assert ended["JobRunState"] == "FAILED"
    assert "needs Java 17" in ended["ErrorMessage"]
    assert "JAVA_HOME" in ended["ErrorMessage"]


def _runtime_without_java(runtimes: Path) -> Path:
    """Make a runtime that has all packages of the developers' one, but not its Java."""
    venv.create(runtimes / "5.1", with_pip=False, symlinks=True)
    [theirs] = (RUNTIMES / "5.1" / "lib").glob("python3.*/site-packages")
    [ours] = (runtimes / "5.1" / "lib").glob("python3.*/site-packages")
    (ours / "theirs.pth").write_text(f"{theirs}\n")
    return runtimes


def test_a_deleted_home_directory_is_said_and_survived(fresh: ServiceProcess) -> None:
    fresh.start()
    glue, s3 = fresh.client("glue"), fresh.client("s3")
    shutil.rmtree(fresh.home)
    command = {"Name": "glueetl", "ScriptLocation": "s3://scripts/x.py"}
    calls: list[Callable[[], Any]] = [
        lambda: glue.create_job(Name="x", Role="r", Command=command),
        lambda: s3.create_bucket(Bucket="bucket"),
    ]
    for call in calls:
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert "was deleted while the service was running" in str(caught.value)
    fresh.kill()
    fresh.start()
    assert fresh.client("glue").get_jobs()["Jobs"] == []


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: it needs no privileges."""
    limited = ServiceProcess(tmp_path / "home").start()
    limited.client("s3").create_bucket(Bucket="bucket")
    limited.client("s3").put_object(Bucket="bucket", Key="before", Body=b"kept")
    assert limited.process is not None
    subprocess.run(["prlimit", f"--pid={limited.process.pid}", "--fsize=65536"], check=True)
    with pytest.raises(ClientError) as caught:
        limited.client("s3").put_object(Bucket="bucket", Key="large", Body=bytes(1_000_000))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert "disk" in str(caught.value)
    listed = limited.client("s3").list_objects_v2(Bucket="bucket")["Contents"]
    assert [item["Key"] for item in listed] == ["before"]
    limited.close()
