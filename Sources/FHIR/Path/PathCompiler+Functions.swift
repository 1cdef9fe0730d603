extension PathCompiler {
    /// Functions of no argument.
    private static let plain: [String: PathStep.Operation] = [
        "exists": .exists, "empty": .empty, "count": .count, "not": .not, "hasValue": .hasValue,
        "first": .first, "last": .last, "tail": .tail, "single": .single, "distinct": .distinct,
        "isDistinct": .isDistinct, "children": .children, "descendants": .descendants,
        "getResourceKey": .resourceKey, "length": .length, "upper": .upper, "lower": .lower, "trim": .trim,
        "toChars": .characters, "lowBoundary": .lowBoundary, "highBoundary": .highBoundary,
        "precision": .precision, "abs": .absolute, "ceiling": .ceiling, "floor": .floor, "round": .round,
        "truncate": .truncate, "sqrt": .squareRoot, "ln": .naturalLogarithm, "exp": .exponential,
    ]

    /// Functions of one argument.
    private static let one: [String: PathStep.Operation] = [
        "where": .whereTrue, "exists": .existsWhere, "all": .allTrue, "select": .select, "repeat": .descend,
        "skip": .skip, "take": .take, "union": .union, "combine": .combine, "intersect": .intersect,
        "exclude": .exclude, "subsetOf": .subset, "supersetOf": .superset, "join": .join, "split": .split,
        "startsWith": .startsWith, "endsWith": .endsWith, "contains": .containsText, "indexOf": .indexOf,
        "substring": .substring, "lowBoundary": .lowBoundary, "highBoundary": .highBoundary,
        "round": .round, "log": .logarithm, "power": .power,
    ]

    /// `allTrue()` and its kin: the value asked for, and whether all must have it.
    private static let quantified: [String: (value: Int32, all: Bool)] = [
        "allTrue": (1, true), "anyTrue": (1, false), "allFalse": (0, true), "anyFalse": (0, false),
    ]

    private static let conversions: [String: TypeHint] = [
        "toString": .string, "toInteger": .integer, "toLong": .integer64, "toDecimal": .decimal,
        "toBoolean": .boolean, "toDate": .date, "toDateTime": .dateTime, "toTime": .time,
        "convertsToString": .string, "convertsToInteger": .integer, "convertsToLong": .integer64,
        "convertsToDecimal": .decimal, "convertsToBoolean": .boolean, "convertsToDate": .date,
        "convertsToDateTime": .dateTime, "convertsToTime": .time,
    ]

    func call(
        _ source: PathSyntax, _ name: String, _ arguments: [PathSyntax]
    ) throws(PathError) -> Int32 {
        if arguments.isEmpty, let made = try plainCall(source, name) { return made }
        if arguments.count == 1, let operation = Self.one[name] {
            return program.add(
                PathStep(operation: operation, first: try step(source), second: try step(arguments[0])))
        }
        switch (name, arguments.count) {
        case ("extension", 1):
            return program.add(
                PathStep(
                    operation: .extensionByURL, first: try shadowed(source), second: try step(arguments[0])))
        case ("join", 0):
            return program.add(
                PathStep(
                    operation: .join, first: try step(source),
                    second: try step(.literal(.text("", .string)))))
        case ("substring", 2): return try three(.substring, source, arguments)
        case ("replace", 2): return try three(.replace, source, arguments)
        case ("matches", 1), ("matchesFull", 1):
            return try pattern(source, arguments[0], isFull: name == "matchesFull")
        case ("iif", 2), ("iif", 3): return try conditional(source, arguments)
        case ("ofType", 1): return try ofType(source, try typeName(arguments[0]))
        case ("is", 1): return try typeTest(.isType, source, arguments[0])
        case ("as", 1): return try typeTest(.asType, source, arguments[0])
        case ("getReferenceKey", 0):
            return program.add(PathStep(operation: .referenceKey, first: try step(source)))
        case ("getReferenceKey", 1):
            return named(.referenceKey, try step(source), try typeName(arguments[0]))
        default:
            throw PathError(.unsupported, "the function \(name) with \(arguments.count) arguments")
        }
    }

    private func plainCall(_ source: PathSyntax, _ name: String) throws(PathError) -> Int32? {
        if let operation = Self.plain[name] {
            return program.add(PathStep(operation: operation, first: try step(source)))
        }
        if let (value, all) = Self.quantified[name] {
            return program.add(
                PathStep(operation: all ? .allAre : .anyIs, first: try step(source), detail: value))
        }
        if let type = Self.conversions[name] {
            return program.add(
                PathStep(
                    operation: name.hasPrefix("converts") ? .isConvertible : .convert,
                    first: try step(source), hint: type))
        }
        if let component = TimeComponent(function: name) {
            return program.add(
                PathStep(operation: .component, first: try step(source), detail: component.rawValue))
        }
        return nil
    }

    private func three(
        _ operation: PathStep.Operation, _ source: PathSyntax, _ arguments: [PathSyntax]
    ) throws(PathError) -> Int32 {
        program.add(
            PathStep(
                operation: operation, first: try step(source), second: try step(arguments[0]),
                third: try step(arguments[1])))
    }

    private func pattern(
        _ source: PathSyntax, _ argument: PathSyntax, isFull: Bool
    ) throws(PathError) -> Int32 {
        var literal = argument
        if case .constant(let name) = argument, let known = constants[name] { literal = .literal(known) }
        guard case .literal(.text(let text, _)) = literal else {
            throw PathError(.unsupported, "a pattern that is not a text or constant")
        }
        let pattern = try PathPattern(text, isFull: isFull)
        return program.add(
            PathStep(operation: .matches, first: try step(source), detail: program.add(pattern)))
    }

    private func conditional(_ source: PathSyntax, _ arguments: [PathSyntax]) throws(PathError) -> Int32 {
        let other = try step(arguments.count == 3 ? arguments[2] : .nothing)
        if source == .this, case .call(let inner, "exists", let none) = arguments[0], none.isEmpty,
            inner == arguments[1]
        {
            return program.add(PathStep(operation: .firstOf, first: try step(inner), second: other))
        }
        return program.add(
            PathStep(
                operation: .iif, first: try step(arguments[0]), second: try step(arguments[1]), third: other,
                fourth: source == .this ? -1 : try step(source)))
    }

    // MARK: - Types

    private func typeName(_ syntax: PathSyntax) throws(PathError) -> String {
        switch syntax {
        case .member(.this, let name): return name
        case .member(.member(.this, "FHIR"), let name), .member(.member(.this, "System"), let name):
            return name
        case .literal(.text(let name, _)): return name
        default: throw PathError(.syntax, "the name of a type expected")
        }
    }

    private func typeTest(
        _ operation: PathStep.Operation, _ source: PathSyntax, _ type: PathSyntax
    ) throws(PathError) -> Int32 {
        let wanted = try ofType(source, try typeName(type))
        return program.add(PathStep(operation: operation, first: try step(source), second: wanted))
    }

    /// `value.ofType(Quantity)` reads `valueQuantity`: JSON puts the type of a choice element into its name.
    private func ofType(_ source: PathSyntax, _ name: String) throws(PathError) -> Int32 {
        guard let type = TypeHint(type: name) ?? Self.systemTypes[name] else {
            guard name.first?.isUppercase == true else { throw PathError(.unsupported, "the type \(name)") }
            return named(.ofResourceType, try step(source), name)
        }
        if case .member(let owner, let element) = source,
            !(owner == .this && element.first?.isUppercase == true)
        {
            let key = program.text(element + type.suffix)
            var step = PathStep(
                operation: .typedMember, first: try step(owner), value: .text(key, .string), hint: type,
                detail: Int32(element.utf8.count))
            program.join(&step, key, plain: program.text(element))
            return program.add(step)
        }
        guard type.isPrimitive || DataTypeShape.isKnown(type) || Self.isKnown(source) else {
            throw PathError(.unsupported, "ofType of the type \(name) on something else than an element")
        }
        return program.add(PathStep(operation: .ofDataType, first: try step(source), hint: type))
    }

    /// Whether values of a source bear their type: they come, perhaps by way of a filter, from an element.
    private static func isKnown(_ source: PathSyntax) -> Bool {
        switch source {
        case .member: true
        case .item(let inner, _), .call(let inner, "where", _), .call(let inner, "first", _),
            .call(let inner, "last", _):
            isKnown(inner)
        default: false
        }
    }

    private static let systemTypes: [String: TypeHint] = [
        "String": .string, "Boolean": .boolean, "Integer": .integer, "Long": .integer64,
        "Decimal": .decimal, "Date": .date, "DateTime": .dateTime, "Time": .time,
    ]
}
