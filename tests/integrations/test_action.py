"""The GitHub Action: its script does what action.yml says, and its inputs are those that docs/ci.md has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import REPO, RunOn217, need_tool, succeeded
from pinning import COMMAND, IMPORTABLE, run

ACTION: dict[str, Any] = yaml.safe_load((REPO / "action.yml").read_text())
SCRIPT = REPO / "integrations/action.sh"
SOURCE = '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n'


class Job:
    """A folder in which the steps of a job run, with the command `symver-pin` on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        command = folder / "bin/symver-pin"
        command.write_text(f'#!/bin/sh\nPYTHONPATH={IMPORTABLE["PYTHONPATH"]} exec {" ".join(COMMAND)} "$@"\n')
        command.chmod(0o755)
        (folder / "app.c").write_text(SOURCE)

    def step(self, name: str, **inputs: str) -> tuple[int, str, dict[str, str]]:
        """Run a step; its status, what it printed, its outputs."""
        outputs = self.folder / "outputs"
        outputs.write_text("")
        fixed = {
            "PATH": f"{self.folder}/bin:/usr/local/bin:/usr/bin:/bin",
            "GITHUB_OUTPUT": str(outputs),
            "SARIF_FILE": str(self.folder / "verify.sarif"),
            "GLIBC": "2.17",
        }
        done = run([need_tool("bash"), SCRIPT, name], {**fixed, **inputs}, cwd=self.folder)
        pairs = (line.partition("=") for line in outputs.read_text().splitlines())
        return done.returncode, done.stdout + done.stderr, {key: value for key, _, value in pairs}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def test_a_build_gets_the_kit_and_its_result_runs_on_2_17(job: Job, run_on_217: RunOn217) -> None:
    status, said, outputs = job.step("build", RUN='"$KIT/bin/cc" app.c -o "an app"\ntest "$SYMVER_PIN_GLIBC" = 2.17')
    assert status == 0, said
    assert Path(outputs["kit"], "bin/cc").is_file()
    assert succeeded(run_on_217(job.folder / "an app")) == "hello\n"
    status, said, outputs = job.step("verify", VERIFY="an app\n", FAIL="true")
    assert status == 0 and "an app: ok on glibc 2.17" in said, said


def test_a_failing_command_fails_the_build(job: Job) -> None:
    assert job.step("build", RUN="false | cat\necho not reached")[0] != 0


def test_findings_are_annotations_and_sarif_and_fail_the_step(job: Job) -> None:
    succeeded(run([need_tool("gcc"), "app.c", "-o", "app"], cwd=job.folder))
    status, said, outputs = job.step("verify", VERIFY="ap[p]")
    assert status == 1 and "::error" in said
    sarif = json.loads(Path(outputs["sarif-file"]).read_text())
    assert {result["ruleId"] for result in sarif["runs"][0]["results"]} >= {"missing-version"}
    assert job.step("verify", VERIFY="app", FAIL="false")[0] == 0


def test_a_policy_is_applied(job: Job) -> None:
    assert job.step("build", RUN="$KIT/bin/cc app.c -o app")[0] == 0
    assert job.step("verify", VERIFY="app")[0] == 0
    (job.folder / "none.toml").write_text("allow-lib = []\n")
    status, said, _outputs = job.step("verify", VERIFY="app", POLICY="none.toml")
    assert status == 1 and "VIOLATES none" in said and "libc.so.6" in said


def test_a_file_that_is_not_there_is_an_error_also_when_findings_are_not(job: Job) -> None:
    status, said, outputs = job.step("verify", VERIFY="dist/*.whl", FAIL="false")
    assert status == 2 and "dist/*.whl" in said and not outputs


def test_the_key_of_the_cache_names_the_compiler(job: Job) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", job.step("key")[2]["compiler"])


def test_the_steps_give_the_script_what_it_reads() -> None:
    steps = {step.get("id"): step for step in ACTION["runs"]["steps"]}
    given = {name for step in steps.values() for name in step.get("env", {})}
    read = set(re.findall(r"\$\{?([A-Z_]+)", SCRIPT.read_text())) - {"KIT", "IFS", "GITHUB_OUTPUT", "SYMVER_PIN_GLIBC"}
    assert read == given
    used = set(re.findall(r"inputs\.([\w-]+)", (REPO / "action.yml").read_text()))
    assert used == ACTION["inputs"].keys()
    assert all(step.get("shell") == "bash" for step in ACTION["runs"]["steps"] if "run" in step)


def test_the_page_has_every_input_and_output() -> None:
    page = (REPO / "docs/ci.md").read_text()
    rows = set(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE))
    assert rows == ACTION["inputs"].keys() | ACTION["outputs"].keys()
