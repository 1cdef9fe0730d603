// swift-tools-version: 6.2
import PackageDescription

// Cedar as the node has it (links to its folders), and a program that times it. Nothing else is built.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "concordat",
    targets: [
        .target(name: "Core", exclude: ["README.md"], swiftSettings: house),
        .target(name: "Policy", dependencies: ["Core"], swiftSettings: house),
        .executableTarget(name: "decide", dependencies: ["Policy"], swiftSettings: house),
    ])
