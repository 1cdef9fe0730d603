/// Turns syntax into steps of a program; refuses what cannot be evaluated rightly.
struct PathCompiler {
    let program: PathProgram
    let constants: [String: PathSyntax.Literal]

    func compile(_ text: String) throws(PathError) -> Int { Int(try step(PathParser.parse(text))) }

    private func step(_ syntax: PathSyntax) throws(PathError) -> Int32 {
        switch syntax {
        case .this: return program.add(PathStep(operation: .this))
        case .resource: return program.add(PathStep(operation: .resource))
        case .rowIndex: return program.add(PathStep(operation: .rowIndex))
        case .nothing: return program.add(PathStep(operation: .nothing))
        case .literal(let literal): return self.literal(literal)
        case .constant(let name):
            guard let value = constants[name] else {
                throw PathError(.undefinedConstant, "%\(name)")
            }
            return self.literal(value)
        case .member(let source, let name): return try member(source, name)
        case .call(let source, let name, let arguments): return try call(source, name, arguments)
        case .index(let source, let index):
            return program.add(PathStep(operation: .index, first: try step(source), second: try step(index)))
        case .negate(let inner): return program.add(PathStep(operation: .negate, first: try step(inner)))
        case .binary(let meaning, let left, let right):
            let operation = Self.operation(meaning)
            return program.add(PathStep(operation: operation, first: try step(left), second: try step(right)))
        }
    }

    private func literal(_ literal: PathSyntax.Literal) -> Int32 {
        let item: PathItem =
            switch literal {
            case .boolean(let value): .boolean(value)
            case .integer(let value): .integer(value)
            case .decimal(let value): .decimal(value)
            case .text(let value, let hint): .text(program.text(value), hint)
            }
        return program.add(PathStep(operation: .literal, value: item))
    }

    private func named(_ operation: PathStep.Operation, _ source: Int32, _ name: String) -> Int32 {
        let value = PathItem.text(program.text(name), .string)
        return program.add(PathStep(operation: operation, first: source, value: value))
    }

    private func member(_ source: PathSyntax, _ name: String) throws(PathError) -> Int32 {
        // `Patient.name` at the start of a path: the type's name stands for the resource, if it is one.
        if source == .this, name.first?.isUppercase == true {
            return named(.resourceType, try step(source), name)
        }
        return named(.member, try step(source), name)
    }

    private static func operation(_ meaning: PathSyntax.Operator) -> PathStep.Operation {
        switch meaning {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .and: .and
        case .or: .or
        case .xor: .xor
        case .implies: .implies
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .concatenate: .concatenate
        }
    }
}

extension PathCompiler {
    /// Functions of no argument.
    private static let plain: [String: PathStep.Operation] = [
        "exists": .exists, "empty": .empty, "count": .count, "not": .not, "first": .first, "last": .last,
        "getResourceKey": .resourceKey, "lowBoundary": .lowBoundary, "highBoundary": .highBoundary,
        "precision": .precision, "toString": .toText,
    ]

    private func call(
        _ source: PathSyntax, _ name: String, _ arguments: [PathSyntax]
    ) throws(PathError) -> Int32 {
        if arguments.isEmpty, let operation = Self.plain[name] {
            return program.add(PathStep(operation: operation, first: try step(source)))
        }
        switch (name, arguments.count) {
        case ("where", 1): return try two(.whereTrue, source, arguments[0])
        case ("exists", 1): return try two(.existsWhere, source, arguments[0])
        case ("extension", 1): return try two(.extensionByURL, source, arguments[0])
        case ("join", 0): return try two(.join, source, .literal(.text("", .string)))
        case ("join", 1): return try two(.join, source, arguments[0])
        case ("iif", 2), ("iif", 3): return try conditional(source, arguments)
        case ("ofType", 1): return try ofType(source, try typeName(arguments[0]))
        case ("getReferenceKey", 0):
            return program.add(PathStep(operation: .referenceKey, first: try step(source)))
        case ("getReferenceKey", 1):
            return named(.referenceKey, try step(source), try typeName(arguments[0]))
        default:
            throw PathError(.unsupported, "the function \(name) with \(arguments.count) arguments")
        }
    }

    private func two(
        _ operation: PathStep.Operation, _ source: PathSyntax, _ argument: PathSyntax
    ) throws(PathError) -> Int32 {
        program.add(PathStep(operation: operation, first: try step(source), second: try step(argument)))
    }

    private func conditional(_ source: PathSyntax, _ arguments: [PathSyntax]) throws(PathError) -> Int32 {
        guard source == .this else { throw PathError(.unsupported, "iif on something else than $this") }
        let other = try step(arguments.count == 3 ? arguments[2] : .nothing)
        return program.add(
            PathStep(
                operation: .iif, first: try step(arguments[0]), second: try step(arguments[1]), third: other))
    }

    private func typeName(_ syntax: PathSyntax) throws(PathError) -> String {
        switch syntax {
        case .member(.this, let name): return name
        case .member(.member(.this, "FHIR"), let name), .member(.member(.this, "System"), let name):
            return name
        default: throw PathError(.syntax, "the name of a type expected")
        }
    }

    /// `value.ofType(Quantity)` reads `valueQuantity`: JSON puts the type of a choice element into its name.
    private func ofType(_ source: PathSyntax, _ type: String) throws(PathError) -> Int32 {
        if FHIRTypes.isDataType(type) {
            guard case .member(let owner, let name) = source else {
                throw PathError(.unsupported, "ofType of a data type on something else than an element")
            }
            let key = name + type.prefix(1).uppercased() + type.dropFirst()
            let value = PathItem.text(program.text(key), .string)
            return program.add(
                PathStep(
                    operation: .typedMember, first: try step(owner), value: value, hint: TypeHint(type: type))
            )
        }
        guard type.first?.isUppercase == true else {
            throw PathError(.unsupported, "the type \(type)")
        }
        return named(.ofResourceType, try step(source), type)
    }
}

/// Data types that can end the name of a choice element. Source: HL7 FHIR R4, "Open Type" (extensibility).
enum FHIRTypes {
    private static let dataTypes: Set<String> = [
        "base64Binary", "boolean", "canonical", "code", "date", "dateTime", "decimal", "id", "instant",
        "integer", "integer64", "markdown", "oid", "positiveInt", "string", "time", "unsignedInt", "uri",
        "url", "uuid", "Address", "Age", "Annotation", "Attachment", "CodeableConcept", "Coding",
        "ContactPoint", "Count", "Distance", "Duration", "HumanName", "Identifier", "Money", "Period",
        "Quantity", "Range", "Ratio", "Reference", "SampledData", "Signature", "Timing", "ContactDetail",
        "Contributor", "DataRequirement", "Expression", "ParameterDefinition", "RelatedArtifact",
        "TriggerDefinition", "UsageContext", "Dosage", "Meta",
    ]
    private static let suffixes = Dictionary(
        uniqueKeysWithValues: dataTypes.map { ($0.prefix(1).uppercased() + $0.dropFirst(), $0) })

    static func isDataType(_ name: String) -> Bool { dataTypes.contains(name) }

    /// The type that a suffix such as `DateTime` names.
    static func dataType(suffix: String) -> String? { suffixes[suffix] }
}
