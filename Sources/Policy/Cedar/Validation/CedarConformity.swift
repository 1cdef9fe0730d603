/// Checks values, entities and requests against a schema.
extension CedarSchema {
    /// Whether a value is of a type, and names only entities that the schema lists where it lists any.
    /// - Throws: `CedarFault` that says what is wrong, without the value.
    func check(_ value: CedarValue, is type: CedarType, _ what: String) throws(CedarFault) {
        switch (value, type) {
        case (.bool, .bool), (.long, .long), (.string, .string), (.decimal, .decimal), (.ip, .ipaddr),
            (.datetime, .datetime), (.duration, .duration):
            return
        case (.entity(let uid), .entity(let name)):
            guard uid.type == name else { throw mismatch(what, type) }
            try checkEnumeration(uid)
        case (.set(let members), .set(let element)):
            for member in members { try check(member, is: element, what) }
        case (.record(let fields), .record(let types)): try check(fields, are: types, what)
        default: throw mismatch(what, type)
        }
    }

    private func mismatch(_ what: String, _ type: CedarType) -> CedarFault {
        CedarFault(.type, "\(what) is not of type \(type)")
    }

    /// Whether a record has what it must have, and nothing else.
    func check(
        _ fields: [CedarText: CedarValue], are types: [CedarText: CedarType.Field], _ what: String
    ) throws(CedarFault) {
        for (name, field) in types where field.isRequired && fields[name] == nil {
            throw CedarFault(.missingAttribute, "\(what) lacks '\(name)'")
        }
        for (name, value) in fields {
            guard let field = types[name] else {
                throw CedarFault(.unknownType, "\(what) has '\(name)', which the schema does not know")
            }
            try check(value, is: field.type, "'\(name)' of \(what)")
        }
    }

    private func checkEnumeration(_ uid: EntityUID) throws(CedarFault) {
        guard let choices = entityTypes[uid.type]?.enumeration, !choices.contains(CedarText(uid.id)) else {
            return
        }
        throw CedarFault(.notInEnumeration, "an entity of type \(uid.type) is not one that the schema lists")
    }

    /// Whether entities conform: their types, attributes, tags and ancestors; actions are as the schema has them.
    /// - Throws: `CedarFault` at the first that does not.
    package func check(_ entities: CedarEntities) throws(CedarFault) {
        for (uid, entity) in entities.all { try check(uid, entity) }
    }

    private func check(_ uid: EntityUID, _ entity: CedarEntities.Entity) throws(CedarFault) {
        if uid.isAction {
            guard let action = actions[uid] else {
                throw CedarFault(.unknownAction, "there is no action \(uid)")
            }
            guard entity.attributes.isEmpty, entity.tags.isEmpty, entity.ancestors == action.ancestors else {
                throw CedarFault(.schema, "the action \(uid) is not as the schema has it")
            }
            return
        }
        guard let type = entityTypes[uid.type] else {
            throw CedarFault(.unknownType, "there is no entity type \(uid.type)")
        }
        let what = "an entity of type \(uid.type)"
        try checkEnumeration(uid)
        try check(entity.attributes, are: type.attributes, what)
        for ancestor in entity.ancestors {
            guard type.ancestors.contains(ancestor.type) else {
                throw CedarFault(.type, "\(what) cannot be in one of type \(ancestor.type)")
            }
            try checkEnumeration(ancestor)
        }
        guard !entity.tags.isEmpty else { return }
        guard let tags = type.tags else { throw CedarFault(.unknownTag, "\(what) cannot have tags") }
        for value in entity.tags.values { try check(value, is: tags, "a tag of \(what)") }
    }

    /// Whether a request conforms: its action is known, and applies to the types of principal and resource.
    /// - Throws: `CedarFault` that says what is wrong.
    package func check(_ request: CedarRequest) throws(CedarFault) {
        guard let action = actions[request.action] else {
            throw CedarFault(.unknownAction, "there is no action \(request.action)")
        }
        let parts = [
            ("principal", request.principal, action.principals),
            ("resource", request.resource, action.resources),
        ]
        for (name, uid, types) in parts {
            guard entityTypes[uid.type] != nil else {
                throw CedarFault(.unknownType, "there is no entity type \(uid.type)")
            }
            try checkEnumeration(uid)
            guard types.contains(uid.type) else {
                throw CedarFault(
                    .notApplicable, "\(request.action) does not apply to a \(name) of type \(uid.type)")
            }
        }
        try check(request.context, are: action.context, "the context")
    }
}
