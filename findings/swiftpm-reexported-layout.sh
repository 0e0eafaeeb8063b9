#!/usr/bin/env bash
# SwiftPM does not compile a program again when a struct that reaches it through a re-exporting module has grown.
#
# Expected: after a change of a module, swift build compiles every module that was compiled with it, or the build fails.
# Seen: a program, or a test, that imports only Outer, which is `@_exported import Inner`, keeps the old size and offsets of
#   Inner's structs, in debug and release builds alike: the build succeeds, and the program takes other fields for the one
#   that it reads. With --build-system swiftbuild it is compiled again.
# Instead: remove .build before tests that count; or import the module that defines the struct as well.
set -euo pipefail
command -v swift > /dev/null || { echo "needs Swift 6.3.1 on PATH" >&2; exit 1; }
version=$(swift --version 2> /dev/null | grep -o 'Swift version [0-9.]*')
echo "$version"
[ "$version" = "Swift version 6.3.1" ] || { echo "needs Swift 6.3.1 on PATH" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p Sources/Inner Sources/Outer Sources/host
cat > Package.swift <<'END'
// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "host",
    targets: [
        .target(name: "Inner"), .target(name: "Outer", dependencies: ["Inner"]),
        .executableTarget(name: "host", dependencies: ["Outer"]),
    ]
)
END
echo '@_exported import Inner' > Sources/Outer/Outer.swift
cat > Sources/host/main.swift <<'END'
import Outer

let fleet = Fleet(count: 3)
print("\(MemoryLayout<Unit>.stride) bytes, second unit \(fleet.units[1].id)")
END
first() {
    cat > Sources/Inner/Inner.swift << 'END'
public struct Unit {
    public var id: UInt64 = 7
    public var node: Int32 = 3
    public init() {}
}

public final class Fleet {
    public let units: UnsafeMutablePointer<Unit>
    public init(count: Int) {
        units = .allocate(capacity: count)
        units.initialize(repeating: Unit(), count: count)
    }
}
END
}
try() { # BUILD-SYSTEM CONFIGURATION
    local place=(--scratch-path "$1-$2" --build-system "$1" -c "$2")
    first
    swift build "${place[@]}" > log 2>&1 || { tail log >&2; exit 1; }
    sleep 2
    sed -i 's/public var node/public var lateSeconds: Float = 1\n    public var weight: Double = 5\n    &/' Sources/Inner/Inner.swift
    swift build "${place[@]}" > log 2>&1 || { tail log >&2; exit 1; }
    echo "$1 $2: $("$(swift build "${place[@]}" --show-bin-path)/host")"
    sleep 2
}
{ try native release; try native debug; try swiftbuild release; } | tee answers
[ "$(cat answers)" = "native release: 16 bytes, second unit 4617315517961601024
native debug: 16 bytes, second unit 4617315517961601024
swiftbuild release: 32 bytes, second unit 7" ] || { echo "no longer seen: the program knows the new layout" >&2; exit 1; }
