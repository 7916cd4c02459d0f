"""launch.py from outside: a small project with a stand-in interpreter, no network, nothing installed."""

from __future__ import annotations

import ast
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.launcher import failures
from tools.launcher.command import parse, pytest_words
from tools.launcher.environment import STAMP, UNFINISHED, WARM, Environment, clean_env, inventory
from tools.launcher.running import CannotStart, choose_port

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in interpreter is a script with a #! line")

INTERPRETER = """#!{python}
import http.server, json, os, signal, sys
words = sys.argv[1:]
if words[:1] == ["-c"]:
    sys.exit("ModuleNotFoundError: No module named 'fastapi'" if os.path.exists({broken!r}) else 0)
if words[:3] == ["-m", "ainfluencer", "models"]:
    sys.exit(os.path.exists({offline!r}) and "error: Temporary failure in name resolution")
if words[:3] != ["-m", "ainfluencer", "up"]:
    print(json.dumps(words))
    print("a word on standard error", file=sys.stderr)
    sys.exit(3 if "fail" in words else 0)
if os.path.exists({broken!r}):
    sys.exit(1)
if os.path.exists({ill!r}):
    sys.exit(3)
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({{"name": "ainfluencer"}}).encode())
    def log_message(self, *words):
        pass
def stop(number, frame):
    open({stopped!r}, "w").write(str(number))
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
place = (os.environ["AINFLUENCER_HOST"], int(os.environ["AINFLUENCER_PORT"]))
server = http.server.ThreadingHTTPServer(place, Health)
print("is running at http://%s:%d" % place, "and opens a browser" if "--browser" in words else "", file=sys.stderr, flush=True)
server.serve_forever()
"""


@dataclass
class Project:
    """A checkout with nothing in it but the launcher."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / "environment"

    def file(self, name: str) -> Path:
        return self.root / name

    def env(self) -> dict[str, str]:
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("AINFLUENCER_", "PIP_", "DISPLAY", "WAYLAND", "BROWSER"))
        }
        return kept | {
            "AINFLUENCER_VENV": str(self.venv),
            "AINFLUENCER_DATA": str(self.root / "data"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": "http://127.0.0.1:9/",
            "PIP_RETRIES": "1",
        }

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        python = getattr(sys, "_base_executable", sys.executable)
        return subprocess.Popen(
            [python, str(self.root / "launch.py"), *words],
            env=self.env() | more, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def run(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Everything is set up already, with a stand-in for the interpreter."""
    made = Project(tmp_path / "a checkout with spaces")
    shutil.copytree(ROOT / "tools", made.root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "launch.py", made.root)
    (made.root / "requirements").mkdir()
    for name in ("run", "test", "uv"):
        (made.root / "requirements" / f"{name}.txt").write_text("absent==1.0 --hash=sha256:" + "0" * 64 + "\n", "utf-8")
    (made.root / "pyproject.toml").write_text('[project]\nname = "tiny"\n', "utf-8")
    dist = made.root / "src" / "ainfluencer" / "web" / "static" / "dist"
    dist.mkdir(parents=True)
    (made.root / "web").mkdir()
    environment = Environment(made.root, made.venv)
    packages = made.venv / "lib" / "python3.11" / "site-packages" / "fastapi"
    packages.mkdir(parents=True)
    (packages / "__init__.py").write_text("here = True\n", "utf-8")
    environment.python.parent.mkdir()
    paths = {name: str(made.root / name) for name in ("broken", "offline", "stopped", "ill")}
    environment.python.write_text(INTERPRETER.format(python=sys.executable, **paths), "utf-8")
    environment.python.chmod(0o755)
    environment.record(["run", "test"])
    (dist / "manifest.json").write_text("{}", "utf-8")
    digest = "import tools.build_assets as b; print(b.digest(), end='')"
    word = subprocess.run(
        [sys.executable, "-c", digest], cwd=made.root, capture_output=True, text=True, check=True
    ).stdout
    (dist / ".stamp").write_text(word, "utf-8")
    return made


@pytest.fixture
def port() -> int:
    """One that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of another program that answers something else."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<h1>My other project</h1>")

        def log_message(self, *_words: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What it said on standard error up to those words."""
    assert process.stderr is not None
    said = ""
    while words not in said:
        line = process.stderr.readline()
        assert line, f"ended without saying “{words}”: {said}"
        said += line
    return said


# -- commands --


def test_a_command_owns_standard_output_and_the_exit_code(project: Project) -> None:
    code, out, err = project.run("make", "week", "card.png", "--json", "--port", "1")
    assert json.loads(out) == ["-m", "ainfluencer", "make", "week", "card.png", "--json", "--port", "1"]
    assert code == 0
    assert "a word on standard error" in err
    assert project.run("fail")[0] == 3


def test_set_up_speaks_on_standard_error_only(project: Project) -> None:
    _, out, err = project.run("card", "lint")
    assert "[1/1] Installing model packs" in err
    assert json.loads(out)[2:] == ["card", "lint"]
    assert "model packs" not in project.run("card", "lint")[2], "the second start has nothing to do"


def test_missing_models_stop_nothing(project: Project) -> None:
    project.file("offline").touch()
    code, out, err = project.run("hello")
    assert (code, json.loads(out)[-1]) == (0, "hello")
    assert "cannot be reached" in err
    assert "python launch.py models install" in err
    assert project.run("hello")[2] == "a word on standard error\n", "not tried again at once"


def test_the_whole_suite_runs_in_two_processes(project: Project) -> None:
    assert json.loads(project.run("test", "-q", "--live")[1]) == [
        "-m",
        "pytest",
        "-n",
        "2",
        "--dist",
        "loadfile",
        "-q",
        "--live",
    ]
    assert pytest_words(["tests/unit/core"]) == ["tests/unit/core"]
    assert pytest_words(["--pdb"]) == ["--pdb"]


# -- starting and stopping --


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_product_cleanly(project: Project, port: int, number: signal.Signals) -> None:
    process = project.start("--no-browser", "--port", str(port))
    assert f"http://127.0.0.1:{port}" in read_until(process, "is running at")
    os.kill(process.pid, number)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert project.file("stopped").exists(), "the product itself was asked"
    assert out == ""


@pytest.mark.parametrize(("words", "opens"), [((), True), (("--no-browser",), False)])
def test_a_browser_opens_where_there_is_a_screen(
    project: Project, port: int, words: tuple[str, ...], opens: bool
) -> None:
    process = project.start("--port", str(port), *words, BROWSER="true")
    assert ("opens a browser" in read_until(process, "is running at")) == opens
    process.terminate()
    process.communicate(timeout=20)


def test_a_second_start_opens_the_first(project: Project, port: int) -> None:
    first = project.start("--no-browser", "--port", str(port))
    read_until(first, "is running at")
    code, _, err = project.run("--no-browser", "--port", str(port))
    assert (code, f"already running at http://127.0.0.1:{port}" in err) == (0, True)
    (project.root / "data" / "instance.json").write_text(
        json.dumps({"pid": first.pid, "url": f"http://127.0.0.1:{port}"}), "utf-8"
    )
    assert "already running" in project.run("up", "--no-browser")[2], "found by its data folder, whatever the port"
    first.terminate()
    first.communicate(timeout=20)


def test_a_stale_note_of_an_instance_is_ignored(project: Project, port: int) -> None:
    (project.root / "data").mkdir()
    (project.root / "data" / "instance.json").write_text(
        json.dumps({"pid": 1, "url": f"http://127.0.0.1:{port}"}), "utf-8"
    )
    process = project.start("--no-browser", "--port", str(port))
    read_until(process, "is running at")
    process.terminate()
    process.communicate(timeout=20)


def test_a_taken_port_that_was_asked_for_is_refused(project: Project, stranger: int) -> None:
    code, _, err = project.run("--no-browser", "--port", str(stranger))
    assert code == 1
    offered = re.search(r"python launch\.py --port (\d+)", err)
    assert offered
    assert stranger < int(offered[1]) <= stranger + 20


def test_a_taken_port_gives_way_to_the_next(stranger: int, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = choose_port("127.0.0.1", stranger, is_fixed=False)
    assert stranger < chosen <= stranger + 20
    assert f"using {chosen}" in capsys.readouterr().err


def test_an_address_of_another_machine_is_explained() -> None:
    with pytest.raises(CannotStart, match=r"no address 192\.0\.2\.1"):
        choose_port("192.0.2.1", 8000, is_fixed=False)


def test_options_and_where_they_end() -> None:
    wish = parse(["--port", "9000", "--data", "x", "make", "week", "--data", "y"])
    assert (wish.words, wish.port, wish.data) == (["make", "week", "--data", "y"], 9000, Path("x").absolute())
    assert parse(["up", "--port", "9000"]).port == 9000
    with pytest.raises(SystemExit) as refused:
        parse(["--port", "99999"])
    assert refused.value.code == 2


# -- a broken environment --


def test_a_missing_interpreter_is_rebuilt_and_no_network_is_explained(project: Project) -> None:
    Environment(project.root, project.venv).python.unlink()
    (project.venv / "pyvenv.cfg").touch()
    code, _, err = project.run("hello")
    assert "its Python is gone. It is made again" in err
    assert "[2/3] Installing packages" in err
    assert "The package index cannot be reached" in err
    assert code == 1
    again = project.run("hello")[2]
    assert "an earlier installation was interrupted" in again


def test_ctrl_c_while_installing_ends_at_once_and_is_repaired(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # an index that takes the call and never answers
        shutil.rmtree(project.venv)
        process = project.start("hello", PIP_INDEX_URL=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        read_until(process, "Installing packages")
        caller, _ = silent.accept()
        with caller:
            os.killpg(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "The same command goes on from here" in err
    assert "an earlier installation was interrupted" in Environment(project.root, project.venv).fault()


def test_bytecode_is_kept_whatever_the_shell_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in clean_env()


def test_a_failing_import_leads_to_a_rebuild(project: Project, port: int) -> None:
    project.file("broken").touch()
    code, _, err = project.run("--no-browser", "--port", str(port))
    assert "cannot be used: ModuleNotFoundError: No module named 'fastapi'. It is made again" in err
    assert code == 1


def test_a_product_that_does_not_start_is_not_the_environments_fault(project: Project, port: int) -> None:
    project.file("ill").touch()
    code, _, err = project.run("--no-browser", "--port", str(port))
    assert code == 3
    assert "ended while it was starting (exit code 3)" in err
    assert "runs/latest" in err
    assert "made again" not in err


def test_damage_is_seen_before_anything_starts(project: Project) -> None:
    environment = Environment(project.root, project.venv)
    assert environment.fault() == ""
    lost = next(project.venv.rglob("fastapi/__init__.py"))
    lost.write_text("", "utf-8")
    assert environment.fault() == "fastapi/__init__.py is missing or damaged"
    lost.unlink()
    assert "fastapi/__init__.py" in environment.fault()


def test_an_interrupted_installation_and_a_changed_lock_are_seen(project: Project) -> None:
    environment = Environment(project.root, project.venv)
    assert not environment.lacks(["run", "test"])
    (project.root / "requirements" / "test.txt").write_text("other==2\n", "utf-8")
    assert environment.lacks(["run", "test"])
    assert not environment.lacks(["run"])
    (project.venv / UNFINISHED).touch()
    assert "interrupted" in environment.fault()


def test_what_a_start_loads_is_loaded_once_by_the_set_up() -> None:
    subprocess.run([sys.executable, "-c", WARM], cwd=ROOT, check=True)


def test_a_stamp_that_cannot_be_read_means_installing_again(project: Project) -> None:
    (project.venv / STAMP).write_text("{", "utf-8")
    assert Environment(project.root, project.venv).lacks(["run"])


def test_a_folder_that_is_no_environment_is_never_removed(project: Project, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").touch()
    environment = Environment(project.root, tmp_path / "photos")
    assert environment.fault()
    with pytest.raises(Exception, match="is not a Python environment"):
        environment.discard()
    assert (tmp_path / "photos" / "holiday.jpg").exists()


def test_an_inventory_looks_two_levels_deep(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("one.pth", "a/two.py", "a/b/three.py"):
        (tmp_path / name).write_text("x", "utf-8")
    assert inventory(tmp_path) == {"one.pth": 1, "a/two.py": 1}


# -- words --


@pytest.mark.parametrize(
    ("recorded", "reason"),
    [
        ("error: Failed to fetch: `x`\n  Caused by: dns error: failed to lookup address information", failures.NETWORK),
        ("npm error code EAI_AGAIN\nnpm error syscall getaddrinfo", failures.NETWORK),
        ("× Failed to download `numpy==2.4.0`\n  ╰─▶ Hash mismatch for `numpy==2.4.0`", failures.TAMPERED),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", failures.TAMPERED),
        ("error: Failed to fetch\n  Caused by: No space left on device (os error 28)", failures.DISK),
        ("/usr/bin/python3: No module named pip", failures.NO_PIP),
        (
            "ERROR: Could not find a version that satisfies x\nERROR: No matching distribution found for x",
            failures.NO_WHEEL,
        ),
        ("PermissionError: [Errno 13] Permission denied: '/opt/x'", failures.FORBIDDEN),
        ("Segmentation fault", failures.UNKNOWN),
        ("ModuleNotFoundError: No module named 'fsspec'", failures.UNKNOWN),
    ],
)
def test_recorded_failures_are_explained(recorded: str, reason: tuple[str, str]) -> None:
    assert failures.explain(recorded) == reason
    told = failures.report("Installing packages", recorded)
    assert recorded.splitlines()[-1].strip() in told
    assert told.endswith(reason[1])


def test_an_old_python_can_read_the_head() -> None:
    tree = ast.parse((ROOT / "launch.py").read_text("utf-8"))
    too_new = (
        ast.JoinedStr,
        ast.AnnAssign,
        ast.NamedExpr,
        ast.AsyncFunctionDef,
        ast.Nonlocal,
        ast.Starred,
        ast.YieldFrom,
    )
    for node in ast.walk(tree):
        assert not isinstance(node, too_new), ast.dump(node)
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert not node.args.kwonlyargs
            assert all(argument.annotation is None for argument in node.args.args)
        if isinstance(node, ast.Raise):
            assert node.cause is None


@pytest.mark.parametrize("name", ["launch.sh", "launch.command", "launch.py"])
def test_double_clickable_files_are_executable(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)


def test_the_shell_script_passes_everything_on(project: Project) -> None:
    shutil.copy(ROOT / "launch.sh", project.root)
    done = subprocess.run(
        [str(project.root / "launch.sh"), "hello", "two words"],
        env=project.env(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout)[-2:] == ["hello", "two words"]
