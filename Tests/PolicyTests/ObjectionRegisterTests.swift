import Core
import Foundation
import Store
import Testing

@testable import Policy

@Suite struct ObjectionRegisterTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let flip: @Sendable (Data) throws -> Data = { Data($0.map { $0 ^ 0x55 }) }
    private let path = NSTemporaryDirectory() + "objections-\(UUID().uuidString).sqlite"

    private func register() throws -> ObjectionRegister {
        ObjectionRegister(
            store: try ControlStore(path: path, migrations: ObjectionRegister.migrations), seal: flip,
            open: flip)
    }

    private func person(_ place: Int) throws -> NHSNumber {
        try #require(NHSNumber(["9990000018", "9990000026", "9990000034"][place]))
    }

    private var purposes: PurposeHierarchy {
        get throws { try PolicyEngine(directory: PolicyCasesTests.directory).purposes }
    }

    private func purpose(_ name: String) throws -> Purpose { try #require(Purpose(name)) }

    struct Case: Sendable, CustomTestStringConvertible {
        let scope: Objection.Scope
        let agreement: String
        let purpose: String
        let isCovered: Bool

        var testDescription: String { "\(scope.words) and \(agreement) for \(purpose)" }
    }

    private static func term(_ name: StaticString) -> Objection.Scope {
        guard let purpose = Purpose("\(name)") else { preconditionFailure("not a purpose") }
        return .purpose(purpose)
    }

    static let cases = [
        Case(scope: .all, agreement: "a", purpose: "research", isCovered: true),
        Case(scope: .agreement("a"), agreement: "a", purpose: "research", isCovered: true),
        Case(scope: .agreement("a"), agreement: "b", purpose: "research", isCovered: false),
        Case(scope: term("planning"), agreement: "a", purpose: "planning", isCovered: true),
        Case(scope: term("planning"), agreement: "a", purpose: "commissioning", isCovered: true),
        Case(scope: term("commissioning"), agreement: "a", purpose: "planning", isCovered: false),
        Case(scope: term("research"), agreement: "a", purpose: "disease-research", isCovered: true),
        Case(scope: term("research"), agreement: "a", purpose: "planning", isCovered: false),
        // A term that has left the hierarchy still covers itself.
        Case(scope: term("forgotten"), agreement: "a", purpose: "forgotten", isCovered: true),
    ]

    @Test(arguments: cases) func scopeSaysWhatItIsAbout(_ one: Case) async throws {
        let register = try register()
        _ = try await register.record(try person(0), one.scope, .upheld, reason: "r", at: now)
        let found = try await register.objectors(
            agreement: one.agreement, purpose: try purpose(one.purpose), in: try purposes)
        #expect(found == (one.isCovered ? [9_990_000_018] : []))
    }

    @Test func onlyUpheldOnesCountAndOnlyUntilTheyAreWithdrawn() async throws {
        let register = try register()
        let (all, planning) = (try purposes, try purpose("planning"))
        func objectors() async throws -> [Int64] {
            try await register.objectors(agreement: "a", purpose: planning, in: all)
        }
        _ = try await register.record(try person(1), .all, .declined, reason: "needed", at: now)
        #expect(try await objectors() == [])
        let first = try await register.record(try person(1), .all, .upheld, reason: "on review", at: now)
        let second = try await register.record(
            try person(1), .agreement("a"), .upheld, reason: "r", at: now)
        _ = try await register.record(try person(0), .agreement("a"), .upheld, reason: "r", at: now)
        #expect(try await objectors() == [9_990_000_018, 9_990_000_026])
        _ = try await register.withdraw(first.id, reason: "changed mind", at: now)
        #expect(try await objectors() == [9_990_000_018, 9_990_000_026])
        _ = try await register.withdraw(second.id, reason: "changed mind", at: now)
        #expect(try await objectors() == [9_990_000_018])
        #expect(
            try await register.all().map(\.withdrawal) == [
                nil, .init(at: 1_800_000_000, reason: "changed mind"),
                .init(at: 1_800_000_000, reason: "changed mind"), nil,
            ])
    }

    @Test func whatStandsIsNotRecordedTwiceAndFaultsBearNoNumber() async throws {
        let register = try register()
        let first = try await register.record(try person(2), .all, .upheld, reason: "r", at: now)
        for decision in Objection.Outcome.allCases {
            await #expect(
                throws: ObjectionFault(
                    "objection 1 of this person with this scope is upheld already; "
                        + "withdraw it first if that is to change")
            ) { _ = try await register.record(try person(2), .all, decision, reason: "r", at: now) }
        }
        _ = try await register.withdraw(first.id, reason: "r", at: now)
        await #expect(throws: ObjectionFault("objection 1 is withdrawn already")) {
            _ = try await register.withdraw(first.id, reason: "r", at: now)
        }
        await #expect(throws: ObjectionFault("there is no objection 7: 'concordat objection list' has them"))
        {
            _ = try await register.withdraw(7, reason: "r", at: now)
        }
    }

    /// What a crash would leave: acts without an entry of the log, found again by whoever opens the store next.
    @Test func actsWaitForTheirLogEntryAcrossOpenings() async throws {
        let objection = try await register().record(try person(0), .all, .upheld, reason: "r", at: now)
        let again = try register()
        let waiting = try await again.unlogged()
        #expect(waiting.map(\.objection) == [objection])
        try await again.logged(waiting[0], entry: 12)
        #expect(try await again.unlogged() == [])
        _ = try await again.withdraw(objection.id, reason: "r", at: now)
        #expect(try await again.unlogged().map(\.kind) == [.withdrawn])
        #expect(try await register().all() == again.all())
    }

    @Test func nothingOfAPersonStandsOpenInTheStore() async throws {
        _ = try await register().record(
            try person(0), .all, .upheld, reason: "a reason with words", at: now)
        for suffix in ["", "-wal"] {
            let bytes = FileManager.default.contents(atPath: path + suffix) ?? Data()
            #expect(bytes.range(of: Data("9990000018".utf8)) == nil)
            #expect(bytes.range(of: Data("a reason with words".utf8)) == nil)
        }
    }
}
