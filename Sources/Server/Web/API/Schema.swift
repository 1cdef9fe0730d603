internal import Node

/// The shape of a value of the API: what is published of it (JSON Schema 2020-12, as OpenAPI 3.1 takes it) is what
/// requests are checked against.
indirect enum Schema: Sendable {
    case text(min: Int = 0, max: Int? = nil, pattern: String? = nil)
    case oneOf([String])
    case integer(ClosedRange<Int>? = nil)
    case number
    case boolean
    case array(Schema, max: Int? = nil)
    /// Nothing but these.
    case object([(name: String, schema: Schema)], optional: Set<String> = [])
    /// Any names, with values of one shape.
    case map(Schema)
    case nullable(Schema)
    /// One of `Schemas.named`.
    case named(String)
    case anything

    static let text = Schema.text()
    static let integer = Schema.integer()

    /// As it is published.
    var published: JSONTree {
        switch self {
        case .text(let min, let max, let pattern):
            var members: [String: JSONTree] = ["type": "string"]
            if min > 0 { members["minLength"] = .integer(Int64(min)) }
            if let max { members["maxLength"] = .integer(Int64(max)) }
            if let pattern { members["pattern"] = .text(pattern) }
            return .object(members)
        case .oneOf(let values): return ["type": "string", "enum": .array(values.map(JSONTree.text))]
        case .integer(let range):
            var members: [String: JSONTree] = ["type": "integer"]
            if let range {
                members["minimum"] = .integer(Int64(range.lowerBound))
                members["maximum"] = .integer(Int64(range.upperBound))
            }
            return .object(members)
        case .number: return ["type": "number"]
        case .boolean: return ["type": "boolean"]
        case .array(let element, let max):
            var members: [String: JSONTree] = ["type": "array", "items": element.published]
            if let max { members["maxItems"] = .integer(Int64(max)) }
            return .object(members)
        case .object(let fields, let optional):
            return [
                "type": "object", "additionalProperties": false,
                "properties": .object(
                    Dictionary(fields.map { ($0.name, $0.schema.published) }) { first, _ in first }),
                "required": .array(
                    fields.map(\.name).filter { !optional.contains($0) }.sorted().map(JSONTree.text)),
            ]
        case .map(let value): return ["type": "object", "additionalProperties": value.published]
        case .nullable(let schema): return ["anyOf": [schema.published, ["type": "null"]]]
        case .named(let name): return ["$ref": .text("#/components/schemas/\(name)")]
        case .anything: return [:]
        }
    }

    /// What is wrong with a value: a place (RFC 6901) and words that bear nothing of the value; nil for nothing.
    func fault(in value: JSONTree, at place: String = "") -> (place: String, words: String)? {
        switch (self, value) {
        case (.text(let min, let max, let pattern), .text(let text)):
            let count = text.unicodeScalars.count
            guard count >= min, count <= max ?? .max else {
                return (place, "must have \(min) to \(max.map(String.init) ?? "any number of") characters")
            }
            guard let pattern, let regex = try? Regex(pattern) else { return nil }
            return text.wholeMatch(of: regex) == nil ? (place, "must match \(pattern)") : nil
        case (.oneOf(let values), .text(let text)):
            return values.contains(text) ? nil : (place, "must be one of \(values.joined(separator: ", "))")
        case (.integer(let range), .integer(let number)):
            guard let range, !range.contains(Int(number)) else { return nil }
            return (place, "must be from \(range.lowerBound) to \(range.upperBound)")
        case (.number, .integer), (.number, .number), (.boolean, .boolean), (.anything, _),
            (.nullable, .null):
            return nil
        case (.nullable(let schema), _): return schema.fault(in: value, at: place)
        case (.array(let schema, let max), .array(let elements)):
            guard elements.count <= max ?? .max else { return (place, "has more than \(max ?? 0) elements") }
            for (number, element) in elements.enumerated() {
                if let fault = schema.fault(in: element, at: "\(place)/\(number)") { return fault }
            }
            return nil
        case (.object(let fields, let optional), .object(let members)):
            return Self.fault(fields, optional, members, place)
        case (.map(let schema), .object(let members)):
            return members.lazy.compactMap { schema.fault(in: $1, at: "\(place)/…") }.first
        case (.named(let name), _): return Schemas.named[name]?.fault(in: value, at: place)
        default: return (place, "must be \(words)")
        }
    }

    private static func fault(
        _ fields: [(name: String, schema: Schema)], _ optional: Set<String>, _ members: [String: JSONTree],
        _ place: String
    ) -> (place: String, words: String)? {
        let known = fields.map(\.name)
        guard members.keys.allSatisfy(known.contains) else {
            return (place, "has a member that is not known: there are \(known.joined(separator: ", "))")
        }
        for (name, schema) in fields {
            guard let member = members[name] else {
                if optional.contains(name) { continue }
                return ("\(place)/\(name)", "is missing")
            }
            if let fault = schema.fault(in: member, at: "\(place)/\(name)") { return fault }
        }
        return nil
    }

    private var words: String {
        switch self {
        case .text, .oneOf: "text"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .array: "an array"
        case .object, .map: "an object"
        case .nullable(let schema): schema.words
        case .named, .anything: "another value"
        }
    }
}
