"""The compose files and Kubernetes manifests are complete, strict, and fit the servers."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml

from benchmarks.resilience.scale_out_balancer import DEPLOY
from wyoming_servers import __version__
from wyoming_servers.settings import Settings, SttSettings, TtsSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = DEPLOY.parent
KUBERNETES = DEPLOY / "kubernetes"
SERVERS: dict[str, type[Settings]] = {"stt": SttSettings, "tts": TtsSettings}
COMBINATIONS = [
    ("compose.yaml",),
    ("compose.yaml", "compose.gpu.yaml"),
    ("compose.yaml", "compose.scale.yaml"),
    ("compose.yaml", "compose.gpu.yaml", "compose.scale.yaml"),
]
# Chosen so that no answer of the program can hide what a file leaves to the reader.
CHOSEN = {"JONH_STT_MODEL": "small", "JONH_STT_LANGUAGE": "pt-BR", "JONH_TTS_VOICE": "chosen"}


type Composed = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Composed:
    """Return what podman-compose makes of files together, by file names and chosen variables."""
    # Of podman itself, `podman-compose config` wants to know the version only.
    podman = tmp_path_factory.mktemp("bin") / "podman"
    podman.write_text("#!/bin/sh\necho podman version 5.0.0\n")
    podman.chmod(0o755)

    @cache
    def compose(*files: str, **chosen: str) -> dict[str, Any]:
        names = [argument for file in files for argument in ("-f", file)]
        program = Path(sys.executable).with_name("podman-compose")
        run = subprocess.run(
            [program, "--podman-path", podman, *names, "--profile", "monitoring", "config"],
            cwd=DEPLOY,
            env={**os.environ, **chosen},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        content: dict[str, Any] = yaml.safe_load(run.stdout)
        return content

    return compose


@cache
def image_settings(kind: str) -> dict[str, str]:
    """Return the settings that the image of a server brings."""
    text = (ROOT / "addons" / f"jonh_{kind}" / "Dockerfile").read_text("utf-8")
    return dict(re.findall(rf"(JONH_{kind.upper()}_\w+)=(\S+)", text))


def settings(kind: str, environment: dict[str, str]) -> Any:
    """Return the settings a server has in a container; a wrong one ends the test."""
    return SERVERS[kind].read([], image_settings(kind) | environment)


def is_foreign(kind: str, name: str) -> bool:
    """Return whether a variable is one that the server does not know."""
    field = name.removeprefix(f"JONH_{kind.upper()}_").lower()
    return field not in SERVERS[kind].__dataclass_fields__


# --- compose


@pytest.mark.parametrize("files", COMBINATIONS, ids=lambda files: "+".join(files))
def test_compose_files_fit_each_other(composed: Composed, files: Sequence[str]) -> None:
    """They merge, and every volume and file that a service wants is there."""
    content = composed(*files)
    for name, service in content["services"].items():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            there = (DEPLOY / source).exists() if "/" in source else source in content["volumes"]
            assert there, f"{name}: {source}"
        for port in service.get("ports") or []:
            assert port.startswith("127.0.0.1:"), f"{name} lets others in: {port}"


@pytest.mark.parametrize("files", COMBINATIONS, ids=lambda files: "+".join(files))
@pytest.mark.parametrize("kind", SERVERS)
def test_compose_runs_a_server_as_nobody(
    composed: Composed, files: Sequence[str], kind: str
) -> None:
    """Without root, capabilities or a file system to write to, at this version, with its check."""
    service = composed(*files)["services"][kind]
    assert service["image"] == f"ghcr.io/jonh-assistant/jonh-{kind}:{__version__}"
    assert service["user"] == "1000:1000"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"] == ["/tmp:size=64m"]
    assert service["stop_grace_period"] == "30s"
    text = (ROOT / "addons" / f"jonh_{kind}" / "Dockerfile").read_text("utf-8")
    own = re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", text, re.MULTILINE)
    assert own
    assert service["healthcheck"]["test"] == ["CMD", *yaml.safe_load(own[1])]


@pytest.mark.parametrize("kind", SERVERS)
def test_compose_gives_settings_that_the_server_takes(composed: Composed, kind: str) -> None:
    """Each variable is one of the server's, and what a reader chooses arrives."""
    for files in COMBINATIONS:
        environment = composed(*files, **CHOSEN)["services"][kind]["environment"]
        assert not [name for name in environment if is_foreign(kind, name)]
        given = settings(kind, environment)
        assert (given.model if kind == "stt" else given.voice) in ("small", "chosen")
        assert given.lame_duck == (2.5 if "compose.scale.yaml" in files else 0.0)
    plain = composed("compose.yaml")["services"][kind]["environment"]
    default = SERVERS[kind]()
    wanted = "model" if kind == "stt" else "voice"
    assert getattr(settings(kind, plain), wanted) == getattr(default, wanted)


@pytest.mark.parametrize("kind", SERVERS)
def test_compose_uses_the_ports_of_the_image(composed: Composed, kind: str) -> None:
    """The port a service publishes, and the one HAProxy asks, is the one the image listens on."""
    own = image_settings(kind)
    uri, http_port = own[f"JONH_{kind.upper()}_URI"], own[f"JONH_{kind.upper()}_HTTP_PORT"]
    port = uri.rpartition(":")[2]
    published = composed("compose.yaml")["services"][kind]["ports"]
    assert [one.rpartition(":")[2] for one in published] == [port, http_port]
    scaled = composed("compose.yaml", "compose.scale.yaml")["services"]
    assert not scaled[kind].get("ports")
    assert scaled["haproxy"]["environment"][f"JONH_{kind.upper()}_ADDRESS"] == f"{kind}:{port}"
    assert f"127.0.0.1:{port}:{port}" in scaled["haproxy"]["ports"]
    backend = (DEPLOY / "haproxy.cfg").read_text("utf-8").split(f"\nbackend {kind}\n")[1]
    assert f"check port {http_port} " in backend.partition("\n\n")[0]
    jobs = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    found = {job["job_name"]: job["dns_sd_configs"][0] for job in jobs["scrape_configs"]}
    assert found[f"jonh-{kind}"]["names"] == [kind]
    assert str(found[f"jonh-{kind}"]["port"]) == http_port


# --- Kubernetes


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield all resources with the file they are in."""
    for path in sorted(KUBERNETES.iterdir()):
        if path.name != "kustomization.yaml":
            for resource in yaml.safe_load_all(path.read_text("utf-8")):
                yield path.name, resource


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Return the resources of a kind by their names."""
    return {each["metadata"]["name"]: each for _, each in manifests() if each["kind"] == kind}


@pytest.mark.parametrize(
    ("file", "resource"),
    [
        pytest.param(*each, id=f"{each[1]['kind']}-{each[1]['metadata']['name']}")
        for each in manifests()
    ],
)
def test_manifest_is_valid(file: str, resource: dict[str, Any]) -> None:
    """Kubernetes's own schemas take it, and know every key of it."""
    kubernetes_validate.validate(resource, "1.37", strict=True)
    kustomization = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text("utf-8"))
    assert file in kustomization["resources"]


def test_kustomization_is_complete() -> None:
    """It lists what is there, once, and the images at this version."""
    content = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text("utf-8"))
    there = {path.name for path in KUBERNETES.iterdir()} - {"kustomization.yaml"}
    assert sorted(content["resources"]) == sorted(there)
    images = {image["name"]: image["newTag"] for image in content["images"]}
    used = {
        container["image"]
        for deployment in resources("Deployment").values()
        for container in deployment["spec"]["template"]["spec"]["containers"]
    }
    assert images == dict.fromkeys(used, __version__)


@pytest.mark.parametrize("kind", SERVERS)
def test_pods_are_nobody(kind: str) -> None:
    """What the cluster's strictest standard asks for, and a read-only file system."""
    pod = resources("Deployment")[f"jonh-{kind}"]["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 1000
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounted == {"data": "/data", "tmp": "/tmp"}
    claims = resources("PersistentVolumeClaim")
    assert {
        v["persistentVolumeClaim"]["claimName"] for v in pod["volumes"] if v["name"] == "data"
    } <= set(claims)


@pytest.mark.parametrize("kind", SERVERS)
def test_pods_are_asked_the_right_things(kind: str) -> None:
    """Whether to send work, by the model; whether to kill, by the process alone."""
    deployment = resources("Deployment")[f"jonh-{kind}"]["spec"]
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    pod = deployment["template"]["spec"]
    (container,) = pod["containers"]
    paths = {
        probe: container[probe]["httpGet"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    assert paths == {
        "startupProbe": {"path": "/ready", "port": "http"},
        "readinessProbe": {"path": "/ready", "port": "http"},
        "livenessProbe": {"path": "/health", "port": "http"},
    }
    environment = {each["name"]: each["value"] for each in container["env"]}
    assert not [name for name in environment if is_foreign(kind, name)]
    given = settings(kind, environment)
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"wyoming": int(given.uri.rpartition(":")[2]), "http": given.http_port}
    # It is told to stop, learns nothing new for a while, and finishes what it has.
    assert pod["terminationGracePeriodSeconds"] > given.lame_duck + 25


@pytest.mark.parametrize("kind", SERVERS)
def test_everything_is_about_the_same_pods(kind: str) -> None:
    """Service, budget, network policy and deployment select what the pods are labelled."""
    name, labels = f"jonh-{kind}", {"app.kubernetes.io/name": f"jonh-{kind}"}
    deployment = resources("Deployment")[name]["spec"]
    assert deployment["selector"]["matchLabels"] == labels
    assert deployment["template"]["metadata"]["labels"] == labels
    assert deployment["replicas"] > 1
    (port,) = resources("Service")[name]["spec"]["ports"]
    assert port["targetPort"] == "wyoming"
    assert f":{port['port']}" in image_settings(kind)[f"JONH_{kind.upper()}_URI"]
    assert resources("Service")[name]["spec"]["selector"] == labels
    budget = resources("PodDisruptionBudget")[name]["spec"]
    assert budget == {"minAvailable": 1, "selector": {"matchLabels": labels}}
    policy = resources("NetworkPolicy")["jonh"]["spec"]
    (chosen,) = policy["podSelector"]["matchExpressions"]
    assert name in chosen["values"]


def test_nobody_else_gets_in() -> None:
    """Home Assistant to the one port, Prometheus to the other, each from its own namespace."""
    policy = resources("NetworkPolicy")["jonh"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    ways = {
        way["ports"][0]["port"]: [
            peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
            for peer in way["from"]
            if "namespaceSelector" in peer
        ]
        for way in policy["ingress"]
    }
    assert ways == {"wyoming": ["home-assistant"], "http": ["prometheus"]}
