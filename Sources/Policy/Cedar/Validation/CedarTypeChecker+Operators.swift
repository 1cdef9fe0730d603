/// Operators, functions and methods.
extension CedarTypeChecker {
    mutating func binary(
        _ whole: CedarExpression, _ operation: CedarExpression.Binary, _ left: CedarExpression,
        _ right: CedarExpression, _ known: Known
    ) -> Result {
        switch operation {
        case .equal: return Result(equality(whole, left, right, known))
        case .notEqual: return Result(equality(whole, left, right, known).map(Self.negated))
        case .within: return Result(within(left, right, known))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return Result(order(left, right, known))
        case .plus, .minus, .times:
            let first = expect(left, known, "Long") { $0 == .long }
            let second = expect(right, known, "Long") { $0 == .long }
            return Result(first.type == nil || second.type == nil ? nil : .long)
        }
    }

    private mutating func equality(
        _ whole: CedarExpression, _ left: CedarExpression, _ right: CedarExpression, _ known: Known
    ) -> CedarType? {
        let (first, second) = (check(left, known).type, check(right, known).type)
        guard let first, let second else { return nil }
        if let a = first.entityType, let b = second.entityType, a != b { return .always(false) }
        if let a = constant(left), let b = constant(right) { return .always(a == b) }
        guard first.joined(with: second) != nil else {
            return note(.incompatibleTypes, "\(first) is compared with \(second)", whole).type
        }
        return .bool
    }

    /// The value of a literal, and of `action`, which is one for every kind of request.
    private func constant(_ expression: CedarExpression) -> CedarValue? {
        switch expression.kind {
        case .literal(let value): value
        case .variable(.action): .entity(action)
        default: nil
        }
    }

    private mutating func order(
        _ left: CedarExpression, _ right: CedarExpression, _ known: Known
    ) -> CedarType? {
        let (first, second) = (check(left, known).type, check(right, known).type)
        guard let first, let second else { return nil }
        if first == second, first.isOrdered { return .bool }
        if first.isOrdered { return note(.type, "expected \(first), found \(second)", right).type }
        let wanted = second.isOrdered ? "\(second)" : "Long, datetime or duration"
        return note(.type, "expected \(wanted), found \(first)", left).type
    }

    // MARK: in and is

    private static func isEntities(_ type: CedarType) -> Bool {
        if case .set(let element) = type { return element.entityType != nil }
        return type.entityType != nil
    }

    private mutating func within(
        _ left: CedarExpression, _ right: CedarExpression, _ known: Known
    ) -> CedarType? {
        let first = expect(left, known, "an entity") { $0.entityType != nil }
        return within(left, first.type, right, known)
    }

    /// - Parameter type: of the left side, which has been looked at.
    private mutating func within(
        _ left: CedarExpression, _ type: CedarType?, _ right: CedarExpression, _ known: Known
    ) -> CedarType? {
        let second = expect(right, known, "an entity or a set of entities", Self.isEntities)
        guard let name = type?.entityType, let groups = second.type else { return nil }
        if let uid = constantEntity(left), uid.isAction, let others = constantEntities(right) {
            let actions = others.filter(\.isAction)
            return .always(actions.contains { schema.isAction(uid, within: $0) })
        }
        var group = groups.entityType ?? ""
        if case .set(let element) = groups { group = element.entityType ?? "" }
        return schema.canBe(name, within: group) ? .bool : .always(false)
    }

    private func constantEntity(_ expression: CedarExpression) -> EntityUID? {
        if case .entity(let uid)? = constant(expression) { return uid }
        return nil
    }

    private func constantEntities(_ expression: CedarExpression) -> [EntityUID]? {
        guard case .set(let elements) = expression.kind else {
            return constantEntity(expression).map { [$0] }
        }
        let entities = elements.compactMap(constantEntity)
        return entities.count == elements.count ? entities : nil
    }

    mutating func isType(
        _ inner: CedarExpression, _ name: String, _ group: CedarExpression?, _ known: Known
    ) -> Result {
        let type = expect(inner, known, "an entity") { $0.entityType != nil }.type
        guard let type else { return Result(nil) }
        guard type.entityType == name else { return Result(.always(false)) }
        guard let group else { return Result(.always(true)) }
        return Result(within(inner, type, group, known))
    }

    // MARK: Attributes

    /// The attributes of a type that has some.
    private func attributes(of type: CedarType) -> [CedarText: CedarType.Field]? {
        switch type {
        case .record(let fields): fields
        case .entity(let name): schema.entityTypes[name]?.attributes ?? [:]
        default: nil
        }
    }

    private static func key(_ base: CedarExpression, _ name: CedarText) -> Capability {
        Capability(base: CedarText(CedarPrinter.text(base)), member: .attribute(name))
    }

    mutating func attribute(
        _ whole: CedarExpression, _ base: CedarExpression, _ name: CedarText, _ known: Known
    ) -> Result {
        guard let type = check(base, known).type else { return Result(nil) }
        guard let fields = attributes(of: type) else {
            return note(.type, "expected an entity or a record, found \(type)", base)
        }
        guard let field = fields[name] else {
            return note(.missingAttribute, "\(Self.owner(type)) has no attribute '\(name)'", whole)
        }
        guard field.isRequired || known.contains(Self.key(base, name)) else {
            return note(
                .optionalAttribute,
                "'\(name)' of \(Self.owner(type)) is optional: ask first whether it is there, with 'has'",
                whole)
        }
        return Result(field.type)
    }

    private static func owner(_ type: CedarType) -> String { type.entityType ?? "the record" }

    /// `x has a.b` is `x has a && x.a has b`.
    mutating func has(
        _ whole: CedarExpression, _ base: CedarExpression, _ path: [CedarText], _ known: Known
    ) -> Result {
        guard var type = check(base, known).type else { return Result(nil) }
        var place = base
        var result = Result(.always(true))
        for name in path {
            guard let fields = attributes(of: type) else {
                return note(.type, "expected an entity or a record, found \(type)", whole)
            }
            guard let field = fields[name] else { return Result(.always(false)) }
            let key = Self.key(place, name)
            // An entity may be unknown when a request is decided; a record is there as a whole.
            let isCertain = known.contains(key) || (field.isRequired && type.entityType == nil)
            result = Result(isCertain ? result.type : .bool, result.known.union([key]))
            place = CedarExpression(kind: .attribute(place, name), position: base.position)
            type = field.type
        }
        return result
    }

    // MARK: Methods and functions

    mutating func method(
        _ whole: CedarExpression, _ base: CedarExpression, _ name: String, _ arguments: [CedarExpression],
        _ known: Known
    ) -> Result {
        switch name {
        case "isEmpty": return Result(expect(base, known, "a set", \.isSet).type.map { _ in .bool })
        case "contains":
            let set = expect(base, known, "a set", \.isSet).type
            guard case .set(let element)? = set, let type = check(arguments[0], known).type else {
                return Result(nil)
            }
            return compatible(element, type, whole)
        case "containsAll", "containsAny":
            let first = expect(base, known, "a set", \.isSet).type
            let second = expect(arguments[0], known, "a set", \.isSet).type
            guard let first, let second else { return Result(nil) }
            return compatible(first, second, whole)
        case "hasTag", "getTag":
            let first = expect(base, known, "an entity") { $0.entityType != nil }.type
            let second = expect(arguments[0], known, "String") { $0 == .string }.type
            guard let type = first?.entityType, second != nil else { return Result(nil) }
            let key = Capability(
                base: CedarText(CedarPrinter.text(base)),
                member: .tag(CedarText(CedarPrinter.text(arguments[0]))))
            return name == "hasTag" ? hasTag(type, key, known) : getTag(whole, type, key, known)
        default: return call(whole, name, [base] + arguments, known)
        }
    }

    private mutating func compatible(
        _ first: CedarType, _ second: CedarType, _ whole: CedarExpression
    ) -> Result {
        guard first.joined(with: second) != nil else {
            return note(.incompatibleTypes, "\(first) and \(second) are never equal", whole)
        }
        return Result(.bool)
    }

    private func hasTag(_ type: String, _ key: Capability, _ known: Known) -> Result {
        guard schema.entityTypes[type]?.tags != nil else { return Result(.always(false), [key]) }
        return Result(known.contains(key) ? .always(true) : .bool, [key])
    }

    private mutating func getTag(
        _ whole: CedarExpression, _ type: String, _ key: Capability, _ known: Known
    ) -> Result {
        guard known.contains(key) else {
            return note(
                .unknownTag, "the tag may be missing: ask first whether it is there, with 'hasTag'", whole)
        }
        guard let tags = schema.entityTypes[type]?.tags else {
            return note(.unknownTag, "\(type) has no tags", whole)
        }
        return Result(tags)
    }

    /// A method of an extension type.
    private mutating func call(
        _ whole: CedarExpression, _ name: String, _ arguments: [CedarExpression], _ known: Known
    ) -> Result {
        guard let signature = CedarExtension.methods[name] else {
            return note(.syntax, "unknown method '\(name)'", whole)
        }
        guard signature.takes.count == arguments.count else {
            for argument in arguments { _ = check(argument, known) }
            return note(
                .arguments,
                "'\(name)' takes \(signature.takes.count - 1) arguments, not \(arguments.count - 1)",
                whole)
        }
        var isWrong = false
        for (argument, type) in zip(arguments, signature.takes)
        where expect(argument, known, "\(type)", { $0 == type }).type == nil {
            isWrong = true
        }
        return Result(isWrong ? nil : signature.gives)
    }

    /// A constructor: its text must stand there, so that it can be read now.
    mutating func function(
        _ whole: CedarExpression, _ name: String, _ arguments: [CedarExpression], _ known: Known
    ) -> Result {
        guard arguments.count == 1 else {
            return note(.arguments, "'\(name)' takes 1 argument, not \(arguments.count)", whole)
        }
        guard case .literal(let value) = arguments[0].kind else {
            return note(.arguments, "'\(name)' takes a string that is written out", whole)
        }
        guard case .string(let text) = value else {
            return note(.type, "expected String, found \(value.typeName)", arguments[0])
        }
        guard CedarExtension.value(name, of: text) != nil else {
            return note(.extensionValue, "not a valid \(name)", whole)
        }
        return Result(CedarExtension.constructors[name])
    }
}
