import Crypto
import Foundation
import GRDB
import Store
import Testing

@testable import Audit

/// A log in a directory of its own, that can be opened again and again.
struct LogFixture {
    let directory: String
    let key = Curve25519.Signing.PrivateKey()
    let origin = "concordat.example/RJ1"

    var log: String { directory + "/tlog" }
    var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }
    var signer: AuditSigner {
        AuditSigner(name: origin, publicKey: publicKey) { [key] in Array(try key.signature(for: $0)) }
    }

    func store() throws -> ControlStore {
        try ControlStore(path: directory + "/control.sqlite", migrations: AuditLog.migrations)
    }

    func open() throws -> AuditLog {
        try AuditLog(directory: log, store: store(), origin: origin, signer: signer)
    }

    func verify() throws -> VerificationReport {
        try AuditVerifier.verify(directory: log, store: store(), origin: origin, publicKey: publicKey)
    }

    /// Appends records at once, so that they share transactions, and returns their entries in order of index.
    func append(_ count: Int, to log: AuditLog) async throws -> [LogEntry] {
        try await withThrowingTaskGroup(of: LogEntry.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await log.append(
                        AuditRecord(kind: .decision, at: Int64(number), details: ["query": "q\(number)"]))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.index < $1.index }
        }
    }

    /// Changes the table behind the log's back.
    func execute(_ sql: String) throws {
        try store().write { try $0.execute(sql: sql) }
    }
}

/// Runs a test on a new log.
func withLog<T>(_ body: (LogFixture) async throws -> T) async throws -> T {
    let path = NSTemporaryDirectory() + "/concordat-\(UUID().uuidString)"
    try PrivateFile.makeDirectories(path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(LogFixture(directory: path))
}

/// A generator whose seed the test prints (SplitMix64, Steele and others 2014).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// The tree head straight from its definition (RFC 6962, 2.1).
func referenceRoot(_ leaves: ArraySlice<TreeHash>) -> TreeHash {
    guard leaves.count > 1 else { return leaves.first ?? .empty }
    var split = 1
    while split * 2 < leaves.count { split *= 2 }
    let middle = leaves.startIndex + split
    return TreeHash.node(referenceRoot(leaves[..<middle]), referenceRoot(leaves[middle...]))
}
