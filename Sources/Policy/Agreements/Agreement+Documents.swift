import Core
package import Foundation
import Yams

/// What is wrong with an agreement, by the path of the field.
package struct AgreementFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let field: String
    package let message: String

    package init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }

    package var description: String { "\(field): \(message)" }
}

extension Agreement {
    /// Reads and validates an agreement as a person writes it.
    /// - Throws: `AgreementFault` naming the first field that is missing, unknown or wrong.
    package init(yaml: String) throws {
        do {
            let node = try Yams.compose(yaml: yaml)
            try AgreementFields.check(node)
            self = try YAMLDecoder().decode(Agreement.self, from: yaml)
        } catch let error as DecodingError {
            throw AgreementFault(error)
        } catch let error as YamlError {
            throw AgreementFault("(document)", "not YAML: \(AgreementFields.place(of: error))")
        }
        try validate()
    }

    /// Reads and validates the canonical form.
    package init(canonicalJSON: Data) throws {
        do {
            self = try JSONDecoder().decode(Agreement.self, from: canonicalJSON)
        } catch let error as DecodingError {
            throw AgreementFault(error)
        }
        try validate()
    }

    /// The bytes that are signed: JSON with sorted keys and no blanks; the same agreement, the same bytes.
    package func canonicalJSON() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// - Throws: `AgreementFault` naming the first rule that does not hold.
    package func validate() throws {
        for (field, isRight, message) in rules where !isRight { throw AgreementFault(field, message) }
        try legalContext.validate(actions: actions)
    }

    private var rules: [(field: String, isRight: Bool, message: String)] {
        let isName = { (text: String) in
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy {
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                }
        }
        return [
            ("id", isName(id), "must be 1 to 64 lower-case letters, digits and hyphens"),
            ("version", version >= 1, "must be at least 1"),
            ("title", !title.isEmpty, "must not be empty"),
            ("controllers", !controllers.isEmpty, "must name at least one organisation"),
            ("controllers", Set(controllers).count == controllers.count, "names an organisation twice"),
            ("linker", linker != requester, "must not be the requester"),
            ("linker", !controllers.contains { $0 == linker }, "must not be a controller"),
            (
                "linker", linker != nil || (releaseForm == .site && !actions.contains(.link)),
                "is needed for the action link and the release form merged"
            ),
            ("actions", !actions.isEmpty, "must name at least one action"),
            ("actions", Set(actions).count == actions.count, "names an action twice"),
            (
                "actions", !actions.contains(where: \.isLocal),
                "names an action that a node's own operator takes: no agreement allows it"
            ),
            ("datasets", !datasets.isEmpty, "must name at least one dataset"),
            (
                "datasets.\(datasets.first { $0.value.isEmpty }?.key ?? "")",
                datasets.allSatisfy { !$0.value.isEmpty }, "must name columns, or '*'"
            ),
            ("disclosureProfile", !disclosureProfile.isEmpty, "must name a profile"),
            ("releaseCap", releaseCap.map { $0 > 0 } ?? true, "must be at least 1"),
            ("validUntil", validFrom <= validUntil, "lies before validFrom"),
            (
                "approvers", approvers.allSatisfy { parties.contains($0.organisation) },
                "names an organisation that is not a party"
            ),
        ]
    }
}

extension LegalContext {
    /// - Throws: `AgreementFault` where the ground is not open to a public authority, or does not carry an
    ///   action.
    func validate(actions: [AccessAction]) throws {
        if article6 == .f || article6 == .ea {
            throw AgreementFault(
                "legalContext.article6",
                "\(article6.rawValue) is not open to public authorities in the performance of their tasks")
        }
        if gateway == .impliedConsentDirectCare,
            let action = actions.first(where: { $0 != .readRecord })
        {
            throw AgreementFault(
                "legalContext.gateway", "implied consent for direct care never permits \(action.rawValue)")
        }
        if actions.contains(.link) {
            if gateway == .notConfidential {
                throw AgreementFault(
                    "legalContext.gateway",
                    "link handles confidential patient information: it needs a gateway")
            }
            if references.dpia == nil {
                throw AgreementFault("legalContext.references.dpia", "link needs a DPIA of its own")
            }
        }
        try references.validate()
    }
}

extension LegalContext.References {
    /// Formats: CAG `YY/CAG/NNNN`; DARS `DARS-NIC-nnnnn[n]-XXXXX[-vN.N]`, any case.
    func validate() throws {
        if let cag, cag.wholeMatch(of: /\d{2}\/CAG\/\d{4}/) == nil {
            throw AgreementFault("legalContext.references.cag", "must look like 23/CAG/0123")
        }
        if let dars,
            dars.uppercased().wholeMatch(of: /DARS-NIC-\d{5,6}-[A-Z0-9]{5}(-V\d+\.\d+)?/) == nil
        {
            throw AgreementFault("legalContext.references.dars", "must look like DARS-NIC-123456-A1B2C-v1.0")
        }
    }
}

/// The fields an agreement may have: a misspelt one must not pass for an absent one.
enum AgreementFields {
    static let known: [String: Set<String>] = [
        "": [
            "id", "version", "title", "requester", "controllers", "linker", "purpose", "legalContext",
            "actions", "datasets", "releaseForm", "disclosureProfile", "honour", "releaseCap", "validFrom",
            "validUntil", "approvers",
        ],
        "legalContext": ["article6", "article9", "gateway", "references"],
        "legalContext.references": ["cag", "cagReviewDue", "dars", "dsa", "dpia"],
    ]

    static func check(_ node: Node?, at path: String = "") throws {
        guard let mapping = node?.mapping else {
            throw AgreementFault(path.isEmpty ? "(document)" : path, "must be a mapping of fields")
        }
        guard let fields = known[path] else { return }
        for (key, value) in mapping {
            let name = key.string ?? "?"
            let full = path.isEmpty ? name : "\(path).\(name)"
            guard fields.contains(name) else { throw AgreementFault(full, "is not a field of an agreement") }
            if known[full] != nil { try check(value, at: full) }
        }
    }

    static func place(of error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)"
        default: "it cannot be read"
        }
    }
}

extension AgreementFault {
    /// Names the field; says nothing of its value.
    init(_ error: DecodingError) {
        func path(_ keys: [any CodingKey]) -> String {
            keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): self.init(path(context.codingPath + [key]), "is missing")
        case .valueNotFound(_, let context): self.init(path(context.codingPath), "is empty")
        case .typeMismatch(_, let context): self.init(path(context.codingPath), "is of the wrong kind")
        case .dataCorrupted(let context):
            let field = path(context.codingPath)
            self.init(
                field.isEmpty ? "(document)" : field, "cannot be read: not one of the values allowed here")
        @unknown default: self.init("(document)", "cannot be read")
        }
    }
}
