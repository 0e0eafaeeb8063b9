#!/usr/bin/env bash
# SwiftPM links a program as Embedded Swift even where the condition of that setting is not met.
#
# Expected: .enableExperimentalFeature("Embedded", .when(traits: ["Embedded"])) does nothing while the trait is off.
# Seen: the sources are compiled as ordinary Swift, but swift build passes the feature to the link of the program (or of a
#   dynamic library). The link leaves out swiftrt.o, which registers types and conformances with the runtime, and the path
#   to the runtime: the program starts only with LD_LIBRARY_PATH, and its casts to protocols fail without an error. So it
#   is with conditions on platforms and configurations. The settings of targets that the product depends on do not count.
# Instead: --build-system swiftbuild; or no such setting on the product's own targets, and for the Embedded build
#   -Xswiftc -enable-experimental-feature -Xswiftc Embedded.
set -euo pipefail
command -v swift > /dev/null || { echo "needs Swift 6.3.1 on PATH" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p Sources/probe
cat > Package.swift <<'END'
// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "probe",
    traits: [.trait(name: "Embedded")],
    targets: [
        .executableTarget(
            name: "probe", swiftSettings: [.enableExperimentalFeature("Embedded", .when(traits: ["Embedded"]))])
    ]
)
END
cat > Sources/probe/main.swift <<'END'
protocol Dispatched {}
struct Unit: Dispatched {}

let value: Any = Unit()
#if hasFeature(Embedded)
print("compiled as Embedded Swift")
#else
print("compiled as ordinary Swift, a Unit is Dispatched:", value is any Dispatched)
#endif
END

version=$(swift --version 2> /dev/null | grep -o 'Swift version [0-9.]*')
echo "$version"
[ "$version" = "Swift version 6.3.1" ] || { echo "needs Swift 6.3.1 on PATH" >&2; exit 1; }
libraries=$(swift -print-target-info |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["paths"]["runtimeLibraryPaths"][0])')

build() {
    swift build --scratch-path "$1" --build-system "$1" --verbose > "$1.log" 2>&1 || { tail "$1.log" >&2; exit 1; }
    echo "$1: $(LD_LIBRARY_PATH=$libraries "$(swift build --scratch-path "$1" --build-system "$1" --show-bin-path)/probe")"
}

build native | tee answers
build swiftbuild | tee -a answers
# The linker's line names the object file; the line before it, which is swiftc's, has the feature.
feature=$(grep -c -e ' -emit-executable .* -enable-experimental-feature Embedded' native.log) || true
runtime=$(grep -e '/main.swift.o .*-o ' native.log | grep -c 'swiftrt\.o') || true
echo "native's link: with the feature $feature, with swiftrt.o $runtime" | tee -a answers
ordinary="compiled as ordinary Swift, a Unit is Dispatched:"
[ "$(cat answers)" = "native: $ordinary false
swiftbuild: $ordinary true
native's link: with the feature 1, with swiftrt.o 0" ] || { echo "no longer seen: the cast or the link is right" >&2; exit 1; }
