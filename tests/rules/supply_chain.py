"""Rules for what Jonh is built from: hashes, wheels for both architectures, watched updates.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker
from packaging.utils import canonicalize_name, parse_wheel_filename

from tests.rules import strict_yaml
from tests.rules.addons import folders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.tags import Tag

# What the images run on: Debian trixie's Python, and a glibc that is as new.
IMAGE_PYTHON = "3.13"
IMAGE_MACHINES = {"amd64": "x86_64", "aarch64": "aarch64"}
GLIBC_MINOR = 41
DEPENDABOT = Path(".github/dependabot.yml")
ECOSYSTEMS = {"docker", "github-actions", "uv"}
# Needed by a package for what Jonh does not use: here, the command line of num2words.
UNUSED = {"docopt"}
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")


def lock_faults(root: Path) -> list[str]:
    """Return packages of uv.lock that come from elsewhere, or without a hash."""
    lock = tomllib.loads((root / "uv.lock").read_text("utf-8"))
    faults = []
    for package in lock["package"]:
        name = f"uv.lock: {package['name']} {package['version']}"
        if set(package["source"]) != {"registry"} and package["name"] != "jonh":
            faults.append(f"{name} comes from {package['source']}")
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        if not files and package["name"] != "jonh":
            faults.append(f"{name} has no file")
        for file in files:
            if not re.fullmatch(r"sha256:[0-9a-f]{64}", file.get("hash", "")):
                faults.append(f"{name} has a file without a hash")
    return faults


def requirement_faults(root: Path) -> list[str]:
    """Return what the images install without a hash, from source, or unlike uv.lock."""
    lock = tomllib.loads((root / "uv.lock").read_text("utf-8"))
    locked: dict[tuple[str, str], dict[str, Any]] = {
        (package["name"], package["version"]): package for package in lock["package"]
    }
    return [
        f"{path.relative_to(root)}: {fault}"
        for folder in folders(root)
        for path in _requirement_files(folder)
        for fault in _requirement_faults(path.read_text("utf-8"), locked)
    ]


def _requirement_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("requirements*.txt"))


def _requirement_faults(text: str, locked: dict[tuple[str, str], dict[str, Any]]) -> Iterator[str]:
    joined = re.sub(r"\\\n\s*", " ", text)
    for line in joined.split("\n"):
        requirement = line.strip()
        if not requirement or requirement.startswith("#"):
            continue
        match = PIN.match(requirement)
        if match is None:
            yield f"{requirement.split()[0]} is not pinned as name==version"
            continue
        hashes = set(re.findall(r"--hash=(sha256:[0-9a-f]{64})", requirement))
        if not hashes:
            yield f"{match[1]} has no hash"
        package = locked.get((canonicalize_name(match[1]), match[2]))
        if package is None:
            yield f"{match[1]} {match[2]} is not what uv.lock has"
        else:
            yield from _wheel_faults(package, hashes)


def _wheel_faults(package: dict[str, Any], hashes: set[str]) -> Iterator[str]:
    """Yield architectures for which no wheel of the lock has one of the hashes."""
    for architecture, machine in IMAGE_MACHINES.items():
        fitting = [
            wheel
            for wheel in package.get("wheels", [])
            if wheel["hash"] in hashes and _fits(wheel["url"].rpartition("/")[2], machine)
        ]
        if not fitting:
            yield f"{package['name']} has no wheel with its hash for {architecture}"


def _fits(filename: str, machine: str) -> bool:
    name = filename.replace("%2B", "+")
    return any(_runs(tag, machine) for tag in parse_wheel_filename(name)[3])


def _runs(tag: Tag, machine: str) -> bool:
    major, minor = IMAGE_PYTHON.split(".")
    is_python = tag.interpreter in {"py3", "py2", f"cp{major}{minor}"} or (
        tag.abi == "abi3"
        and (match := re.fullmatch(rf"cp{major}(\d+)", tag.interpreter)) is not None
        and int(match[1]) <= int(minor)
    )
    if not is_python:
        return False
    if tag.platform == "any":
        return True
    manylinux = re.fullmatch(rf"manylinux_2_(\d+)_{machine}", tag.platform)
    if manylinux:
        return int(manylinux[1]) <= GLIBC_MINOR
    return tag.platform in {
        f"manylinux1_{machine}",
        f"manylinux2010_{machine}",
        f"manylinux2014_{machine}",
        f"linux_{machine}",
    }


def completeness_faults(root: Path) -> list[str]:
    """Return packages that the servers need by uv.lock and an image does not install."""
    lock = tomllib.loads((root / "uv.lock").read_text("utf-8"))
    faults = []
    for folder in folders(root):
        text = "\n".join(path.read_text("utf-8") for path in _requirement_files(folder))
        installed = {canonicalize_name(m[1]) for line in text.split("\n") if (m := PIN.match(line))}
        extra = folder.name.removeprefix("jonh_")
        for name in sorted(needed(lock, {extra, "http"}) - installed - UNUSED):
            faults.append(f"addons/{folder.name}: no requirements file installs {name}")
    return faults


def needed(lock: dict[str, Any], extras: set[str]) -> set[str]:
    """Return the names of what `jonh` with these extras needs on the images' Python."""
    packages: dict[str, list[dict[str, Any]]] = {}
    for package in lock["package"]:
        packages.setdefault(package["name"], []).append(package)
    jonh = packages["jonh"][0]
    pending = [*jonh["dependencies"]]
    for extra in extras:
        pending += jonh["optional-dependencies"].get(extra, [])
    found: set[str] = set()
    while pending:
        dependency = pending.pop()
        name = dependency["name"]
        if name in found or not _applies(dependency.get("marker", "")):
            continue
        found.add(name)
        for package in packages[name]:
            pending += package.get("dependencies", [])
            for extra in dependency.get("extra", []):
                pending += package.get("optional-dependencies", {}).get(extra, [])
    return found


def _applies(marker: str) -> bool:
    """Say whether a dependency is one on the images' Python, on either machine."""
    environment = {
        "extra": "", "implementation_name": "cpython", "os_name": "posix",
        "platform_python_implementation": "CPython",
        "platform_system": "Linux", "python_full_version": f"{IMAGE_PYTHON}.5",
        "python_version": IMAGE_PYTHON, "sys_platform": "linux",
    }  # fmt: skip
    return not marker or any(
        Marker(marker).evaluate(environment | {"platform_machine": machine})
        for machine in IMAGE_MACHINES.values()
    )


def update_faults(root: Path) -> list[str]:
    """Return what nobody watches for updates, and owners that nobody knows."""
    watched = strict_yaml.load((root / DEPENDABOT).read_text("utf-8"))["updates"]
    ecosystems = {entry["package-ecosystem"] for entry in watched}
    faults = [f"{DEPENDABOT}: {name} is not watched" for name in sorted(ECOSYSTEMS - ecosystems)]
    docker = {
        directory
        for entry in watched
        if entry["package-ecosystem"] == "docker"
        for directory in entry.get("directories", [entry.get("directory")])
    }
    for folder in folders(root):
        if f"/addons/{folder.name}" not in docker:
            faults.append(f"{DEPENDABOT}: the Dockerfile of {folder.name} is not watched")
    owners = root / ".github" / "CODEOWNERS"
    if not owners.is_file() or not re.search(r"^\* +@\S+", owners.read_text("utf-8"), re.MULTILINE):
        faults.append(".github/CODEOWNERS: nobody owns what nobody else owns")
    return faults
