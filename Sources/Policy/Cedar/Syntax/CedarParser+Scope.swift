/// The head of a policy: what it asks of the principal, the action and the resource.
extension CedarParser {
    mutating func scope(_ variable: String) throws(CedarFault) -> CedarPolicy.Scope {
        guard skipWord(variable) else { throw fault("expected '\(variable)'") }
        if variable == "action" { return try actionScope() }
        if skip("==") {
            return try reference(variable).map(CedarPolicy.Scope.equal) ?? .equalSlot
        }
        if skipWord("in") {
            return try reference(variable).map(CedarPolicy.Scope.within) ?? .withinSlot
        }
        guard skipWord("is") else { return .any }
        let type = try path()
        guard skipWord("in") else { return .isType(type, within: nil) }
        return try reference(variable).map { .isType(type, within: $0) } ?? .isTypeWithinSlot(type)
    }

    /// An entity, or nil for the slot that is called as the variable is.
    private mutating func reference(_ variable: String) throws(CedarFault) -> EntityUID? {
        var open = 0
        while skip("(") { open += 1 }
        let uid: EntityUID?
        if case .slot(let name) = token.kind {
            guard name == variable else { throw fault("only the slot ?\(variable) can stand here") }
            _ = advance()
            uid = nil
        } else {
            uid = try entity()
        }
        for _ in 0..<open { try expect(")") }
        return uid
    }

    private mutating func entity() throws(CedarFault) -> EntityUID {
        let type = try path()
        try expect("::")
        return EntityUID(type, try string())
    }

    private mutating func actionScope() throws(CedarFault) -> CedarPolicy.Scope {
        if skip("==") { return .equal(try action()) }
        guard skipWord("in") else { return .any }
        var open = 0
        while skip("(") { open += 1 }
        let scope: CedarPolicy.Scope
        if skip("[") {
            var entities: [EntityUID] = []
            while !isNext("]") {
                entities.append(try action())
                if !skip(",") { break }
            }
            try expect("]")
            scope = .withinAny(entities)
        } else {
            scope = .within(try action())
        }
        for _ in 0..<open { try expect(")") }
        return scope
    }

    private mutating func action() throws(CedarFault) -> EntityUID {
        var open = 0
        while skip("(") { open += 1 }
        if case .slot = token.kind { throw fault("no slot can stand for an action") }
        let position = token.position
        let uid = try entity()
        guard uid.isAction else {
            throw CedarFault(.syntax, "expected an entity of type Action", at: position)
        }
        for _ in 0..<open { try expect(")") }
        return uid
    }
}
