import Core
import Foundation

@testable import Policy

/// Policies and requests from a seed (SplitMix64, Steele et al. 2014).
struct RandomPolicies: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    private mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }

    private mutating func some<T>(_ values: [T]) -> [T] { values.filter { _ in next() % 2 == 0 } }

    // MARK: policies

    private static let conditions = [
        "context.isSynthetic", "context.columns.contains(\"patient.sex\")",
        "context.columns.contains(\"patient.lsoa\")", "context.codelists.contains(Codelist::\"diabetes\")",
        "context has purpose && context.purpose in Purpose::\"planning\"",
        "principal in Organisation::\"QWE\"",
        "context.columnsAreWithinAgreement", "context has agreement", "principal in Role::\"analyst\"",
        "context.columnClasses.contains(ColumnClass::\"unclassified\")",
        "context.datasets.contains(Dataset::\"patient\")",
        "context.agreement.gateway == \"s251Reg5\"",
        "context.now < datetime(\"2026-03-01\")", "resource == Controller::\"RJ1\"", "principal is User",
        "context.nothing", "context.columns.nothing == 1", "9223372036854775807 + 1 > 0", "principal.age > 3",
    ]

    /// One to six policies with identifiers of their own; more permits than forbids.
    mutating func set() -> [String] {
        (0...below(6)).map { policy(below(4) == 0 ? .forbid : .permit, id: "p\($0)") }
    }

    mutating func policy(_ effect: CedarPolicy.Effect, id: String) -> String {
        let scope = pick([
            "principal, action, resource", "principal is User, action, resource",
            "principal, action == Action::\"aggregate\", resource",
            "principal, action in [Action::\"aggregate\", Action::\"link\"], resource is Controller",
            "principal in Organisation::\"QWE\", action, resource",
            "principal, action, resource == Controller::\"RYJ\"",
        ])
        let clauses = (0..<below(3)).map { _ in
            "\(pick(["when", "when", "unless"])) { \(condition()) }"
        }
        let annotations = effect == .permit ? obligations() : "@reason(\"generated\")"
        let word = effect == .permit ? "permit" : "forbid"
        return "@id(\"\(id)\") \(annotations) \(word) (\(scope)) \(clauses.joined(separator: " "));"
    }

    private mutating func condition() -> String {
        switch below(5) {
        case 0: "\(pick(Self.conditions)) && \(pick(Self.conditions))"
        case 1: "\(pick(Self.conditions)) || \(pick(Self.conditions))"
        case 2: "!(\(pick(Self.conditions)))"
        default: pick(Self.conditions)
        }
    }

    private mutating func obligations() -> String {
        some([
            "@minimum_people(\"\(pick([5, 10, 12, 20]))\")",
            "@profile(\"\(pick(["concordat", "hes-2018"]))\")",
            "@honour(\"\(pick(["national-data-opt-out", "type-1", "type-1, national-data-opt-out"]))\")",
            "@columns(\"\(pick(["patient.*", "patient.sex, condition.*", "patient.sex, patient.lsoa, condition.code"]))\")",
            "@exclude(\"\(pick(["codelist.a", "codelist.b", "codelist.a, codelist.b"]))\")",
            "@valid_until(\"\(pick(["2026-02-01", "2027-01-01"]))\")",
        ]).joined(separator: " ")
    }

    /// The text with bytes changed, left out and doubled.
    mutating func broken(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for _ in 0...below(4) where !bytes.isEmpty {
            let place = below(bytes.count)
            switch below(4) {
            case 0: bytes[place] = UInt8(below(128))
            case 1: bytes.remove(at: place)
            case 2:
                bytes.insert(
                    contentsOf: Array(pick(["(", "}", "\"", "&&", "\\u{", "//", "?principal"]).utf8),
                    at: place)
            default: bytes.append(contentsOf: bytes[place...].prefix(40))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: requests

    /// - Parameter plain: nothing by chance.
    mutating func request(plain: Bool = false, columns: Set<String>? = nil) throws -> AccessRequest {
        let agreement = try Agreement(yaml: AgreementTests.text)
        let hasAgreement = plain || below(8) != 0
        let known = ["patient.sex", "patient.lsoa", "condition.code"]
        return AccessRequest(
            requester: try code(plain ? "QWE" : pick(["QWE", "QWE", "RYJ"])),
            controller: try code(plain ? "RJ1" : pick(["RJ1", "RYJ"])), user: "u",
            roles: plain ? [.analyst] : Set(some(UserRole.allCases)),
            action: plain ? .aggregate : pick([.aggregate, .aggregate, .link, .extract]),
            agreement: hasAgreement
                ? AgreementRecord(agreement: agreement, signers: agreement.parties) : nil,
            statedPurpose: plain ? nil : pick([nil, nil, Purpose("planning"), Purpose("research")]),
            columns: columns ?? (plain ? [] : Set(some(known))),
            codelists: plain ? [] : Set(some(["codelist.diabetes"])), isSynthetic: !plain && below(2) == 0,
            now: try day(plain ? "2026-06-01" : pick(["2026-01-15", "2026-06-01"])))
    }

    /// Facts that nobody means.
    mutating func strangeRequest() throws -> AccessRequest {
        let texts = [
            "", "\u{0}", "é", "e\u{301}", "\"", "\\", "User::\"x\"", "__entity", "*", "patient.*",
            "\u{10FFFF}",
            String(repeating: "a", count: 5_000), "{controller}", "{columns}", "\r\n", "💥",
        ]
        let base = try request()
        return AccessRequest(
            requester: base.requester, controller: base.controller, user: pick(texts), roles: base.roles,
            action: pick(AccessAction.allCases), agreement: base.agreement,
            statedPurpose: pick([nil, Purpose("planning"), Purpose("x")]), columns: Set(some(texts)),
            codelists: Set(some(texts)), isSynthetic: base.isSynthetic, now: base.now)
    }

    private func code(_ text: String) throws -> OrganisationCode {
        guard let code = OrganisationCode(text) else { throw PolicyFault("test", text) }
        return code
    }

    private func day(_ text: String) throws -> Date {
        guard let day = CivilDate(text) else { throw PolicyFault("test", text) }
        return Date(timeIntervalSince1970: Double(day.days) * 86_400 + 3_600)
    }
}
