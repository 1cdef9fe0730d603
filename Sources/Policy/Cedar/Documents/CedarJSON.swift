/// Entities and values in Cedar's JSON format.
///
/// With a schema, what it expects is read as that: an object of `type` and `id` as an entity, a string as an
/// address or a date. Without one entities and extension values are explicit.
package enum CedarJSON {
    /// An array of `{"uid", "attrs", "parents", "tags"}`. With a schema its actions are added, and all entities
    /// are checked against it.
    /// - Throws: `CedarFault` at the first thing that is wrong.
    package static func entities(
        _ json: some Sequence<UInt8>, schema: CedarSchema? = nil
    ) throws(CedarFault) -> CedarEntities {
        guard let items = try CedarDocument(json).array else { throw fault("the entities are not a list") }
        var entities: [EntityUID: CedarEntities.Entity] = [:]
        for item in items {
            let (uid, entity) = try self.entity(item, schema)
            if let before = entities.updateValue(entity, forKey: uid), before != entity {
                throw fault("an entity of type \(uid.type) stands twice")
            }
        }
        if let schema { entities.merge(schema.actionEntities) { given, _ in given } }
        let result = CedarEntities(entities)
        for (uid, entity) in result.all where entity.ancestors.contains(uid) {
            throw fault("an entity of type \(uid.type) is its own ancestor")
        }
        try schema?.check(result)
        return result
    }

    private static func entity(
        _ document: CedarDocument, _ schema: CedarSchema?
    ) throws(CedarFault) -> (EntityUID, CedarEntities.Entity) {
        guard let fields = document.object, let uid = fields["uid"], let attributes = fields["attrs"],
            let parents = fields["parents"]?.array
        else { throw fault("an entity needs 'uid', 'attrs' and 'parents'") }
        let name = try self.uid(uid)
        let type = schema?.entityTypes[name.type]
        var above: Set<EntityUID> = []
        for parent in parents { above.insert(try self.uid(parent)) }
        var tags: [CedarText: CedarValue] = [:]
        for (key, tag) in try record(fields["tags"] ?? .object([:]), "tags") {
            tags[key] = try value(tag, expecting: type?.tags)
        }
        return (
            name,
            CedarEntities.Entity(
                attributes: try values(try record(attributes, "attrs"), expecting: type?.attributes),
                parents: above, tags: tags)
        )
    }

    private static func fault(_ message: String) -> CedarFault { CedarFault(.document, message) }

    private static func record(
        _ document: CedarDocument, _ what: String
    ) throws(CedarFault) -> [CedarText: CedarDocument] {
        guard let fields = document.object else { throw fault("'\(what)' is not an object") }
        return fields
    }

    private static func values(
        _ fields: [CedarText: CedarDocument], expecting types: [CedarText: CedarType.Field]?
    ) throws(CedarFault) -> [CedarText: CedarValue] {
        var values: [CedarText: CedarValue] = [:]
        values.reserveCapacity(fields.count)
        for (name, field) in fields { values[name] = try value(field, expecting: types?[name]?.type) }
        return values
    }

    /// A record, e.g. a request's context.
    package static func record(_ json: some Sequence<UInt8>) throws(CedarFault) -> [CedarText: CedarValue] {
        try context(try CedarDocument(json), expecting: nil)
    }

    /// A request's context, read as what the schema says the action's context is.
    package static func requestContext(
        _ document: CedarDocument, action: EntityUID, _ schema: CedarSchema
    ) throws(CedarFault) -> [CedarText: CedarValue] {
        try context(document, expecting: schema.actions[action]?.context)
    }

    /// A request's context, of the type that an action's is.
    static func context(
        _ document: CedarDocument, expecting types: [CedarText: CedarType.Field]?
    ) throws(CedarFault) -> [CedarText: CedarValue] {
        let expected = types.map(CedarType.record)
        guard case .record(let fields) = try value(document, expecting: expected) else {
            throw fault("the context is not an object")
        }
        return fields
    }

    /// `{"type", "id"}`, or that in `__entity`. As in Cedar, other members mean nothing.
    static func uid(_ document: CedarDocument) throws(CedarFault) -> EntityUID {
        if document["__expr"]?.string != nil { throw expression }
        let inner = document["__entity"].flatMap { reference($0) == nil ? nil : $0 } ?? document
        guard let (type, id) = reference(inner), CedarName.isPath(type) else {
            throw fault("not an entity reference")
        }
        return EntityUID(type, id)
    }

    private static let expression = CedarFault(.document, "'__expr' is no longer part of Cedar's JSON")

    private static func reference(_ document: CedarDocument) -> (type: String, id: String)? {
        guard let type = document["type"]?.string, let id = document["id"]?.string else { return nil }
        return (type, id)
    }

    private static func call(_ document: CedarDocument) -> (name: String, arguments: [CedarDocument])? {
        guard let name = document["fn"]?.string else { return nil }
        if let argument = document["arg"] { return (name, [argument]) }
        return document["args"]?.array.map { (name, $0) }
    }

    static func value(
        _ document: CedarDocument, expecting type: CedarType? = nil
    ) throws(CedarFault) -> CedarValue {
        switch (document, type) {
        case (_, .entity): return .entity(try uid(document))
        case (_, let type?) where type.constructor != nil: return try extensionValue(document, type)
        case (.array(let array), .set(let element)): return try set(array, expecting: element)
        case (.object(let fields), .record(let types)): return .record(try values(fields, expecting: types))
        case (.bool(let bool), _): return .bool(bool)
        case (.long(let long), _): return .long(long)
        case (.string(let string), _): return .string(string)
        case (.null, _): throw fault("Cedar has no null")
        case (.array(let array), _): return try set(array, expecting: nil)
        case (.object(let fields), _):
            if fields["__expr"]?.string != nil { throw expression }
            if let inner = fields["__entity"], reference(inner) != nil { return .entity(try uid(document)) }
            if let inner = fields["__extn"], let (name, arguments) = call(inner) {
                return try extensionCall(name, arguments)
            }
            return .record(try values(fields, expecting: nil))
        }
    }

    private static func set(_ array: [CedarDocument], expecting type: CedarType?) throws(CedarFault)
        -> CedarValue
    {
        var members: Set<CedarValue> = []
        for item in array { members.insert(try value(item, expecting: type)) }
        return .set(members)
    }

    /// What stands where a schema expects a value of an extension type: a call, or just its text.
    private static func extensionValue(_ document: CedarDocument, _ type: CedarType) throws(CedarFault)
        -> CedarValue
    {
        if document["__expr"]?.string != nil { throw expression }
        if let inner = document["__extn"], let (name, arguments) = call(inner) {
            return try extensionCall(name, arguments)
        }
        if let (name, arguments) = call(document) { return try extensionCall(name, arguments) }
        return try extensionCall(type.constructor ?? "", [document])
    }

    private static func extensionCall(_ name: String, _ arguments: [CedarDocument]) throws(CedarFault)
        -> CedarValue
    {
        var values: [CedarValue] = []
        for argument in arguments { values.append(try value(argument)) }
        return try CedarExtension.call(name, values, at: CedarPosition(line: 1, column: 1))
    }
}
