// swift-tools-version: 6.3
import PackageDescription

/// Engine targets compile twice: as ordinary Swift (tests, Swift users) and, with the trait
/// `Embedded`, as Embedded Swift (the shipped shared library, which needs only libc and libm).
let engineSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableExperimentalFeature("Embedded", .when(traits: ["Embedded"])),
]

func engine(_ name: String, _ dependencies: [Target.Dependency] = [], pages: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: ["README.md"] + pages, swiftSettings: engineSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: [.swiftLanguageMode(.v6)])
}

let package = Package(
    name: "libpatrol",
    products: [
        .library(name: "patrol", type: .dynamic, targets: ["PatrolABI"]),
        .library(name: "patrol_lab", type: .dynamic, targets: ["PatrolABI", "PatrolLabABI"]),
        // For Swift programs: `import Patrol`.
        .library(name: "Patrol", targets: ["Patrol"]),
        // For hosts in other processes.
        .executable(name: "patrol-serve", targets: ["PatrolServe"]),
    ],
    traits: [.trait(name: "Embedded", description: "Compile the engine as Embedded Swift, as it is shipped.")],
    targets: [
        // Embedded Swift's hash tables call `ceil` and do not name the library that has it.
        .target(
            name: "CKernels", exclude: ["README.md"],
            cSettings: [.define("PATROL_EMBEDDED", .when(traits: ["Embedded"]))],
            linkerSettings: [.linkedLibrary("m")]),
        .systemLibrary(name: "CPatrol", path: "include"),
        engine("PatrolModel", ["CKernels"], pages: ["Routing.md"]),
        engine(
            "PatrolFiles", ["CKernels", "PatrolModel", "PatrolNetworks"],
            pages: ["Formats.md", "Container.md", "Records.md"]),
        engine("PatrolNetworks", ["CKernels", "PatrolModel"]),
        engine(
            "PatrolDecisions", ["CKernels", "PatrolNetworks", "PatrolModel"], pages: ["Features.md", "Policies.md"]),
        engine("PatrolSimulation", ["CKernels", "PatrolModel", "PatrolDecisions"], pages: ["Simulation.md"]),
        engine(
            "PatrolTraining",
            ["CKernels", "PatrolModel", "PatrolNetworks", "PatrolFiles", "PatrolDecisions", "PatrolSimulation"],
            pages: ["Training.md"]),
        engine(
            "Patrol",
            ["PatrolModel", "PatrolFiles", "PatrolNetworks", "PatrolDecisions", "PatrolSimulation", "PatrolTraining"]),
        engine(
            "PatrolABI", ["CPatrol", "CKernels", "PatrolModel", "PatrolFiles", "PatrolNetworks", "PatrolDecisions"]),
        engine(
            "PatrolLabABI",
            [
                "CPatrol", "PatrolABI", "PatrolModel", "PatrolFiles", "PatrolDecisions", "PatrolSimulation",
                "PatrolTraining",
            ]),
        .target(name: "CServe"),
        // Without the setting for Embedded Swift, which would also be used where the program is linked as ordinary Swift:
        // bindings/c/install gives it on the command line.
        .executableTarget(
            name: "PatrolServe",
            dependencies: ["CPatrol", "CKernels", "CServe", "PatrolABI", "PatrolFiles", "PatrolModel"],
            exclude: ["README.md", "Serve.md"], swiftSettings: [.swiftLanguageMode(.v6)]),
        // Cities and snapshots that several of the tests need.
        .target(
            name: "TestSupport", dependencies: ["PatrolModel", "PatrolNetworks", "PatrolDecisions"],
            path: "Tests/Support",
            swiftSettings: [.swiftLanguageMode(.v6)]),
        tests("CKernelsTests", ["CKernels", "PatrolModel"]),
        tests("PatrolModelTests", ["PatrolModel", "TestSupport"]),
        tests("PatrolNetworksTests", ["PatrolNetworks", "PatrolModel"]),
        tests("PatrolFilesTests", ["PatrolFiles", "PatrolModel", "PatrolNetworks"]),
        tests("PatrolDecisionsTests", ["CKernels", "PatrolDecisions", "PatrolModel", "PatrolNetworks", "TestSupport"]),
        tests("PatrolSimulationTests", ["PatrolSimulation", "PatrolDecisions", "PatrolModel", "TestSupport"]),
        tests(
            "PatrolTrainingTests",
            [
                "PatrolTraining", "PatrolSimulation", "PatrolDecisions", "PatrolFiles", "PatrolNetworks", "PatrolModel",
                "TestSupport",
            ]),
        tests("PatrolTests", ["Patrol"]),
        tests("PatrolServeTests", ["PatrolServe", "PatrolFiles", "PatrolModel", "CKernels"]),
    ]
)
