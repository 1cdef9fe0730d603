import GRDB
import Store
import Testing

@testable import Audit

@Suite struct AuditVerifierTests {
    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let tamper: @Sendable (LogFixture) throws -> Void
        let kinds: [VerificationReport.Problem.Kind]
        let firstWrongIndex: Int?
        /// How the log refuses to open afterwards; nil when opening cannot see it or mends it.
        let opening: AuditError.Code?
    }

    private static func change(_ path: String, at position: Int, bits: UInt8 = 0x10) throws {
        var bytes = try #require(try PrivateFile.read(path))
        bytes[position] ^= bits
        try PrivateFile.write(bytes, to: path)
    }

    static let tamperings = [
        Tampering(
            testDescription: "record changed",
            tamper: {
                try $0.execute(
                    "UPDATE audit_record SET record = replace(record, 'q', 'p') WHERE position = 7")
            },
            kinds: [.recordChanged], firstWrongIndex: 7, opening: nil),
        Tampering(
            testDescription: "record and commitment changed together",
            tamper: { fixture in
                let forged = RecordTable.Prepared(AuditRecord(kind: .release, at: 0, details: [:]))
                try fixture.store().write { db in
                    try db.execute(sql: "DELETE FROM audit_record WHERE position = 300")
                    try RecordTable.insert([forged], at: 300, into: db)
                }
            },
            kinds: [.tileChanged, .rootChanged, .tileChanged], firstWrongIndex: 256, opening: .mismatch),
        Tampering(
            testDescription: "record deleted",
            tamper: { try $0.execute("DELETE FROM audit_record WHERE position = 5") },
            kinds: [.recordMissing, .tileChanged, .tileChanged, .rootChanged], firstWrongIndex: 0,
            opening: .mismatch),
        Tampering(
            testDescription: "records cut",
            tamper: { try $0.execute("DELETE FROM audit_record WHERE position >= 590") },
            kinds: [.truncated], firstWrongIndex: 590, opening: .truncated),
        Tampering(
            testDescription: "tile changed",
            tamper: { try change($0.log + "/tile/0/001", at: 32 * 10) },
            kinds: [.tileChanged], firstWrongIndex: 266, opening: .mismatch),
        Tampering(
            testDescription: "partial tile changed",
            tamper: { try change($0.log + "/tile/0/002.p/88", at: 0) },
            kinds: [.tileChanged], firstWrongIndex: 512, opening: .mismatch),
        Tampering(
            testDescription: "tile missing", tamper: { try PrivateFile.remove($0.log + "/tile/1/000.p/2") },
            kinds: [.tileMissing], firstWrongIndex: nil, opening: nil),
        Tampering(
            testDescription: "checkpoint says 700",
            tamper: { try change($0.log + "/checkpoint", at: $0.origin.utf8.count + 1, bits: 1) },
            kinds: [.checkpointInvalid], firstWrongIndex: nil, opening: .mismatch),
        Tampering(
            testDescription: "checkpoint missing", tamper: { try PrivateFile.remove($0.log + "/checkpoint") },
            kinds: [.checkpointMissing], firstWrongIndex: nil, opening: .checkpointMissing),
    ]

    @Test(arguments: tamperings)
    func tamperingIsFound(_ tampering: Tampering) async throws {
        try await withLog { fixture in
            let log = try fixture.open()
            _ = try await fixture.append(600, to: log)
            _ = try await log.checkpoint()
            #expect(try fixture.verify().isSound)
            try tampering.tamper(fixture)
            let report = try fixture.verify()
            #expect(
                report.problems.map(\.kind).sorted { $0.rawValue < $1.rawValue }
                    == tampering.kinds.sorted { $0.rawValue < $1.rawValue })
            #expect(report.firstWrongIndex == tampering.firstWrongIndex)
            guard let code = tampering.opening else {
                _ = try fixture.open()
                return
            }
            let error = #expect(throws: AuditError.self) { _ = try fixture.open() }
            #expect(error?.code == code)
        }
    }

    @Test func anotherKeyDoesNotVerify() async throws {
        try await withLog { fixture in
            _ = try fixture.open()
            let stranger = LogFixture(directory: fixture.directory)
            let report = try stranger.verify()
            #expect(report.problems.map(\.kind) == [.checkpointInvalid])
            #expect(report.checkpointSize == nil)
        }
    }
}
