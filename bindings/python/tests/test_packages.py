"""The packages for C and C++ hosts, and the source archive: what is in them, and that they work by themselves."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from conftest import REPOSITORY

import libpatrol

pytestmark = pytest.mark.long

PACKAGE = REPOSITORY / "bindings" / "c" / "package"
PAGE = REPOSITORY / "bindings" / "c" / "packaging" / "README.md"
DEBIAN = "libpatrol-dev libpatrol0-dbgsym libpatrol-lab0 libpatrol0 patrol-serve"
FILES = "find / -xdev \\( -path /var -o -path /tmp -o -path /etc/ld.so.cache \\) -prune -o -print | sort"


def run(*command: object, **options: object) -> str:
    """Return what a program prints, which must succeed."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return str(done.stdout)


def needs(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not here")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make both kinds of packages, in one folder."""
    needs("swift", "dpkg-shlibdeps")
    folder = tmp_path_factory.mktemp("packages")
    for kind in ("tar", "deb"):
        run(PACKAGE, kind, folder)
    return folder


@pytest.fixture(scope="module")
def unpacked(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the tarball somewhere."""
    (archive,) = out.glob("*.tar.gz")
    place = tmp_path_factory.mktemp("anywhere")
    with tarfile.open(archive) as tar:
        tar.extractall(place, filter="data")
    (prefix,) = place.iterdir()
    return prefix


def test_checksums_hold_for_every_file(out: Path) -> None:
    checked = run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=out)
    assert {line.split(":")[0] for line in checked.splitlines()} == {path.name for path in out.iterdir()} - {
        "SHA256SUMS"
    }


def test_same_sources_give_same_bytes(out: Path, tmp_path: Path) -> None:
    for kind in ("tar", "deb"):
        run(PACKAGE, kind, tmp_path)
    assert (tmp_path / "SHA256SUMS").read_text() == (out / "SHA256SUMS").read_text()


def test_unpacked_anywhere_a_program_is_built_and_runs(unpacked: Path, tmp_path: Path) -> None:
    needs("pkg-config")
    examples, library = unpacked / "share" / "doc" / "libpatrol" / "examples", unpacked / "lib"
    environment = {**os.environ, "PKG_CONFIG_PATH": str(library / "pkgconfig"), "LD_LIBRARY_PATH": str(library)}
    flags = run("pkg-config", "--cflags", "--libs", "libpatrol", env=environment).split()
    run("gcc", examples / "sample.c", "-o", tmp_path / "sample", *flags)
    assert "goes to call" in run(tmp_path / "sample", env=environment)


def test_the_host_is_built_with_cmake_and_loses_nothing(unpacked: Path, tmp_path: Path) -> None:
    needs("cmake")
    source = unpacked / "share" / "doc" / "libpatrol" / "examples" / "host"
    run("cmake", "-S", source, "-B", tmp_path, f"-Dlibpatrol_DIR={unpacked}/lib/cmake/libpatrol")
    run("cmake", "--build", tmp_path)
    assert "nothing was lost" in run(tmp_path / "load_test", 1, 500, 40, cwd=tmp_path)


def test_what_is_inside_is_valid_and_true(unpacked: Path, out: Path) -> None:
    validation = pytest.importorskip("cyclonedx.validation.json")
    schema = pytest.importorskip("cyclonedx.schema")
    text = (unpacked / "share" / "doc" / "libpatrol" / "libpatrol.cdx.json").read_text()
    assert validation.JsonStrictValidator(schema.SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    assert document["metadata"]["component"]["version"] == libpatrol.__version__
    told = {part["name"]: part["hashes"][0]["content"] for part in document["components"] if "hashes" in part}
    files = [path for path in (unpacked / "lib").glob("libpatrol*") if path.is_file() and not path.is_symlink()]
    assert told == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files} and len(told) == 4
    system = {part["name"] for part in document["components"] if part["bom-ref"].startswith("system:")}
    needed = re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-dW", unpacked / "lib" / "libpatrol_lab.so"))
    assert system == set(needed)


def test_lintian_has_nothing_to_say_that_the_page_does_not_explain(out: Path) -> None:
    needs("lintian")
    told = run("lintian", "--fail-on", "none", "--info", "--display-info", "--pedantic", *out.glob("*.deb"))
    tags = set(re.findall(r"^[EWIP]: \S+: ([a-z0-9-]+)", told, re.MULTILINE))
    explained = set(re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert tags <= explained, told


def test_in_a_clean_system_they_install_build_and_go_away(out: Path, tmp_path: Path) -> None:
    needs("debootstrap", "chroot")
    if os.geteuid() != 0:
        pytest.skip("only root may make a system")
    codename = re.findall(r"^VERSION_CODENAME=(\w+)$", Path("/etc/os-release").read_text(), re.MULTILINE)[0]
    system = REPOSITORY / ".build" / f"system-{codename}"
    if not (system / "etc" / "debian_version").exists():
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=gcc,libc6-dev,pkgconf", codename, str(system)],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            shutil.rmtree(system, ignore_errors=True)
            pytest.skip(f"debootstrap could not make a system: {made.stdout.splitlines()[-1:]}")
    clean = tmp_path / "system"
    run("cp", "-a", system, clean)
    for file in out.glob("*.deb"):
        shutil.copy(file, clean / "tmp")

    def inside(words: str) -> str:
        return run(
            "chroot", clean, "/bin/sh", "-ec", words, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
        )

    before = inside(FILES)
    inside("dpkg --install /tmp/*.deb")
    assert inside(f"dpkg --verify {DEBIAN}") == ""
    inside("cd /tmp && cp /usr/share/doc/libpatrol/examples/*.[ch] .")
    inside("cd /tmp && gcc sample.c -o sample $(pkg-config --cflags --libs libpatrol)")
    inside("cd /tmp && gcc simulate.c -o simulate $(pkg-config --cflags --libs libpatrol_lab)")
    inside("cd /tmp && gcc -static sample.c -o sample_static $(pkg-config --static --cflags --libs libpatrol)")
    assert "goes to call" in inside("/tmp/sample") and inside("/tmp/sample") == inside("/tmp/sample_static")
    assert "calls" in inside("/tmp/simulate")
    inside(f"dpkg --purge {DEBIAN}")
    assert inside(FILES) == before


def test_the_source_archive_builds_a_wheel(tmp_path: Path) -> None:
    needs("swift")
    run(REPOSITORY / "bindings" / "python" / "run", "sdist")
    (archive,) = (REPOSITORY / ".build" / "wheel").glob("libpatrol-*.tar.gz")
    pip = REPOSITORY / ".build" / "venv" / "bin" / "pip"
    run(pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, archive)
    (wheel,) = tmp_path.glob(f"libpatrol-{libpatrol.__version__}-py3-none-*.whl")
    run(REPOSITORY / ".build" / "venv" / "bin" / "python", "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", wheel)
    assert (
        run(python, "-c", "import libpatrol; print(libpatrol.__version__)", cwd=tmp_path).strip()
        == libpatrol.__version__
    )
