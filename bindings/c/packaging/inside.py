"""What is inside the libraries of an installation, in CycloneDX JSON: from the files, the linker and the compiler.

    python inside.py PREFIX LIBDIR > libpatrol.cdx.json

The document depends on nothing else: the same libraries give the same bytes.
"""

import datetime
import hashlib
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

APACHE = "Apache-2.0"


def output(*command: str) -> str:
    """Return what a program prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def library(path: Path, version: str) -> Component:
    """Return a shared or static library with its checksum."""
    name = path.name.split(".")[0]
    kind = "static" if path.suffix == ".a" else "shared"
    checksum = HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(path.read_bytes()).hexdigest())
    return Component(
        type=ComponentType.LIBRARY,
        name=path.name,
        version=version,
        bom_ref=path.name,
        hashes=[checksum],
        licenses=[LicenseExpression(APACHE)],
        description=f"{name}, {kind}",
    )


def needed(path: Path) -> list[Component]:
    """Return the libraries that the system has to have, each with its oldest sufficient version."""
    names = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", str(path)))
    versions = re.findall(r"GLIBC_([0-9.]+)", output("objdump", "-T", str(path)))
    oldest = max(versions, key=lambda text: [int(part) for part in text.split(".")])
    return [
        Component(
            type=ComponentType.LIBRARY,
            name=name,
            bom_ref=f"system:{name}",
            description=f"of the system's C library, glibc {oldest} or later; not part of the package",
            licenses=[LicenseExpression("LGPL-2.1-or-later")],
        )
        for name in names
    ]


def swift() -> Component:
    """Return the standard library whose parts the compiler puts into Embedded Swift programs."""
    version = re.search(r"Swift version ([0-9.]+)", output("swift", "--version"))
    if version is None:
        raise SystemExit("inside: swift --version tells no version")
    return Component(
        type=ComponentType.LIBRARY,
        name="Swift standard library",
        version=version[1],
        bom_ref="swift",
        purl=PackageURL("github", "swiftlang", "swift", f"swift-{version[1]}-RELEASE"),
        licenses=[LicenseExpression(f"{APACHE} WITH Swift-exception")],
        description="those of its parts that Embedded Swift compiles into the libraries",
    )


def inside(prefix: Path, libdir: Path) -> Bom:
    """Return the document."""
    header = (prefix / "include" / "patrol.h").read_text(encoding="utf-8")
    version = re.findall(r'#define PATROL_VERSION "(.*)"', header)[0]
    abi = re.findall(r"#define PATROL_ABI_VERSION (\d+)u", header)[0]
    files = sorted(path for path in libdir.glob("libpatrol*") if path.is_file() and not path.is_symlink())
    libraries = [library(path, version) for path in files]
    project = Component(
        type=ComponentType.LIBRARY,
        name="libpatrol",
        version=version,
        bom_ref="libpatrol",
        licenses=[LicenseExpression(APACHE)],
        description="Joint police patrol and dispatch decisions",
        properties=[Property(name="libpatrol:abi-version", value=abi)],
    )
    bom = Bom()
    bom.metadata.component = project
    bom.metadata.timestamp = datetime.datetime.fromtimestamp(
        int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc
    )
    compiled_in, system = swift(), {one.name: one for path in files if path.suffix != ".a" for one in needed(path)}
    for component in [*libraries, compiled_in, *system.values()]:
        bom.components.add(component)
    bom.register_dependency(project, libraries)
    for path, component in zip(files, libraries, strict=True):
        asked = [system[one.name] for one in needed(path)] if path.suffix != ".a" else list(system.values())
        bom.register_dependency(component, [compiled_in, *asked])
    digest = "".join(one.content for component in libraries for one in component.hashes)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, digest)
    return bom


def main() -> None:
    """Print the document, if it is valid."""
    text = JsonV1Dot6(inside(Path(sys.argv[1]), Path(sys.argv[2]))).output_as_string(indent=2)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SystemExit(f"inside: the document is not valid CycloneDX: {error}")
    print(text)


if __name__ == "__main__":
    main()
