import Foundation

@testable import Policy

/// The JSON Schema that the fields of an agreement, as the code has them, come to.
enum AgreementSchema {
    static func text() throws -> String {
        var schema = object(AgreementFields.whole)
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["$id"] = "agreement.schema.json"
        schema["title"] = "Data sharing agreement"
        schema["description"] =
            "As a person writes it, in YAML or JSON. The program checks more: dates in order, parties that are no "
            + "parties, datasets and columns that do not exist (concordat agreement check)."
        schema["allOf"] = [linking, exemption]
        let data = try JSONSerialization.data(
            withJSONObject: schema, options: [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// Linking needs a linker, a gateway and an impact assessment of its own.
    private static var linking: [String: Any] { [
        "if": ["properties": ["actions": ["contains": ["const": "link"]]], "required": ["actions"]],
        "then": [
            "required": ["linker"],
            "properties": [
                "legalContext": [
                    "required": ["references"],
                    "properties": [
                        "gateway": ["not": ["const": "notConfidential"]],
                        "references": ["required": ["dpia"]],
                    ],
                ]
            ],
        ],
    ] }

    /// Only CAG sets the national data opt-out aside, under section 251.
    private static var exemption: [String: Any] { [
        "if": [
            "properties": ["exemptions": ["required": ["nationalDataOptOut"]]], "required": ["exemptions"],
        ],
        "then": [
            "properties": [
                "legalContext": [
                    "required": ["references"],
                    "properties": [
                        "gateway": ["enum": ["s251Reg2", "s251Reg5"]], "references": ["required": ["cag"]],
                    ],
                ]
            ]
        ],
    ] }

    private static func object(_ shape: FieldShape) -> [String: Any] {
        switch shape {
        case .text: return ["type": "string", "pattern": "\\S"]
        case .formatted(let form): return ["type": "string", "pattern": form.pattern]
        case .choice(let values, let refused): return ["enum": values.filter { refused[$0] == nil }]
        case .whole(let least): return ["type": "integer", "minimum": least]
        case .date: return ["type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"]
        case .list(let item, let least, let isDistinct):
            var list: [String: Any] = ["type": "array", "items": object(item)]
            if least > 0 { list["minItems"] = least }
            if isDistinct { list["uniqueItems"] = true }
            return list
        case .mapping(let item):
            return [
                "type": "object", "minProperties": 1, "additionalProperties": object(item),
                "propertyNames": ["pattern": "^[A-Za-z_][A-Za-z0-9_]{0,62}$"],
            ]
        case .record(let fields):
            var record: [String: Any] = [
                "type": "object", "additionalProperties": false,
                "properties": Dictionary(
                    uniqueKeysWithValues: fields.map { field in
                        (field.name, object(field.shape).merging(["title": field.words]) { $1 })
                    }),
            ]
            let required = fields.filter(\.isRequired).map(\.name).sorted()
            if !required.isEmpty { record["required"] = required }
            if fields.contains(where: { $0.name == "text" && !$0.isRequired }) {
                record["anyOf"] = [["required": ["reference"]], ["required": ["text"]]]
            }
            return record
        }
    }
}

/// As much of JSON Schema (draft 2020-12, validation) as the schema of an agreement uses.
struct SchemaCheck {
    private static let known: Set<String> = [
        "$schema", "$id", "title", "description", "format", "type", "const", "enum", "pattern", "minimum", "required",
        "properties", "additionalProperties", "propertyNames", "minProperties", "items", "minItems", "uniqueItems",
        "contains", "allOf", "anyOf", "not", "if", "then",
    ]

    /// Whether the value keeps the schema; a keyword that this does not know is a fault of the test.
    static func accepts(_ value: Any, _ schema: Any) throws -> Bool {
        if let isOpen = schema as? Bool { return isOpen }
        guard let schema = schema as? [String: Any], Set(schema.keys).isSubset(of: known) else {
            throw AgreementFault("schema", "has a keyword that the test does not know")
        }
        return try single(value, schema) && object(value, schema) && list(value, schema)
            && combined(value, schema)
    }

    private static func single(_ value: Any, _ schema: [String: Any]) throws -> Bool {
        if let type = schema["type"] as? String, !isOf(type, value) { return false }
        if let only = schema["const"] as? String, value as? String != only { return false }
        if let values = schema["enum"] as? [String], !values.contains(value as? String ?? "\u{0}") {
            return false
        }
        if let text = value as? String, let pattern = schema["pattern"] as? String,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            return false
        }
        if let least = schema["minimum"] as? Int, let number = value as? Int, number < least { return false }
        return true
    }

    private static func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "integer": !(value is String) && (value as? Int) != nil && !(value is [Any])
        default: false
        }
    }

    private static func object(_ value: Any, _ schema: [String: Any]) throws -> Bool {
        guard let object = value as? [String: Any] else { return true }
        let required = schema["required"] as? [String] ?? []
        guard required.allSatisfy({ object[$0] != nil }) else { return false }
        if let least = schema["minProperties"] as? Int, object.count < least { return false }
        let properties = schema["properties"] as? [String: Any] ?? [:]
        for (name, member) in object {
            if let names = schema["propertyNames"], try !accepts(name, names) { return false }
            if let own = properties[name] {
                if try !accepts(member, own) { return false }
            } else if let others = schema["additionalProperties"], try !accepts(member, others) {
                return false
            }
        }
        return true
    }

    private static func list(_ value: Any, _ schema: [String: Any]) throws -> Bool {
        guard let list = value as? [Any] else { return true }
        if let least = schema["minItems"] as? Int, list.count < least { return false }
        if schema["uniqueItems"] as? Bool == true, Set(list.map { "\($0)" }).count < list.count {
            return false
        }
        if let items = schema["items"], try !list.allSatisfy({ try accepts($0, items) }) { return false }
        if let one = schema["contains"], try !list.contains(where: { try accepts($0, one) }) { return false }
        return true
    }

    private static func combined(_ value: Any, _ schema: [String: Any]) throws -> Bool {
        if let all = schema["allOf"] as? [Any], try !all.allSatisfy({ try accepts(value, $0) }) {
            return false
        }
        if let any = schema["anyOf"] as? [Any], try !any.contains(where: { try accepts(value, $0) }) {
            return false
        }
        if let other = schema["not"], try accepts(value, other) { return false }
        if let condition = schema["if"], let then = schema["then"], try accepts(value, condition) {
            return try accepts(value, then)
        }
        return true
    }
}
