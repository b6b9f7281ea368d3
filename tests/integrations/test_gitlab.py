"""The job of docs/ci.md for GitLab: its script builds for the target and writes the report that it names."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import yaml

from conftest import REPO, RunOn217, need_tool, succeeded
from pinning import run

from .test_action import Job

BLOCKS = re.findall(r"```yaml\n(.*?)```", (REPO / "docs/ci.md").read_text(), re.DOTALL)
(TEXT,) = (block for block in BLOCKS if "junit:" in block)
JOB = yaml.safe_load(TEXT)
MAKEFILE = "all:\n\tmkdir -p build\n\t$(CC) app.c -o build/app\n\t$(CXX) -x c++ app.c -o build/app2\n"


def test_the_script_of_the_job_builds_and_reports(tmp_path: Path, run_on_217: RunOn217) -> None:
    project = Job(tmp_path).folder
    (project / "Makefile").write_text(MAKEFILE)
    variables = {name: value.replace("$CI_PROJECT_DIR", str(project)) for name, value in JOB["variables"].items()}
    env = {**variables, "PATH": f"{project}/bin:/usr/local/bin:/usr/bin:/bin"}
    # GitLab runs the lines of a job in one shell that ends with the first failure
    succeeded(run([need_tool("bash"), "-euo", "pipefail", "-c", "\n".join(JOB["build"]["script"])], env, cwd=project))
    for name in ("build/app", "build/app2"):
        assert succeeded(run_on_217(project / name)) == "hello\n"
    report = ElementTree.parse(project / JOB["build"]["artifacts"]["reports"]["junit"]).getroot()
    assert {case.get("name") for case in report.iter("testcase")} == {"build/app", "build/app2"}
    (cached,) = JOB["build"]["cache"]["paths"]
    assert list((project / cached).rglob("kit.json")), "the cache of the job has the kit"
