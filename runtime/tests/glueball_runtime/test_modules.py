from __future__ import annotations

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from glueball_runtime import modules
from glueball_runtime.launch_error import InvalidArgument, LaunchError
from glueball_runtime.specification import Specification, load
from tests.glueball_runtime.runs import Home


@pytest.mark.parametrize(
    ("item", "parsed"),
    [
        ("pyjokes", "pyjokes"),
        ("pyjokes==0.6.0", "pyjokes==0.6.0"),
        ("awswrangler[redshift] >= 3, <4", "awswrangler[redshift]<4,>=3"),
        ('x==1; python_version > "3.8"', 'x==1; python_version > "3.8"'),
    ],
)
def test_packages_of_the_registry_are_taken(item: str, parsed: str) -> None:
    assert modules.requirement(item) == parsed


@pytest.mark.parametrize(
    "item",
    [
        "--index-url evil.example",  # attack 16: another registry
        "-i http://evil",
        "-r /etc/passwd",
        "-e .",
        "; rm -rf ~",
        "x; rm -rf ~",
        "$(id)",
        "x`id`",
        "git+file:///etc",
        "git+https://example.com/x.git",
        "https://example.com/x.whl",
        "x @ https://example.com/x.whl",
        "x @ file:///etc/x.whl",
        "/tmp/x.whl",
        "./x",
        "../x.whl",
        "x.whl/../../y",
        "x --pre",
        "x\n--index-url evil.example",
    ],
)
def test_everything_else_is_refused(item: str) -> None:
    with pytest.raises(InvalidArgument, match="is refused"):
        modules.requirement(item)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        ("a,b==1", ["a", "b==1"]),
        ("a>=1,<2,b", ["a>=1,<2", "b"]),  # AWS's own separator also separates versions
        ("a[x,y]==1,b", ["a[x,y]==1", "b"]),
        (" a , , s3://b/c.whl ", ["a", "s3://b/c.whl"]),
    ],
)
def test_the_list_is_split_where_packages_end(text: str, items: list[str]) -> None:
    assert modules._items(text) == items


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", []),
        ("--upgrade", ["--upgrade"]),
        ("-r", []),
        ("--pre  --no-deps", ["--pre", "--no-deps"]),
    ],
)
def test_options_of_pip_that_serve(text: str, options: list[str]) -> None:
    assert modules._options(text) == options


@pytest.mark.parametrize(
    "text",
    [
        "--index-url evil.example",
        "--extra-index-url=evil.example",
        "-t /etc",
        "--target /etc",
        "--log /etc/passwd",
        "--upgrade -i http://evil",
        "-r /etc/passwd",
        "--trusted-host evil",
    ],
)
def test_options_of_pip_that_do_not(text: str) -> None:
    with pytest.raises(InvalidArgument, match="installer-option"):
        modules._options(text)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def _wheel(folder: Path, name: str, requires: str = "") -> bytes:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{name}.py", "VALUE = 42\n")
        file.writestr(f"{about}/METADATA", metadata + requires)
        tags = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        file.writestr(f"{about}/WHEEL", tags)
        file.writestr(f"{about}/RECORD", "")
    return path.read_bytes()


def _run(home: Home, text: str, option: str = "") -> Specification:
    arguments = {modules.MODULES: text, modules.OPTIONS: option}
    return load(home.specification(arguments=arguments))


def test_no_modules_need_no_folder(home: Home) -> None:
    assert modules.install(_run(home, " , "), io.StringIO()) is None


def test_a_wheel_of_s3_is_installed_once_for_all_that_ask(home: Home, tmp_path: Path) -> None:
    """Three at once; what the runtime has already (here packaging) is not installed again."""
    wheel = _wheel(tmp_path, "tiny", "Requires-Dist: packaging\n")
    location = home.put("s3://libs/tiny-1.0-py3-none-any.whl", wheel)
    logs = [io.StringIO() for _ in range(3)]
    runs = [_run(home, location) for _ in logs]
    with ThreadPoolExecutor(3) as pool:
        folders = set(pool.map(modules.install, runs, logs))
    (folder,) = folders
    assert folder is not None
    assert (folder / "tiny.py").is_file()
    assert not (folder / "packaging").exists()
    assert sum("Successfully installed tiny-1.0" in log.getvalue() for log in logs) == 1

    log = io.StringIO()
    assert modules.install(_run(home, location), log) == folder
    assert log.getvalue() == ""


def test_a_zip_of_wheels_and_a_file_of_requirements(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "wheels.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("libs/one-1.0-py3-none-any.whl", _wheel(tmp_path, "one"))
        file.writestr("libs/two-1.0-py3-none-any.whl", _wheel(tmp_path, "two"))
    wheels = home.put("s3://libs/wheels.zip", path.read_bytes())
    named = home.put(
        "s3://libs/requirements.txt", "# what the runtime has\npackaging>=20 # yes\n\n"
    )
    folder = modules.install(_run(home, f"{wheels},{named}", "-r"), io.StringIO())
    assert folder is not None
    assert {path.name for path in folder.glob("*.py")} == {"one.py", "two.py"}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("--index-url evil.example\n", "requirements.txt"),
        ("-r /etc/passwd\n", "requirements.txt"),
        ("no zip", "x-1.0-py3-none-any.whl"),
        ("no zip", "x.zip"),
        ("x", "setup.py"),
    ],
)
def test_dangerous_files_are_refused(home: Home, content: str, name: str) -> None:
    location = home.put(f"s3://libs/{name}", content)
    with pytest.raises(LaunchError, match="refused"):
        modules.install(_run(home, location), io.StringIO())


def test_what_pip_says_last_is_the_reason(home: Home, tmp_path: Path) -> None:
    wheel = _wheel(tmp_path, "broken", "Requires-Dist: packaging>1000\n")
    location = home.put("s3://libs/broken-1.0-py3-none-any.whl", wheel)
    log = io.StringIO()
    with pytest.raises(LaunchError, match=r"No matching distribution.*packaging>1000") as caught:
        modules.install(_run(home, location), log)
    assert caught.value.category == "IMPORT_ERROR"
    assert "packaging>1000" in log.getvalue()
    assert not list((tmp_path / "modules").glob("[!.]*/.complete"))
