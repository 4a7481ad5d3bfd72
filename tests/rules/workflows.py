"""Rules for the workflows: least permissions, nothing movable, nothing of a stranger in a shell.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import re
from typing import TYPE_CHECKING, Any

from tests.rules import strict_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PINNED_ACTION = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
VERSION_COMMENT = re.compile(r"uses: (\S+@[0-9a-f]{40}) # \S+")
RUNNERS = {"ubuntu-24.04", "ubuntu-24.04-arm", "${{ matrix.runner }}"}
# Who may write what: everything else only reads.
WRITERS = {
    "attestations": {"apps.yml", "release.yml"},
    "contents": {"release.yml"},
    "id-token": {"apps.yml", "release.yml"},
    "packages": {"apps.yml", "release.yml"},
}
# They run with the rights of the repository on what a stranger wrote.
REFUSED_TRIGGERS = {"issue_comment", "pull_request_target", "workflow_run"}
SECRET = re.compile(r"\bsecrets\.(\w+)")


def workflow_faults(root: Path) -> list[str]:
    """Return workflows with standing permissions, no deadline or movable actions."""
    faults = []
    for path in sorted((root / ".github" / "workflows").iterdir()):
        text = path.read_text("utf-8")
        workflow: dict[str, Any] = strict_yaml.load(text)
        faults += [f"{path.name}: {fault}" for fault in _workflow_faults(workflow)]
        for name, job in workflow["jobs"].items():
            faults += [f"{path.name}: {name} {fault}" for fault in _job_faults(job, path, root)]
        explained = set(VERSION_COMMENT.findall(text))
        for action in re.findall(r"uses: (\S+@[0-9a-f]{40})", text):
            if action not in explained:
                faults.append(f"{path.name}: {action} does not say which version it is")
        for secret in set(SECRET.findall(text)) - {"GITHUB_TOKEN"}:
            faults.append(f"{path.name}: takes the secret {secret}; nothing here needs one")
    return faults


def _workflow_faults(workflow: dict[Any, Any]) -> Iterator[str]:
    if workflow.get("permissions") != {}:
        yield "needs `permissions: {}` at the top"
    # YAML 1.1 reads the key `on` as true.
    triggers = workflow.get("on", workflow.get(True))
    for trigger in sorted(REFUSED_TRIGGERS & set(triggers or ())):
        yield f"starts on {trigger}, with the rights of the repository on a stranger's words"
    if "pull_request" in set(triggers or ()):
        for name, job in workflow["jobs"].items():
            if _writes(job) and not _is_guarded(name, workflow["jobs"]):
                yield f"{name} may write, and a pull request starts it"
    if "concurrency" not in workflow and "workflow_call" not in set(triggers or ()):
        yield "does not say what happens to a run that a newer one overtakes"


def _writes(job: dict[str, Any]) -> bool:
    permissions = job.get("permissions")
    return isinstance(permissions, dict) and "write" in permissions.values()


def _is_guarded(name: str, jobs: dict[str, Any]) -> bool:
    """Say whether a job, or one that it needs, runs only where a release asked for it."""
    needs = jobs[name].get("needs", [])
    needed = [needs] if isinstance(needs, str) else needs
    condition = str(jobs[name].get("if", ""))
    return condition == "${{ inputs.publish }}" or any(_is_guarded(job, jobs) for job in needed)


def _job_faults(job: dict[str, Any], path: Path, root: Path) -> Iterator[str]:
    if "timeout-minutes" not in job and "uses" not in job:
        yield "has no timeout-minutes"
    if "uses" not in job and job.get("runs-on") not in RUNNERS:
        yield f"runs on {job.get('runs-on')}, which is no fixed image"
    permissions = job.get("permissions", {})
    if not isinstance(permissions, dict):
        yield "takes all permissions"
        permissions = {}
    for scope, level in permissions.items():
        if level == "write" and path.name not in WRITERS.get(scope, set()):
            yield f"may write {scope}"
    for step in [job, *job.get("steps", [])]:
        yield from _step_faults(step, root)


def _step_faults(step: dict[str, Any], root: Path) -> Iterator[str]:
    action = step.get("uses", "")
    if action.startswith("./"):
        if not (root / action).exists():
            yield f"uses {action}, which is not there"
    elif action and not PINNED_ACTION.fullmatch(action):
        yield f"uses {action}, which is not pinned by a full commit hash"
    settings = step.get("with") or {}
    if action.startswith("actions/checkout@") and settings.get("persist-credentials") is not False:
        yield "leaves its token in the checkout"
    if "${{" in str(step.get("run", "")):
        yield "puts an expression into a shell: pass it by env"
