/// A type of a schema, or of an expression that the validator has seen.
package indirect enum CedarType: Hashable, Sendable, CustomStringConvertible {
    case bool
    /// Only `true`, or only `false`: what the validator knows of a condition before any request.
    case always(Bool)
    case long
    case string
    case decimal
    case ipaddr
    case datetime
    case duration
    case entity(String)
    case set(CedarType)
    case record([CedarText: Field])

    /// An attribute's type.
    package struct Field: Hashable, Sendable {
        package let type: CedarType
        package let isRequired: Bool

        package init(_ type: CedarType, isRequired: Bool = true) {
            self.type = type
            self.isRequired = isRequired
        }
    }

    var isBool: Bool {
        switch self {
        case .bool, .always: true
        default: false
        }
    }

    var isSet: Bool {
        if case .set = self { return true }
        return false
    }

    /// Whether `<` and its like compare two values of this type.
    var isOrdered: Bool { self == .long || self == .datetime || self == .duration }

    var entityType: String? {
        if case .entity(let name) = self { return name }
        return nil
    }

    /// The extension type's constructor, e.g. `ip` of `ipaddr`.
    var constructor: String? {
        switch self {
        case .decimal: "decimal"
        case .ipaddr: "ip"
        case .datetime: "datetime"
        case .duration: "duration"
        default: nil
        }
    }

    /// The narrowest type that both are, as strict validation has it: no entities of two types, no records of
    /// two shapes.
    func joined(with other: CedarType) -> CedarType? {
        if self == other { return self }
        switch (self, other) {
        case (.bool, .always), (.always, .bool), (.always, .always): return .bool
        case (.set(let a), .set(let b)): return a.joined(with: b).map(CedarType.set)
        case (.record(let a), .record(let b)):
            guard a.count == b.count else { return nil }
            var fields: [CedarText: Field] = [:]
            for (name, field) in a {
                guard let second = b[name], second.isRequired == field.isRequired,
                    let type = field.type.joined(with: second.type)
                else { return nil }
                fields[name] = Field(type, isRequired: field.isRequired)
            }
            return .record(fields)
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .bool: "Bool"
        case .always(let value): value ? "True" : "False"
        case .long: "Long"
        case .string: "String"
        case .decimal: "decimal"
        case .ipaddr: "ipaddr"
        case .datetime: "datetime"
        case .duration: "duration"
        case .entity(let name): name
        case .set(let element): "Set<\(element)>"
        case .record(let fields):
            "{"
                + fields.sorted { $0.key < $1.key }.map { name, field in
                    let written =
                        CedarName.isIdentifier(name.string) ? name.string : CedarEscape.quoted(name.string)
                    return "\(written)\(field.isRequired ? "" : "?"): \(field.type)"
                }.joined(separator: ", ") + "}"
        }
    }
}
