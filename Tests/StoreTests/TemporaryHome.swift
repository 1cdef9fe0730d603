import Core
import Foundation
import Testing

@testable import Store

/// Runs a test in a directory of its own that is removed afterwards.
func withTemporaryDirectory<T>(_ body: (String) async throws -> T) async throws -> T {
    let path = NSTemporaryDirectory() + "/concordat-\(UUID().uuidString)"
    try PrivateFile.makeDirectories(path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// The permission bits of a file or directory.
func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
}

func sampleConfiguration() throws -> NodeConfiguration {
    NodeConfiguration(
        organisation: try #require(OrganisationCode("RJ1")), name: "Guy's \"and\" St Thomas\\: 'é'\n#1",
        roles: [.controller, .witness], listenHost: "0.0.0.0", listenPort: 9443)
}
