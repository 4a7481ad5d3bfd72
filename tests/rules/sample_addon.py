"""A small add-on that breaks no rule, for tests that break it."""

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
name: Sample
version: "1.10.0"
slug: jonh_stt
description: Hears.
url: https://example.com/jonh
arch: [amd64, aarch64]
image: ghcr.io/example/jonh-stt
discovery: [wyoming]
ports:
  10300/tcp: null
ingress: true
ingress_port: 10400
panel_icon: mdi:microphone
timeout: 30
tmpfs: true
backup_exclude: ["models/*"]
options:
  model: base
  slots: 2
  words: [Jonh]
schema:
  model: list(tiny|base)
  slots: int(1,8)
  words: ["str(1,40)"]
  beams: int(1,8)?
"""
TRANSLATION = """\
configuration:
  model: {name: Model, description: Which one.}
  slots: {name: Slots, description: How many at once.}
  words: {name: Words, description: What to expect.}
  beams: {name: Beams, description: How carefully.}
network:
  10300/tcp: Wyoming
"""
DOCKERFILE = """\
# Two stages, so that nothing that builds is shipped.
ARG BUILD_FROM=ghcr.io/home-assistant/base-debian:trixie
FROM ${BUILD_FROM} AS build
COPY addons/jonh_stt/requirements.txt /requirements.txt
RUN python3 -m venv /opt/jonh \\
    # in one layer
    && /opt/jonh/bin/pip install --require-hashes --only-binary=:all: -r /requirements.txt

FROM ${BUILD_FROM}
COPY --from=build /opt/jonh /opt/jonh
HEALTHCHECK --interval=30s --start-period=10m CMD ["python", "-m", "wyoming_servers.healthcheck"]
ENTRYPOINT ["python", "-m", "wyoming_servers.container", "stt"]
"""
PROFILE = """\
#include <tunables/global>

profile jonh_stt flags=(attach_disconnected,mediate_deleted) {
  #include <abstractions/base>
  capability setuid,
  network inet stream,
  /data/** rwk,
  /opt/jonh/** mr,
}
"""
DOCKERIGNORE = "*\n!addons/*/requirements.txt\n"
CHANGELOG = "# Changelog\n\n## 1.10.0\n\n- The first.\n"


def write(root: Path) -> Path:
    """Write the add-on below a root; return its folder."""
    folder = root / "addons" / "jonh_stt"
    (folder / "translations").mkdir(parents=True)
    texts = {
        "config.yaml": CONFIG,
        "Dockerfile": DOCKERFILE,
        "apparmor.txt": PROFILE,
        "CHANGELOG.md": CHANGELOG,
        "DOCS.md": "# Sample\n",
        "README.md": "# Sample\n",
        "translations/en.yaml": TRANSLATION,
        "translations/pt-BR.yaml": TRANSLATION,
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    (root / ".dockerignore").write_text(DOCKERIGNORE)
    Image.new("RGB", (128, 128)).save(folder / "icon.png")
    Image.new("RGB", (250, 100)).save(folder / "logo.png")
    return folder
