/// Reads a schema in Cedar's syntax (Cedar reference, "Cedar schema format: grammar").
struct CedarSchemaParser: CedarTokenReader {
    typealias Source = CedarSchemaSource

    let tokens: [CedarToken]
    var index = 0
    private var depth = 0

    static func source(of text: String) throws(CedarFault) -> CedarSchemaSource {
        var parser = CedarSchemaParser(tokens: try CedarLexer.tokens(of: text))
        var open = Source.Namespace(name: "", position: nil)
        var named: [Source.Namespace] = []
        while parser.token.kind != .end {
            _ = try parser.annotations()
            if parser.isWord("namespace") {
                let namespace = try parser.namespace()
                if named.contains(where: { $0.name == namespace.name }) {
                    throw CedarFault(
                        .schema, "the namespace \(namespace.name) stands twice", at: namespace.position)
                }
                named.append(namespace)
            } else {
                try parser.declaration(&open)
            }
        }
        return Source(namespaces: [open] + named)
    }

    private init(tokens: [CedarToken]) { self.tokens = tokens }

    private mutating func namespace() throws(CedarFault) -> Source.Namespace {
        let position = advance().position
        var namespace = Source.Namespace(name: try path(), position: position)
        try expect("{")
        while !skip("}") {
            _ = try annotations()
            try declaration(&namespace)
        }
        return namespace
    }

    private mutating func declaration(_ namespace: inout Source.Namespace) throws(CedarFault) {
        if skipWord("entity") {
            namespace.entityTypes += try entities()
        } else if skipWord("action") {
            namespace.actions += try actions()
        } else if skipWord("type") {
            let name = try reference { (parser) throws(CedarFault) in try parser.identifier() }
            try expect("=")
            namespace.commonTypes.append(Source.CommonType(name: name, definition: try type()))
            try expect(";")
        } else {
            throw fault("expected 'entity', 'action', 'type' or 'namespace'")
        }
    }

    private mutating func reference(
        _ read: (inout CedarSchemaParser) throws(CedarFault) -> String
    ) throws(CedarFault) -> Source.Reference {
        let position = token.position
        return Source.Reference(name: try read(&self), position: position)
    }

    private mutating func typeName() throws(CedarFault) -> Source.Reference {
        let position = token.position
        var name = try word()
        while isNext("::"), case .identifier(let part) = tokens[index + 1].kind {
            index += 2
            name += "::" + part
        }
        let parts = name.split(separator: "::").map(String.init)
        for part in parts where part != "__cedar" && CedarName.reserved.contains(part) {
            throw CedarFault(.syntax, "'\(part)' is reserved and cannot be used as a name", at: position)
        }
        return Source.Reference(name: name, position: position)
    }

    private mutating func entities() throws(CedarFault) -> [Source.EntityType] {
        var names = [try reference { (parser) throws(CedarFault) in try parser.identifier() }]
        while skip(",") {
            names.append(try reference { (parser) throws(CedarFault) in try parser.identifier() })
        }
        if skipWord("enum") {
            try expect("[")
            var choices = [try string()]
            while skip(",") { choices.append(try string()) }
            try expect("]")
            try expect(";")
            return names.map { Source.EntityType(name: $0, enumeration: choices) }
        }
        let parents = skipWord("in") ? try typeNames() : []
        let hasShape = skip("=") || isNext("{")
        let shape = hasShape ? try record() : .record([:])
        let tags = skipWord("tags") ? try type() : nil
        try expect(";")
        return names.map { Source.EntityType(name: $0, parents: parents, shape: shape, tags: tags) }
    }

    /// One name, or a list in brackets.
    private mutating func typeNames() throws(CedarFault) -> [Source.Reference] {
        guard skip("[") else { return [try typeName()] }
        if skip("]") { return [] }
        var names = [try typeName()]
        while skip(",") { names.append(try typeName()) }
        try expect("]")
        return names
    }

    /// What an attribute or an action is called: the one place where `__cedar` is a name like any other.
    private mutating func name() throws(CedarFault) -> String {
        if case .string = token.kind { return try string() }
        return isWord("__cedar") ? try word() : try identifier()
    }

    private mutating func actions() throws(CedarFault) -> [Source.Action] {
        var names: [(id: String, position: CedarPosition)] = []
        repeat {
            let position = token.position
            names.append((try name(), position))
        } while skip(",")
        var action = Source.Action(id: "", position: nil)
        if skipWord("in") { action.parents = try actionParents() }
        if skipWord("appliesTo") { try appliesTo(&action, names[0].position) }
        if skipWord("attributes") {
            try expect("{")
            try expect("}")
        }
        try expect(";")
        return names.map {
            Source.Action(
                id: $0.id, position: $0.position, parents: action.parents, principals: action.principals,
                resources: action.resources, context: action.context)
        }
    }

    private mutating func actionParents() throws(CedarFault) -> [Source.ActionParent] {
        guard skip("[") else { return [try actionParent()] }
        var parents = [try actionParent()]
        while skip(",") { parents.append(try actionParent()) }
        try expect("]")
        return parents
    }

    private mutating func actionParent() throws(CedarFault) -> Source.ActionParent {
        let position = token.position
        if case .string = token.kind {
            return Source.ActionParent(type: nil, id: try string(), position: position)
        }
        let name = try path()
        if skip("::") {
            let type = Source.Reference(name: name, position: position)
            return Source.ActionParent(type: type, id: try string(), position: position)
        }
        guard !name.contains("::") else { throw fault("expected '::' and a string") }
        return Source.ActionParent(type: nil, id: name, position: position)
    }

    private mutating func appliesTo(
        _ action: inout Source.Action, _ position: CedarPosition
    ) throws(CedarFault) {
        var seen: Set<String> = []
        try expect("{")
        repeat {
            if isNext("}"), !seen.isEmpty { break }
            let place = token.position
            let part = try word()
            guard ["principal", "resource", "context"].contains(part) else {
                throw CedarFault(.syntax, "expected 'principal', 'resource' or 'context'", at: place)
            }
            guard seen.insert(part).inserted else {
                throw CedarFault(.schema, "'\(part)' stands twice in an appliesTo", at: place)
            }
            try expect(":")
            if part == "context" {
                action.context =
                    isNext("{") ? try record() : .named(try typeName(), .common)
                continue
            }
            let names = try typeNames()
            guard !names.isEmpty else {
                throw CedarFault(.schema, "'\(part)' names no entity type", at: place)
            }
            if part == "principal" { action.principals = names } else { action.resources = names }
        } while skip(",")
        try expect("}")
        for part in ["principal", "resource"] where !seen.contains(part) {
            throw CedarFault(.schema, "the appliesTo does not say which \(part)", at: position)
        }
    }

    private mutating func type() throws(CedarFault) -> Source.TypeSource {
        depth += 1
        defer { depth -= 1 }
        guard depth <= CedarParser.deepest else {
            throw CedarFault(.tooDeep, "the type is nested too deeply", at: token.position)
        }
        if isNext("{") { return try record() }
        if isWord("Set"), isAfter("<") {
            index += 2
            let element = try type()
            try expect(">")
            return .set(element)
        }
        return .named(try typeName(), .commonOrEntity)
    }

    private mutating func record() throws(CedarFault) -> Source.TypeSource {
        try expect("{")
        var fields: [CedarText: Source.FieldSource] = [:]
        while !isNext("}") {
            _ = try annotations()
            let name = CedarText(try name())
            let isRequired = !skip("?")
            try expect(":")
            fields[name] = Source.FieldSource(type: try type(), isRequired: isRequired)
            if !skip(",") { break }
        }
        try expect("}")
        return .record(fields)
    }
}
