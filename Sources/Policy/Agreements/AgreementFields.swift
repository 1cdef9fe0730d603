import Core

/// What one field of an agreement may hold, as data: what reads YAML, finds faults, compares versions and prints goes
/// by it, and `Schemas/agreement.schema.json` is kept equal to it by a test.
indirect enum FieldShape: Hashable, Sendable {
    case text
    /// A text of a form that a test decides; the pattern is the same in the dialect of JSON Schema.
    case formatted(TextForm)
    /// One of these; those that are `refused` are known, and why they are not taken is said.
    case choice([String], refused: [String: String] = [:])
    /// At least this.
    case whole(from: Int)
    case date
    case list(of: FieldShape, least: Int = 0, isDistinct: Bool = false)
    /// Names of the writer's own, each with such a value.
    case mapping(of: FieldShape)
    case record([AgreementField])
}

/// One field of a record.
struct AgreementField: Hashable, Sendable {
    let name: String
    /// What people call it.
    let words: String
    let isRequired: Bool
    let shape: FieldShape

    init(_ name: String, _ words: String, _ shape: FieldShape, isRequired: Bool = false) {
        self.name = name
        self.words = words
        self.isRequired = isRequired
        self.shape = shape
    }

    static func required(_ name: String, _ words: String, _ shape: FieldShape) -> AgreementField {
        AgreementField(name, words, shape, isRequired: true)
    }
}

/// Texts with a form: how it is written as a pattern, and in words.
enum TextForm: String, Hashable, Sendable, CaseIterable {
    case name
    case organisation
    case cag
    case dars
    case column

    /// ECMA-262, anchored.
    var pattern: String {
        switch self {
        case .name: "^[a-z0-9-]{1,64}$"
        case .organisation: "^[A-Z0-9]{3,10}$"
        case .cag: "^[0-9]{2}/CAG/[0-9]{4}$"
        case .dars:
            "^[Dd][Aa][Rr][Ss]-[Nn][Ii][Cc]-[0-9]{5,6}-[A-Za-z0-9]{5}(-[Vv][0-9]+\\.[0-9]+)?$"
        case .column: "^(\\*|[A-Za-z_][A-Za-z0-9_]{0,62})$"
        }
    }

    var words: String {
        switch self {
        case .name: "must be 1 to 64 lower-case letters, digits and hyphens"
        case .organisation: "cannot be read: not an ODS code, 3 to 10 upper-case letters and digits"
        case .cag: "must look like 23/CAG/0123"
        case .dars: "must look like DARS-NIC-123456-A1B2C-v1.0"
        case .column: "must be the name of a column, or '*'"
        }
    }

    func matches(_ text: String) -> Bool {
        switch self {
        case .name: text.wholeMatch(of: /[a-z0-9-]{1,64}/) != nil
        case .organisation: OrganisationCode(text) != nil
        case .cag: text.wholeMatch(of: /[0-9]{2}\/CAG\/[0-9]{4}/) != nil
        case .dars:
            text.uppercased().wholeMatch(of: /DARS-NIC-[0-9]{5,6}-[A-Z0-9]{5}(-V[0-9]+\.[0-9]+)?/) != nil
                && text.utf8.allSatisfy { $0 < 0x80 }
        case .column: text.wholeMatch(of: /\*|[A-Za-z_][A-Za-z0-9_]{0,62}/) != nil
        }
    }
}

/// The fields of an agreement, in the order in which people read them.
enum AgreementFields {
    static let whole = FieldShape.record(head + legal + terms + approval)

    /// Path of a record -> its fields; that of the agreement itself is empty.
    static let known = known(whole, at: "")

    private static func known(_ shape: FieldShape, at path: String) -> [String: Set<String>] {
        guard case .record(let fields) = shape else { return [:] }
        return fields.reduce(into: [path: Set(fields.map(\.name))]) { result, field in
            let full = path.isEmpty ? field.name : "\(path).\(field.name)"
            result.merge(known(field.shape, at: full)) { first, _ in first }
        }
    }

    private static let organisation = FieldShape.formatted(.organisation)

    private static func names<T: RawRepresentable & CaseIterable>(_ type: T.Type) -> [String]
    where T.RawValue == String {
        T.allCases.map(\.rawValue)
    }

    private static let head: [AgreementField] = [
        .required("id", "name", .formatted(.name)),
        AgreementField("version", "version", .whole(from: 1)),
        .required("title", "title", .text),
        .required("requester", "requester", organisation),
        .required("controllers", "controllers", .list(of: organisation, least: 1, isDistinct: true)),
        AgreementField("linker", "linker", organisation),
        .required("purpose", "purpose", .formatted(.name)),
        AgreementField("purposeText", "purpose in words", .text),
        AgreementField(
            "fiveSafes", "Five Safes",
            .record([
                .required("project", "safe project", .text), .required("people", "safe people", .text),
                .required("settings", "safe settings", .text), .required("data", "safe data", .text),
                .required("outputs", "safe outputs", .text),
            ])),
    ]

    private static let legal: [AgreementField] = [
        .required(
            "legalContext", "legal context",
            .record([
                .required(
                    "article6", "UK GDPR Article 6(1)",
                    .choice(
                        names(LegalContext.Article6.self),
                        refused: ["f": LegalContext.notForAuthorities, "ea": LegalContext.notForAuthorities])),
                .required("article9", "UK GDPR Article 9(2)", .choice(names(LegalContext.Article9.self))),
                .required("gateway", "confidentiality gateway", .choice(names(LegalContext.Gateway.self))),
                AgreementField("dpa2018Schedule1", "Data Protection Act 2018, Schedule 1", .text),
                AgreementField(
                    "references", "references",
                    .record([
                        AgreementField("cag", "Confidentiality Advisory Group", .formatted(.cag)),
                        AgreementField("cagReviewDue", "CAG's annual review due", .date),
                        AgreementField("dars", "Data Access Request Service", .formatted(.dars)),
                        AgreementField("dsa", "data sharing agreement on paper", .text),
                        AgreementField("dpia", "data protection impact assessment", .text),
                    ])),
            ])),
        AgreementField(
            "dpia", "impact assessment",
            .record([
                .required("title", "title", .text), AgreementField("reference", "reference", .text),
                AgreementField("text", "text", .text),
            ])),
        AgreementField(
            "exemptions", "exemptions",
            .record([
                AgreementField(
                    "nationalDataOptOut", "from the national data opt-out",
                    .record([.required("reason", "reason", .text), .required("cagFlow", "flow", .text)])),
                AgreementField("withoutNHSNumber", "people without an NHS number", .text),
            ])),
    ]

    private static let terms: [AgreementField] = [
        .required(
            "actions", "actions",
            .list(
                of: .choice(
                    names(AccessAction.self),
                    refused: Dictionary(
                        uniqueKeysWithValues: AccessAction.allCases.filter(\.isLocal).map {
                            ($0.rawValue, "is what a node's own operator does: no agreement allows it")
                        })), least: 1, isDistinct: true)),
        .required(
            "datasets", "datasets and columns",
            .mapping(of: .list(of: .formatted(.column), least: 1, isDistinct: true))),
        AgreementField("releaseForm", "release form", .choice(names(ReleaseForm.self))),
        AgreementField("disclosureProfile", "disclosure profile", .text),
        AgreementField(
            "honour", "opt-outs honoured beyond the law",
            .list(of: .choice(names(OptOutScheme.self)), isDistinct: true)),
        AgreementField("releaseCap", "most questions answered by each controller", .whole(from: 1)),
        AgreementField(
            "cadence", "how often",
            .record([
                AgreementField(
                    "questions", "questions",
                    .record([
                        .required("most", "at most", .whole(from: 1)),
                        .required("per", "in any", .choice(names(Agreement.Period.self))),
                    ])),
                AgreementField(
                    "snapshots", "data published anew at least every",
                    .choice(names(Agreement.Period.self))),
            ])),
        AgreementField("pendingReview", "first releases that wait for a person", .whole(from: 1)),
        AgreementField("examples", "example questions", .list(of: .text)),
    ]

    private static let approval: [AgreementField] = [
        .required("validFrom", "first day", .date), .required("validUntil", "last day", .date),
        AgreementField("reviewDate", "review due", .date),
        AgreementField(
            "approvers", "approvers",
            .list(
                of: .record([
                    .required("organisation", "organisation", organisation),
                    .required("role", "role", .choice(names(Agreement.Approver.Role.self))),
                    .required("name", "name", .text), AgreementField("date", "date", .date),
                ]))),
    ]
}
