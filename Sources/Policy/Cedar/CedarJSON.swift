package import Foundation

/// Entities and values in Cedar's JSON format (without a schema: entities and extension values explicit).
package enum CedarJSON {
    /// An array of `{"uid", "attrs", "parents", "tags"}`.
    /// - Parameter impliedReferences: also take an object of just `type` and `id` for a reference, which
    ///   in Cedar needs a schema that says so.
    package static func entities(_ json: Data, impliedReferences: Bool = false) throws -> CedarEntities {
        let value = { (document: Document) in try Self.value(document, implied: impliedReferences) }
        let items = try JSONDecoder().decode([EntityDocument].self, from: json)
        var entities: [EntityUID: CedarEntities.Entity] = [:]
        for item in items {
            entities[try uid(item.uid)] = CedarEntities.Entity(
                attributes: try (item.attrs ?? [:]).mapValues { try value($0) },
                parents: Set(try (item.parents ?? []).map(uid)),
                tags: try (item.tags ?? [:]).mapValues { try value($0) })
        }
        return CedarEntities(entities)
    }

    /// A record, e.g. a request's context.
    package static func record(_ json: Data) throws -> [String: CedarValue] {
        try JSONDecoder().decode([String: Document].self, from: json).mapValues {
            try value($0, implied: false)
        }
    }

    private struct EntityDocument: Decodable {
        let uid: Document
        let attrs: [String: Document]?
        let parents: [Document]?
        let tags: [String: Document]?
    }

    private indirect enum Document: Decodable {
        case bool(Bool)
        case long(Int64)
        case string(String)
        case array([Document])
        case object([String: Document])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let bool = try? container.decode(Bool.self) {
                self = .bool(bool)
            } else if let long = try? container.decode(Int64.self) {
                self = .long(long)
            } else if let string = try? container.decode(String.self) {
                self = .string(string)
            } else if let array = try? container.decode([Document].self) {
                self = .array(array)
            } else {
                self = .object(try container.decode([String: Document].self))
            }
        }
    }

    private static func uid(_ document: Document) throws -> EntityUID {
        guard case .object(let fields) = document else { throw CedarFault(.type, "not an entity reference") }
        if let inner = fields["__entity"] { return try uid(inner) }
        guard case .string(let type) = fields["type"], case .string(let id) = fields["id"] else {
            throw CedarFault(.type, "not an entity reference")
        }
        return EntityUID(type, id)
    }

    private static func value(_ document: Document, implied: Bool) throws -> CedarValue {
        switch document {
        case .bool(let bool): return .bool(bool)
        case .long(let long): return .long(long)
        case .string(let string): return .string(string)
        case .array(let array): return .set(Set(try array.map { try value($0, implied: implied) }))
        case .object(let fields):
            if let entity = fields["__entity"] { return .entity(try uid(entity)) }
            if implied, fields.count == 2, let uid = try? uid(document) { return .entity(uid) }
            guard case .object(let call) = fields["__extn"] else {
                return .record(try fields.mapValues { try value($0, implied: implied) })
            }
            guard case .string(let name) = call["fn"], let argument = call["arg"] else {
                throw CedarFault(.type, "not an extension value")
            }
            return try CedarExtension.call(
                name, [try value(argument, implied: implied)], at: CedarPosition(line: 1, column: 1))
        }
    }
}
