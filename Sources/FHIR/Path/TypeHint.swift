/// What is known of a value's FHIR type without a model of FHIR: from the name of a choice element, from the
/// few elements that are dates, from a literal or from a constant. Data types of FHIR R4 and R5.
enum TypeHint: UInt8, CaseIterable, Hashable, Sendable {
    case none
    case base64Binary, boolean, canonical, code, date, dateTime, decimal, id, instant, integer, integer64
    case markdown, oid, positiveInt, string, time, unsignedInt, uri, url, uuid
    case address, age, annotation, attachment, codeableConcept, codeableReference, coding, contactDetail
    case contactPoint, contributor, count, dataRequirement, distance, dosage, duration, expression
    case humanName, identifier, meta, money, parameterDefinition, period, quantity, range, ratio, ratioRange
    case reference, relatedArtifact, sampledData, signature, timing, triggerDefinition, usageContext

    var isTemporal: Bool { self == .date || self == .dateTime || self == .instant || self == .time }

    var isPrimitive: Bool { rawValue <= Self.uuid.rawValue }

    /// As it ends the name of a choice element: `DateTime`, `Quantity`.
    var suffix: String {
        let name = "\(self)"
        return name.prefix(1).uppercased() + name.dropFirst()
    }

    /// As FHIR writes it: `dateTime`, `Quantity`.
    var name: String { isPrimitive ? "\(self)" : suffix }

    private static let named = Dictionary(uniqueKeysWithValues: allCases.dropFirst().map { ($0.name, $0) })

    /// For the name of a FHIR type; nil where there is none.
    init?(type: String) {
        guard let known = Self.named[type] else { return nil }
        self = known
    }

    /// By length: what ends the names of choice elements.
    private static let suffixes: [[(bytes: [UInt8], type: TypeHint)]] = {
        let all = allCases.dropFirst().map { (bytes: Array($0.suffix.utf8), type: $0) }
        return (0...(all.map(\.bytes.count).max() ?? 0)).map { length in
            all.filter { $0.bytes.count == length }
        }
    }()

    /// For the end of a choice element's name; nil where it ends in no type.
    init?(suffix: Tape.Text) {
        guard suffix.count < Self.suffixes.count else { return nil }
        for (bytes, type) in Self.suffixes[suffix.count]
        where bytes.withUnsafeBufferPointer({ $0.hasPrefix(suffix) }) {
            self = type
            return
        }
        return nil
    }

    /// Elements of FHIR R4 and R5 that are of type `date`; every other date there is a `dateTime` or
    /// `instant`.
    /// Source: HL7 FHIR R4, definitions of the resources.
    private static let dateElements: Set<String> = [
        "birthDate", "expirationDate", "statusDate", "paymentDate", "approvalDate", "lastReviewDate",
        "lockedDate",
    ]

    /// What the name of an element tells.
    static func element(_ name: String) -> TypeHint { dateElements.contains(name) ? .date : .none }

    /// Whether a value of this type is one of `type` too. Source: HL7 FHIR R4, "Data Types", hierarchy.
    func isKind(of type: TypeHint) -> Bool {
        if self == type { return true }
        switch self {
        case .code, .id, .markdown: return type == .string
        case .canonical, .oid, .url, .uuid: return type == .uri
        case .positiveInt, .unsignedInt: return type == .integer
        case .age, .count, .distance, .duration: return type == .quantity
        default: return false
        }
    }
}

/// The elements of data types, for values whose type their element's name does not tell.
/// Source: HL7 FHIR R4, "Data Types".
enum DataTypeShape {
    private static let elements: [TypeHint: Set<String>] = [
        .address: [
            "use", "type", "text", "line", "city", "district", "state", "postalCode", "country", "period",
        ],
        .annotation: ["authorReference", "authorString", "time", "text"],
        .attachment: ["contentType", "language", "data", "url", "size", "hash", "title", "creation"],
        .codeableConcept: ["coding", "text"], .codeableReference: ["concept", "reference"],
        .coding: ["system", "version", "code", "display", "userSelected"],
        .contactPoint: ["system", "value", "use", "rank", "period"],
        .humanName: ["use", "text", "family", "given", "prefix", "suffix", "period"],
        .identifier: ["use", "type", "system", "value", "period", "assigner"],
        .money: ["value", "currency"], .period: ["start", "end"],
        .quantity: ["value", "comparator", "unit", "system", "code"], .range: ["low", "high"],
        .ratio: ["numerator", "denominator"],
        .reference: ["reference", "type", "identifier", "display"],
    ]

    static func isKnown(_ type: TypeHint) -> Bool { elements[type] != nil }

    /// Whether an object with such members may be of the type: it has no element that the type has not.
    static func fits(_ members: some Sequence<String>, _ type: TypeHint) -> Bool {
        guard let known = elements[type] else { return false }
        return members.allSatisfy {
            known.contains($0) || $0 == "id" || $0 == "extension"
                || ($0.hasPrefix("_") && known.contains(String($0.dropFirst())))
        }
    }
}
