/// Makes a schema of what was written: names become full names, common types are put in, groups are closed.
struct CedarSchemaResolver {
    private typealias Source = CedarSchemaSource

    private let source: CedarSchemaSource
    private var entityTypes: Set<String> = []
    private var actionTypes: Set<String> = []
    private var commonTypes: [String: (definition: CedarSchemaSource.TypeSource, namespace: String)] = [:]
    private var actions: Set<EntityUID> = []
    private var resolved: [String: (type: CedarType, size: Int, depth: Int)] = [:]
    private var underWay: Set<String> = []
    private var depth = 0

    /// The most parts a type may have once common types are put in.
    private static let largest = 100_000

    static func schema(_ source: CedarSchemaSource) throws(CedarFault) -> CedarSchema {
        var resolver = CedarSchemaResolver(source: source)
        try resolver.collect()
        try resolver.checkShadowing()
        return try resolver.resolve()
    }

    private init(source: CedarSchemaSource) { self.source = source }

    static let builtIn: [String: CedarType] = [
        "Bool": .bool, "Long": .long, "String": .string, "decimal": .decimal, "ipaddr": .ipaddr,
        "datetime": .datetime, "duration": .duration,
    ]

    private static let keywords: Set<String> = [
        "Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String",
    ]

    private static func fault(_ message: String, _ position: CedarPosition?) -> CedarFault {
        CedarFault(.schema, message, at: position)
    }

    static func actionType(_ namespace: String) -> String {
        namespace.isEmpty ? "Action" : namespace + "::Action"
    }

    private mutating func collect() throws(CedarFault) {
        for namespace in source.namespaces {
            for type in namespace.entityTypes {
                guard type.name.name != "Action" else {
                    throw Self.fault("no entity type can be called Action", type.name.position)
                }
                guard entityTypes.insert(namespace.qualified(type.name.name)).inserted else {
                    throw Self.fault("the entity type \(type.name.name) stands twice", type.name.position)
                }
            }
            for type in namespace.commonTypes {
                guard !Self.keywords.contains(type.name.name) else {
                    throw Self.fault("'\(type.name.name)' is a word of schemas", type.name.position)
                }
                let name = namespace.qualified(type.name.name)
                guard commonTypes.updateValue((type.definition, namespace.name), forKey: name) == nil else {
                    throw Self.fault("the type \(type.name.name) stands twice", type.name.position)
                }
            }
            for action in namespace.actions {
                actionTypes.insert(Self.actionType(namespace.name))
                guard actions.insert(EntityUID(Self.actionType(namespace.name), action.id)).inserted else {
                    throw Self.fault(
                        "the action \(CedarEscape.quoted(action.id)) stands twice", action.position)
                }
            }
        }
    }

    /// What stands in no namespace must not be hidden by what stands in one (Cedar RFC 70).
    private func checkShadowing() throws(CedarFault) {
        let names = entityTypes.union(commonTypes.keys)
        for name in names.sorted() where name.contains("::") && names.contains(CedarName.base(name)) {
            throw Self.fault("\(name) hides \(CedarName.base(name)), which stands in no namespace", nil)
        }
        for action in actions
        where action.type != "Action" && actions.contains(EntityUID("Action", action.id)) {
            throw Self.fault("\(action) hides an action that stands in no namespace", nil)
        }
    }

    private mutating func resolve() throws(CedarFault) -> CedarSchema {
        for name in commonTypes.keys.sorted() { _ = try common(name, at: nil) }
        var types: [String: CedarSchema.EntityType] = [:]
        let ancestors = try entityAncestors()
        for namespace in source.namespaces {
            for type in namespace.entityTypes {
                let name = namespace.qualified(type.name.name)
                var tags: CedarType?
                if let source = type.tags { tags = try self.type(source, namespace.name).type }
                types[name] = CedarSchema.EntityType(
                    attributes: try fields(
                        type.shape, namespace.name, "shape of \(name)", type.name.position),
                    ancestors: ancestors[name] ?? [],
                    tags: tags,
                    enumeration: type.enumeration.map { choices in Set(choices.map { CedarText($0) }) })
            }
        }
        return CedarSchema(entityTypes: types, actions: try resolvedActions())
    }

    private mutating func resolvedActions() throws(CedarFault) -> [EntityUID: CedarSchema.Action] {
        let ancestors = try actionAncestors()
        var result: [EntityUID: CedarSchema.Action] = [:]
        for namespace in source.namespaces {
            for action in namespace.actions {
                let uid = EntityUID(Self.actionType(namespace.name), action.id)
                var applies: [[String]] = []
                for names in [action.principals, action.resources] {
                    var types: [String] = []
                    for name in names {
                        let type = try entityType(name, namespace.name)
                        if !types.contains(type) { types.append(type) }
                    }
                    applies.append(types)
                }
                result[uid] = CedarSchema.Action(
                    ancestors: ancestors[uid] ?? [], principals: applies[0], resources: applies[1],
                    context: try fields(
                        action.context, namespace.name, "context of \(uid)", action.position))
            }
        }
        return result
    }

    private mutating func fields(
        _ type: CedarSchemaSource.TypeSource, _ namespace: String, _ what: String, _ position: CedarPosition?
    ) throws(CedarFault) -> [CedarText: CedarType.Field] {
        guard case .record(let fields) = try self.type(type, namespace).type else {
            throw Self.fault("the \(what) is not a record", position)
        }
        return fields
    }

    // MARK: Names

    /// The full names that a name may stand for, nearest first.
    private func candidates(_ name: String, _ namespace: String) -> [String] {
        name.contains("::") || namespace.isEmpty ? [name] : [namespace + "::" + name, name]
    }

    private func entityType(
        _ reference: CedarSchemaSource.Reference, _ namespace: String
    ) throws(CedarFault) -> String {
        for name in candidates(reference.name, namespace) where entityTypes.contains(name) { return name }
        throw CedarFault(
            .unknownType, "there is no entity type \(reference.name)", at: reference.position)
    }

    private mutating func type(
        _ source: CedarSchemaSource.TypeSource, _ namespace: String
    ) throws(CedarFault) -> (type: CedarType, size: Int, depth: Int) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 2 * CedarParser.deepest else {
            throw CedarFault(.tooDeep, "the schema's types are nested too deeply")
        }
        switch source {
        case .known(let type): return (type, 1, 1)
        case .named(let reference, let kind): return try named(reference, kind, namespace)
        case .set(let element):
            let inner = try type(element, namespace)
            return try bounded(.set(inner.type), inner.size + 1, inner.depth + 1)
        case .record(let fields):
            var result: [CedarText: CedarType.Field] = [:]
            var (size, deepest) = (1, 1)
            for (name, field) in fields {
                let inner = try type(field.type, namespace)
                result[name] = CedarType.Field(inner.type, isRequired: field.isRequired)
                (size, deepest) = (size + inner.size, max(deepest, inner.depth + 1))
            }
            return try bounded(.record(result), size, deepest)
        }
    }

    private func bounded(
        _ type: CedarType, _ size: Int, _ depth: Int
    ) throws(CedarFault) -> (type: CedarType, size: Int, depth: Int) {
        guard size <= Self.largest else { throw CedarFault(.tooLarge, "a type of the schema is too large") }
        guard depth <= CedarParser.deepest else {
            throw CedarFault(.tooDeep, "the schema's types are nested too deeply")
        }
        return (type, size, depth)
    }

    private mutating func named(
        _ reference: CedarSchemaSource.Reference, _ kind: CedarSchemaSource.Kind, _ namespace: String
    ) throws(CedarFault) -> (type: CedarType, size: Int, depth: Int) {
        for name in candidates(reference.name, namespace) {
            if kind != .entity, commonTypes[name] != nil { return try common(name, at: reference.position) }
            if kind != .common, entityTypes.contains(name) || actionTypes.contains(name) {
                return (.entity(name), 1, 1)
            }
        }
        if kind != .entity {
            let base =
                reference.name.hasPrefix("__cedar::") ? String(reference.name.dropFirst(9)) : reference.name
            if let type = Self.builtIn[base] { return (type, 1, 1) }
        }
        throw CedarFault(.unknownType, "there is no type \(reference.name)", at: reference.position)
    }

    private mutating func common(
        _ name: String, at position: CedarPosition?
    ) throws(CedarFault) -> (type: CedarType, size: Int, depth: Int) {
        if let known = resolved[name] { return known }
        guard let (definition, namespace) = commonTypes[name], underWay.insert(name).inserted else {
            throw Self.fault("the type \(name) contains itself", position)
        }
        let type = try type(definition, namespace)
        underWay.remove(name)
        resolved[name] = type
        return type
    }

    // MARK: Groups

    private func entityAncestors() throws(CedarFault) -> [String: Set<String>] {
        var parents: [String: Set<String>] = [:]
        for namespace in source.namespaces {
            for type in namespace.entityTypes {
                var names: Set<String> = []
                for parent in type.parents { names.insert(try entityType(parent, namespace.name)) }
                parents[namespace.qualified(type.name.name)] = names
            }
        }
        return Self.closed(parents)
    }

    private func actionAncestors() throws(CedarFault) -> [EntityUID: Set<EntityUID>] {
        var parents: [EntityUID: Set<EntityUID>] = [:]
        for namespace in source.namespaces {
            for action in namespace.actions {
                var uids: Set<EntityUID> = []
                for parent in action.parents {
                    let type = parent.type?.name ?? "Action"
                    let found = candidates(type, namespace.name).map { EntityUID($0, parent.id) }
                        .first(where: actions.contains)
                    guard let found else {
                        throw CedarFault(
                            .unknownAction, "there is no action \(CedarEscape.quoted(parent.id))",
                            at: parent.position)
                    }
                    uids.insert(found)
                }
                parents[EntityUID(Self.actionType(namespace.name), action.id)] = uids
            }
        }
        let closed = Self.closed(parents)
        for (uid, ancestors) in closed where ancestors.contains(uid) {
            throw Self.fault("the action \(uid) is in itself", nil)
        }
        return closed
    }

    private static func closed<Name: Hashable>(_ parents: [Name: Set<Name>]) -> [Name: Set<Name>] {
        parents.mapValues { direct in
            var all = direct
            var open = Array(direct)
            while let next = open.popLast() {
                for parent in parents[next] ?? [] where all.insert(parent).inserted { open.append(parent) }
            }
            return all
        }
    }
}
