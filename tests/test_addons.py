"""The add-ons keep the rules of the Supervisor, its linter, and Jonh's own."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.rules import addon_options, addons, breaks, containers, sample_addon
from tests.rules.breaks import Break, Rule, append

ROOT = Path(__file__).parents[1]
STT = "addons/jonh_stt"

RULES: list[Rule] = [
    addons.scan_faults,
    addons.file_faults,
    addons.config_faults,
    addons.translation_faults,
    addons.version_faults,
    containers.context_faults,
    containers.dockerfile_faults,
    containers.profile_faults,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule) -> None:
    """The add-ons have no fault that the rule can find."""
    assert rule(ROOT) == []


def test_both_add_ons_are_there() -> None:
    """What the rules looked at is what the store offers."""
    assert [folder.name for folder in addons.folders(ROOT)] == ["jonh_stt", "jonh_tts"]


@pytest.mark.parametrize("name", ["jonh_stt", "jonh_tts"])
def test_rating_is_the_best(name: str) -> None:
    """The Supervisor shows 8 of 8, and would show less without the profile or the status page."""
    folder = ROOT / "addons" / name
    values = addons.config(folder)
    assert addons.security_rating(values, has_profile=True) == addons.BEST_RATING
    assert addons.security_rating(values, has_profile=False) < addons.BEST_RATING
    published = values | {"ingress": False, "ports": {"10300/tcp": 10300}}
    assert addons.security_rating(published, has_profile=True) == 6


# --- A rule that cannot fail is none: each is broken, in a sample that is sound.


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Write a repository with one sound add-on."""
    sample_addon.write(tmp_path)
    return tmp_path


def replace(file: str, old: str, new: str) -> Break:
    """Return a break that replaces a piece of a file of the add-on."""
    return breaks.replace(f"{STT}/{file}", old, new)


def remove(file: str) -> Break:
    """Return a break that takes a file of the add-on away."""
    return lambda root: (root / STT / file).unlink()


def picture(file: str, width: int, height: int) -> Break:
    """Return a break that draws another picture."""
    return lambda root: Image.new("RGB", (width, height)).save(root / STT / file)


def move_folder(root: Path) -> None:
    """Give the folder another name than the slug."""
    shutil.move(root / STT, root / "addons" / "hearing")


def option(old: str, new: str) -> Break:
    """Return a break of one line of the configuration."""
    return replace("config.yaml", old, new)


CONFIG = addons.config_faults
DOCKER = containers.dockerfile_faults
PROFILE = containers.profile_faults
BROKEN: dict[str, tuple[Rule, Break, str]] = {
    "foreign config": (addons.scan_faults, append("demo/config.yaml", "a: b\n"), "takes it for"),
    "config one level deeper": (
        addons.scan_faults,
        append(f"{STT}/extra/config.json", "{}"),
        "takes it for",
    ),
    "list that breaks the refresh": (
        addons.scan_faults,
        append("wyoming_servers/starter/whisper/config.json", "[1]"),
        "no object",
    ),
    "file missing": (addons.file_faults, remove("DOCS.md"), "DOCS.md is missing"),
    "language missing": (addons.file_faults, remove("translations/pt-BR.yaml"), "pt-BR"),
    "dead file": (addons.file_faults, append(f"{STT}/build.yaml", "a: b\n"), "dead"),
    "icon size": (addons.file_faults, picture("icon.png", 256, 256), "icon.png"),
    "logo size": (addons.file_faults, picture("logo.png", 100, 100), "logo.png"),
    "icon that is none": (
        addons.file_faults,
        lambda root: (root / STT / "icon.png").write_text("x"),
        "icon",
    ),
    "page without a heading": (
        addons.file_faults,
        lambda root: (root / STT / "DOCS.md").write_text("Text\n"),
        "heading",
    ),
    "key twice": (CONFIG, append(f"{STT}/config.yaml", "name: Again\n"), "loads strictly"),
    "required key": (CONFIG, option("description: Hears.\n", ""), "description is missing"),
    "unknown key": (CONFIG, option("name: Sample", "name: Sample\ncolour: red"), "colour"),
    "key says its default": (CONFIG, option("tmpfs: true", "tmpfs: false"), "so anyway"),
    "watchdog": (
        CONFIG,
        option("tmpfs: true", "tmpfs: true\nwatchdog: tcp://[HOST]:10300"),
        "HEALTHCHECK",
    ),
    "init": (CONFIG, option("tmpfs: true", "tmpfs: true\ninit: false"), "init does not"),
    "boot": (CONFIG, option("tmpfs: true", "tmpfs: true\nboot: manual"), "boot does not"),
    "host network": (
        CONFIG,
        option("tmpfs: true", "tmpfs: true\nhost_network: true"),
        "host_network does not",
    ),
    "old machine": (CONFIG, option("aarch64]", "armv7]"), "arch is not"),
    "bare version": (CONFIG, option('"1.10.0"', "1.10"), "not quoted"),
    "version of other form": (CONFIG, option('"1.10.0"', '"1.10"'), "X.Y.Z"),
    "slug and folder": (CONFIG, move_folder, "name of the folder"),
    "tag in the image": (CONFIG, option("/jonh-stt", "/jonh-stt:1"), "image is no plain name"),
    "architecture in the image": (CONFIG, option("/jonh-stt", "/{arch}-jonh-stt"), "plain name"),
    "image of another": (CONFIG, option("/jonh-stt", "/jonh-tts"), "not named like"),
    "image missing": (CONFIG, option("image: ghcr.io/example/jonh-stt\n", ""), "image is missing"),
    "published port": (CONFIG, option("10300/tcp: null", "10300/tcp: 10300"), "publishes a port"),
    "port without protocol": (CONFIG, option("10300/tcp: null", '"10300": null'), "port"),
    "stopped too early": (CONFIG, option("timeout: 30", "timeout: 20"), "timeout"),
    "models in backups": (CONFIG, option("models/*", "cache/*"), "models/*"),
    "no status page": (CONFIG, option("ingress: true\n", ""), "ingress is missing"),
    "writes outside": (CONFIG, option("tmpfs: true", "tmpfs: true\nmap: [share:rw]"), "/data"),
    "rating": (CONFIG, remove("apparmor.txt"), "rating is 7 of 8"),
    "optional with a default": (
        CONFIG,
        option("int(1,8)\n  words", "int(1,8)?\n  words"),
        "optional and has a default",
    ),
    "required without a default": (CONFIG, option("  slots: 2\n", ""), "would not start"),
    "option outside the schema": (CONFIG, option("  slots: 2", "  slots: 2\n  a: 1"), "drops it"),
    "unknown type": (CONFIG, option("int(1,8)?", "integer"), "does not know"),
    "default outside the list": (CONFIG, option("model: base", "model: huge"), "no list"),
    "default outside the range": (CONFIG, option("slots: 2", "slots: 9"), "no int(1,8)"),
    "default of another type": (CONFIG, option("slots: 2", "slots: true"), "no int"),
    "default that is no list": (CONFIG, option("[Jonh]", "Jonh"), "is no list"),
    "element too long": (CONFIG, option("[Jonh]", f"[{'x' * 41}]"), "no str(1,40)"),
    "pattern": (CONFIG, option("int(1,8)?", "match(()?"), "pattern that is none"),
    "too deep": (CONFIG, option("int(1,8)?", '{a: {b: ["str?"]}}'), "deeper than 2"),
    "list of lists": (CONFIG, option('["str(1,40)"]', '[["str?"]]'), "one kind of value"),
    "text missing": (
        addons.translation_faults,
        replace(
            "translations/en.yaml", "  slots: {name: Slots, description: How many at once.}\n", ""
        ),
        "has no slots",
    ),
    "text of nothing": (
        addons.translation_faults,
        append(f"{STT}/translations/en.yaml", "  10400/tcp: Page\n"),
        "which config.yaml has not",
    ),
    "text without description": (
        addons.translation_faults,
        replace("translations/pt-BR.yaml", ", description: Which one.", ""),
        "name and description",
    ),
    "text that is a number": (
        addons.translation_faults,
        replace("translations/en.yaml", "tcp: Wyoming", "tcp: 1"),
        "no text",
    ),
    "section nobody reads": (
        addons.translation_faults,
        append(f"{STT}/translations/en.yaml", "ports: {}\n"),
        "nobody reads ports",
    ),
    "translation that does not load": (
        addons.translation_faults,
        append(f"{STT}/translations/en.yaml", "network: {}\n"),
        "twice",
    ),
    "changelog behind": (addons.version_faults, option("1.10.0", "1.11.0"), "tells of 1.10.0"),
    "base without default": (
        DOCKER,
        replace("Dockerfile", "=ghcr.io/home-assistant/base-debian:trixie", ""),
        "no default",
    ),
    "movable base": (DOCKER, replace("Dockerfile", ":trixie", ":latest"), "latest"),
    "foreign base": (
        DOCKER,
        replace("Dockerfile", "FROM ${BUILD_FROM}\n", "FROM debian:trixie\n"),
        "pinned by digest",
    ),
    "user": (DOCKER, replace("Dockerfile", "HEALTHCHECK", "USER 1000\nHEALTHCHECK"), "USER"),
    "volume": (DOCKER, replace("Dockerfile", "HEALTHCHECK", "VOLUME /x\nHEALTHCHECK"), "VOLUME"),
    "add": (DOCKER, replace("Dockerfile", "COPY --from", "ADD --from"), "ADD"),
    "no hashes": (DOCKER, replace("Dockerfile", "--require-hashes ", ""), "--require-hashes"),
    "sources": (DOCKER, replace("Dockerfile", "--only-binary=:all: ", ""), "--only-binary"),
    "fetched script": (
        DOCKER,
        replace("Dockerfile", "RUN python3 -m venv", "RUN curl https://a | sh && python3 -m venv"),
        "into a shell",
    ),
    "lists of apt": (
        DOCKER,
        replace("Dockerfile", "\nENTRYPOINT", "\nRUN apt-get install -y x\nENTRYPOINT"),
        "lists",
    ),
    "recommends": (
        DOCKER,
        replace("Dockerfile", "\nENTRYPOINT", "\nRUN apt-get install -y x\nENTRYPOINT"),
        "recommends",
    ),
    "shell entry point": (
        DOCKER,
        replace(
            "Dockerfile", '["python", "-m", "wyoming_servers.container", "stt"]', "python -m x"
        ),
        "swallow the signal",
    ),
    "shell command": (
        DOCKER,
        replace("Dockerfile", "\nENTRYPOINT", "\nCMD stt\nENTRYPOINT"),
        "CMD is not a list",
    ),
    "no health": (DOCKER, replace("Dockerfile", "HEALTHCHECK", "LABEL"), "one HEALTHCHECK"),
    "health in a shell": (
        DOCKER,
        replace("Dockerfile", 'CMD ["python", "-m", "wyoming_servers.healthcheck"]', "CMD true"),
        "CMD and a list",
    ),
    "health too early": (
        DOCKER,
        replace("Dockerfile", "--start-period=10m", "--start-period=10s"),
        "start-period",
    ),
    "everything is sent": (
        containers.context_faults,
        breaks.replace(".dockerignore", "*\n!", "!"),
        "begin with *",
    ),
    "copied in vain": (
        containers.context_faults,
        replace("Dockerfile", "\nENTRYPOINT", "\nCOPY scripts /scripts\nENTRYPOINT"),
        "COPY scripts",
    ),
    "profile of another": (
        PROFILE,
        replace("apparmor.txt", "profile jonh_stt", "profile other"),
        "named jonh_stt",
    ),
    "second profile": (
        PROFILE,
        append(f"{STT}/apparmor.txt", "profile more {\n}\n"),
        "holds the profiles",
    ),
    "every capability": (
        PROFILE,
        replace("apparmor.txt", "capability setuid,", "capability,"),
        "`capability,`",
    ),
    "every file": (PROFILE, replace("apparmor.txt", "/data/** rwk", "/** rwk"), "everywhere"),
    "every network": (
        PROFILE,
        replace("apparmor.txt", "network inet stream,", "network,"),
        "`network,`",
    ),
    "complain": (PROFILE, replace("apparmor.txt", "flags=(", "flags=(complain,"), "complain"),
}


@pytest.mark.parametrize(("rule", "spoil", "fault"), BROKEN.values(), ids=BROKEN.keys())
def test_rule_finds_the_fault(rule: Rule, spoil: Break, fault: str, sample: Path) -> None:
    """A sample that is broken in one way is found out."""
    spoil(sample)
    assert fault in "\n".join(rule(sample))


def test_sample_itself_is_sound(sample: Path) -> None:
    """The faults above come from the breaks."""
    assert [fault for rule in RULES for fault in rule(sample)] == []


@pytest.mark.skipif(
    not shutil.which("apparmor_parser", path="/usr/sbin:/sbin"), reason="no AppArmor"
)
def test_apparmor_itself_reads_profiles(sample: Path) -> None:
    """What only AppArmor's parser knows is found where it is installed."""
    replace("apparmor.txt", "/data/** rwk,", "/data/** rwk")(sample)
    assert "apparmor.txt at line 8" in "\n".join(PROFILE(sample))


RATINGS: list[tuple[dict[str, Any], bool, int]] = [
    # The official whisper and piper: no profile, no ingress, no published port.
    ({"ports": {"10300/tcp": None}}, False, 7),
    ({"ports": {"10300/tcp": 10300}}, False, 5),
    ({"ports": {"10300/tcp": 10300}}, True, 6),
    ({"ingress": True}, True, 8),
    ({"ingress": True, "apparmor": False}, True, 6),
    ({"host_network": True}, False, 4),
    ({"host_network": True, "auth_api": True}, False, 5),
    ({"ingress": True, "privileged": ["NET_ADMIN"]}, True, 7),
    ({"ingress": True, "privileged": ["SYS_ADMIN"], "host_uts": True}, True, 6),
    ({"ingress": True, "privileged": ["SYS_NICE"]}, True, 8),
    ({"ingress": True, "kernel_modules": True}, True, 7),
    ({"ingress": True, "hassio_role": "manager"}, True, 7),
    ({"ingress": True, "hassio_role": "admin"}, True, 6),
    ({"ingress": True, "host_pid": True}, True, 6),
    ({"ingress": True, "docker_api": True}, True, 1),
    ({"ingress": True, "full_access": True}, True, 1),
    ({"host_network": True, "host_pid": True, "hassio_role": "admin", "apparmor": False}, False, 1),
]


@pytest.mark.parametrize(("values", "has_profile", "rating"), RATINGS)
def test_rating_follows_the_supervisors_formula(
    values: dict[str, Any], has_profile: bool, rating: int
) -> None:
    """Each term of the formula counts, and the ends hold."""
    assert addons.security_rating(values, has_profile=has_profile) == rating


@pytest.mark.parametrize(
    "kind",
    ["str", "str?", "str(1,)", "int(,8)", "int(-2,8)", "float(0,1.5)?", "bool", "port?", "email",
     "url", "password(8,)", "device", "device(subsystem=tty)", "match(^a|b$)", "list(a|b)?"],
)  # fmt: skip
def test_types_of_the_supervisor_are_known(kind: str) -> None:
    """Each form of a type that the Supervisor takes."""
    assert addon_options.ELEMENT.fullmatch(kind)
    assert not addon_options.ELEMENT.fullmatch(f"{kind}!")
