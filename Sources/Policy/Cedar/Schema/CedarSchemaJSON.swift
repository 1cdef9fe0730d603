/// Reads a schema in JSON (Cedar reference, "JSON schema format").
enum CedarSchemaJSON {
    private typealias Source = CedarSchemaSource
    private typealias Fields = [CedarText: CedarDocument]

    static func source(of document: CedarDocument) throws(CedarFault) -> CedarSchemaSource {
        var source = Source()
        for (name, content) in try fields(document, "the schema").sorted(by: { $0.key < $1.key }) {
            if !name.string.isEmpty { try checkPath(name.string) }
            source.namespaces.append(try namespace(name.string, content))
        }
        return source
    }

    private static func fault(_ message: String) -> CedarFault { CedarFault(.document, message) }

    /// The members of an object, none but those that are allowed.
    private static func fields(
        _ document: CedarDocument, _ what: String, only allowed: Set<CedarText>? = nil
    ) throws(CedarFault) -> [CedarText: CedarDocument] {
        guard let fields = document.object else { throw fault("\(what) is not an object") }
        if let allowed, let unknown = fields.keys.sorted().first(where: { !allowed.contains($0) }) {
            throw fault("\(what) has an unknown member '\(unknown)'")
        }
        return fields
    }

    private static func checkPath(_ name: String) throws(CedarFault) {
        guard CedarName.isPath(name) else { throw fault("'\(name)' is not a name") }
    }

    /// A name of a type, which may begin with `__cedar`.
    private static func typeName(_ document: CedarDocument, _ what: String) throws(CedarFault)
        -> Source.Reference
    {
        guard let name = document.string else { throw fault("\(what) is not a name") }
        try checkPath(name.hasPrefix("__cedar::") ? String(name.dropFirst(9)) : name)
        return Source.Reference(name: name, position: nil)
    }

    private static func checkAnnotations(_ document: CedarDocument?) throws(CedarFault) {
        guard let document else { return }
        for (name, value) in try fields(document, "annotations") {
            guard CedarName.isIdentifier(name.string), value.string != nil || value == .null else {
                throw fault("'\(name)' is not an annotation")
            }
        }
    }

    private static func namespace(_ name: String, _ document: CedarDocument) throws(CedarFault)
        -> Source.Namespace
    {
        let what = name.isEmpty ? "the empty namespace" : "the namespace \(name)"
        let content = try fields(
            document, what, only: ["entityTypes", "actions", "commonTypes", "annotations"])
        try checkAnnotations(content["annotations"])
        if name.isEmpty, content["annotations"] != nil { throw fault("\(what) cannot have annotations") }
        guard let types = content["entityTypes"], let actions = content["actions"] else {
            throw fault("\(what) needs 'entityTypes' and 'actions'")
        }
        var namespace = Source.Namespace(name: name, position: nil)
        for (name, type) in try fields(types, "entityTypes").sorted(by: { $0.key < $1.key }) {
            namespace.entityTypes.append(try entityType(name.string, type))
        }
        for (name, action) in try fields(actions, "actions").sorted(by: { $0.key < $1.key }) {
            namespace.actions.append(try self.action(name.string, action))
        }
        guard let common = content["commonTypes"] else { return namespace }
        for (name, definition) in try fields(common, "commonTypes").sorted(by: { $0.key < $1.key }) {
            guard CedarName.isPath(name.string), !name.string.contains("::") else {
                throw fault("'\(name)' is not a name")
            }
            namespace.commonTypes.append(
                Source.CommonType(
                    name: Source.Reference(name: name.string, position: nil),
                    definition: try type(definition, "the type \(name)", extra: ["annotations"])))
        }
        return namespace
    }

    private static func entityType(_ name: String, _ document: CedarDocument) throws(CedarFault)
        -> Source.EntityType
    {
        let what = "the entity type \(name)"
        guard CedarName.isPath(name), !name.contains("::") else { throw fault("'\(name)' is not a name") }
        let content = try fields(
            document, what, only: ["memberOfTypes", "shape", "tags", "enum", "annotations"])
        try checkAnnotations(content["annotations"])
        var type = Source.EntityType(name: Source.Reference(name: name, position: nil))
        if let choices = content["enum"] {
            guard let array = choices.array, !array.isEmpty,
                content.keys.allSatisfy({ ["enum", "annotations"].contains($0) })
            else { throw fault("\(what) has an enum that is not a list of strings alone") }
            type.enumeration = []
            for choice in array {
                guard let id = choice.string else {
                    throw fault("\(what) has an enum that is not a list of strings alone")
                }
                type.enumeration?.append(id)
            }
            return type
        }
        type.parents = try names(content["memberOfTypes"], "memberOfTypes of \(name)")
        if let shape = content["shape"] { type.shape = try self.type(shape, "the shape of \(name)") }
        if let tags = content["tags"] { type.tags = try self.type(tags, "the tags of \(name)") }
        return type
    }

    private static func names(_ document: CedarDocument?, _ what: String) throws(CedarFault) -> [Source
        .Reference]
    {
        guard let document else { return [] }
        guard let array = document.array else { throw fault("\(what) is not a list") }
        var names: [Source.Reference] = []
        for name in array { names.append(try typeName(name, what)) }
        return names
    }

    private static func action(_ id: String, _ document: CedarDocument) throws(CedarFault) -> Source.Action {
        let what = "the action \(CedarEscape.quoted(id))"
        let content = try fields(
            document, what, only: ["appliesTo", "memberOf", "attributes", "annotations"])
        try checkAnnotations(content["annotations"])
        var action = Source.Action(id: id, position: nil)
        if let attributes = content["attributes"], attributes != .null {
            throw fault("\(what) has attributes, which actions cannot have")
        }
        if let parents = content["memberOf"], parents != .null {
            guard let array = parents.array else { throw fault("memberOf of \(what) is not a list") }
            for parent in array { action.parents.append(try actionParent(parent, what)) }
        }
        guard let applies = content["appliesTo"], applies != .null else { return action }
        let parts = try fields(
            applies, "appliesTo of \(what)", only: ["principalTypes", "resourceTypes", "context"])
        guard parts["principalTypes"] != nil, parts["resourceTypes"] != nil else {
            throw fault("appliesTo of \(what) needs 'principalTypes' and 'resourceTypes'")
        }
        action.principals = try names(parts["principalTypes"], "principalTypes of \(what)")
        action.resources = try names(parts["resourceTypes"], "resourceTypes of \(what)")
        if let context = parts["context"] { action.context = try type(context, "the context of \(what)") }
        return action
    }

    private static func actionParent(_ document: CedarDocument, _ what: String) throws(CedarFault)
        -> Source.ActionParent
    {
        let content = try fields(document, "memberOf of \(what)", only: ["id", "type"])
        guard let id = content["id"]?.string else { throw fault("memberOf of \(what) needs an 'id'") }
        guard let type = content["type"], type != .null else {
            return Source.ActionParent(type: nil, id: id, position: nil)
        }
        return Source.ActionParent(type: try typeName(type, "memberOf of \(what)"), id: id, position: nil)
    }

    private static let typeMembers: [String: Set<CedarText>] = [
        "Long": [], "String": [], "Boolean": [], "Set": ["element"],
        "Record": ["attributes", "additionalAttributes"], "Entity": ["name"], "Extension": ["name"],
        "EntityOrCommon": ["name"],
    ]

    private static func type(
        _ document: CedarDocument, _ what: String, extra: Set<CedarText> = []
    ) throws(CedarFault) -> Source.TypeSource {
        guard let kind = document["type"]?.string else { throw fault("\(what) has no 'type'") }
        let allowed = (typeMembers[kind] ?? []).union(extra).union(["type"])
        let content = try fields(document, what, only: allowed)
        if extra.contains("annotations") { try checkAnnotations(content["annotations"]) }
        switch kind {
        case "Long": return .known(.long)
        case "String": return .known(.string)
        case "Boolean": return .known(.bool)
        case "Set":
            guard let element = content["element"] else { throw fault("\(what) has no 'element'") }
            return .set(try type(element, what))
        case "Record": return try record(content, what)
        case "Entity": return .named(try typeName(content["name"] ?? .null, what), .entity)
        case "EntityOrCommon": return .named(try typeName(content["name"] ?? .null, what), .commonOrEntity)
        case "Extension":
            guard let name = content["name"]?.string, let type = CedarSchemaResolver.builtIn[name],
                type.constructor != nil
            else { throw fault("\(what) names no extension type") }
            return .known(type)
        default: return .named(try typeName(.string(kind), what), .common)
        }
    }

    private static func record(_ content: [CedarText: CedarDocument], _ what: String) throws(CedarFault)
        -> Source.TypeSource
    {
        guard let attributes = content["attributes"] else { throw fault("\(what) has no 'attributes'") }
        if let more = content["additionalAttributes"], more != .bool(false) {
            throw fault("\(what) allows additional attributes, which validation cannot check")
        }
        var result: [CedarText: Source.FieldSource] = [:]
        for (name, attribute) in try fields(attributes, "attributes of \(what)") {
            let required = attribute["required"] ?? .bool(true)
            guard let isRequired = required.bool else {
                throw fault("'required' of \(name) is not true or false")
            }
            let type = try type(attribute, "'\(name)' in \(what)", extra: ["required", "annotations"])
            result[name] = Source.FieldSource(type: type, isRequired: isRequired)
        }
        return .record(result)
    }
}
