// swift-tools-version: 6.2
import PackageDescription

/// The settings every Swift target of the house is built with.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A room of the house: a module in `Sources/` with the rooms and libraries it may use.
func room(_ name: String, _ uses: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: uses, exclude: ["README.md"], swiftSettings: house)
}

/// The tests of a room, with the data that stands beside them.
///
/// Data is found by `#filePath`, so whole folders of it are declared as excluded: they are not bundled.
func tests(_ name: String, _ uses: [Target.Dependency], data: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + uses, exclude: data, swiftSettings: house)
}

let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLSEvents = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")

let package = Package(
    name: "concordat",
    products: [.executable(name: "concordat", targets: ["concordat"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // C libraries behind thin shims.
        .target(name: "CDuckDB", exclude: ["README.md"], linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "CODBC", exclude: ["README.md"], linkerSettings: [.linkedLibrary("dl")]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CPgQuery", providers: [.apt(["libpg-query-dev"])]),
        .target(
            name: "CSimdJSON", exclude: ["README.md"],
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("z"), .linkedLibrary("stdc++")]),

        // The rooms, lowest first. A room uses only what its line names.
        room("Core", []),
        room("Store", ["Core", grdb, yaml, configuration, "CSodium"]),
        room("Catalog", ["Core"]),
        room("Statistics", ["Core"]),
        room("PostgresWire", ["Core", crypto]),
        room("Audit", ["Store", "Core", grdb, crypto]),
        room("Disclosure", ["Store", "Core", grdb, crypto]),
        room(
            "Exchange",
            [
                "Store", "Core", grdb, crypto, cryptoExtras, x509, asn1, nioCore, nioHTTP, nioTLS, httpClient,
                "CSodium",
            ]),
        room("FHIR", ["Catalog", "Core", "CSimdJSON"]),
        room("Policy", ["Store", "Core", grdb, yaml]),
        room("Warehouse", ["Catalog", "Core", "CDuckDB", "CODBC", "CPostgreSQL"]),
        room("Query", ["Catalog", "Core", "CPgQuery"]),
        room("Synthesis", ["Catalog", "Core"]),
        room(
            "Node",
            [
                "Query", "Warehouse", "Policy", "FHIR", "Exchange", "Disclosure", "Audit", "Statistics",
                "Catalog", "Store", "Core", "CZlib", crypto, cryptoExtras, grdb, yaml, nioCore, nioHTTP,
                nioTLS, httpClient, jwt, log,
            ]),
        room(
            "Server",
            [
                "Node", "PostgresWire", "Statistics", "Catalog", "Store", "Core", crypto, asn1, hummingbird,
                hummingbirdCore, hummingbirdTLS, nioCore, nioPosix, nioHTTP, nioTLS, nioTLSEvents, x509,
                httpClient, lifecycle, mustache,
                log,
            ]),
        .executableTarget(
            name: "concordat",
            dependencies: [
                "Server", "Node", "Query", "Warehouse", "Policy", "FHIR", "Exchange", "Disclosure",
                "Audit", "PostgresWire", "Statistics", "Catalog", "Store", "Core", "Synthesis",
                arguments, log, lifecycle,
            ],
            exclude: ["README.md"], swiftSettings: house),

        // What several test targets share: a real PostgreSQL of their own, a real Bulk Data server.
        .target(
            name: "TestSupport", dependencies: ["Warehouse", nioCore, nioPosix, nioHTTP, nioTLS, jwt],
            path: "Tests/Support", swiftSettings: house),
        tests("Core", []),
        tests("Store", ["Core", grdb]),
        tests("Catalog", ["Core"]),
        tests("Statistics", ["Core"]),
        tests("PostgresWire", ["Core", crypto]),
        tests("Audit", ["Store", "Core", grdb, crypto]),
        tests("Disclosure", ["Store", "Core", grdb], data: ["Reference"]),
        tests("Exchange", ["Store", "Core", crypto, nioCore, nioPosix, nioHTTP, nioTLS]),
        tests("FHIR", ["Catalog", "Core"]),
        tests("Policy", ["Store", "Core", yaml], data: ["Consent/Golden"]),
        tests("Warehouse", ["TestSupport", "Catalog", "Core"]),
        tests(
            "Node",
            [
                "TestSupport", "Query", "Warehouse", "Policy", "Exchange", "Disclosure", "Audit", "Catalog",
                "Store", "Core", "Synthesis", grdb, log, nioTLS, crypto,
            ], data: ["Introspection/Recorded"]),
        tests(
            "Query", ["Catalog", "Core"],
            data: ["Bind/Cases", "Federate/Golden", "Law/Golden", "Print/Golden"]),
        tests("Synthesis", ["Catalog", "Core"]),
        // Random questions: the federation's parts against pooled DuckDB and pooled PostgreSQL.
        .testTarget(
            name: "DifferentialTests",
            dependencies: [
                "TestSupport", "Node", "Query", "Statistics", "Disclosure", "Warehouse", "Catalog", "Core",
            ],
            swiftSettings: house),
        // The house style, as a test.
        .testTarget(name: "TidyTests", swiftSettings: house),
        // The program as its users meet it: the built binary as real processes, against an oracle.
        .testTarget(
            name: "ConcordatTests",
            dependencies: [
                "concordat", "TestSupport", "Warehouse", "Core",
                arguments,
            ],
            exclude: ["Browser", "Clients", "Oracle"],
            swiftSettings: house),
    ]
)
