/// Turns syntax into steps of a program; refuses what cannot be evaluated rightly.
struct PathCompiler {
    let program: PathProgram
    let constants: [String: PathSyntax.Literal]

    func compile(_ text: String) throws(PathError) -> Int { Int(try step(PathParser.parse(text))) }

    /// A condition: refused where it can be seen that it never gives true or false.
    func compile(condition text: String) throws(PathError) -> Int {
        let syntax = try PathParser.parse(text)
        if let type = PathType.of(syntax, constants), type != .boolean {
            throw PathError(.notBoolean, "a condition must give true or false")
        }
        return Int(try step(syntax))
    }

    func step(_ syntax: PathSyntax) throws(PathError) -> Int32 {
        switch syntax {
        case .this: return program.add(PathStep(operation: .this))
        case .resource: return program.add(PathStep(operation: .resource))
        case .rowIndex: return program.add(PathStep(operation: .rowIndex))
        case .index: return program.add(PathStep(operation: .index))
        case .nothing: return program.add(PathStep(operation: .nothing))
        case .literal(let literal): return self.literal(literal)
        case .constant(let name): return self.literal(try constant(name))
        case .member(let source, let name): return try member(source, name)
        case .call(let source, let name, let arguments): return try call(source, name, arguments)
        case .item(let source, let index):
            return program.add(PathStep(operation: .item, first: try step(source), second: try step(index)))
        case .negate(let inner): return program.add(PathStep(operation: .negate, first: try step(inner)))
        case .binary(.concatenate, _, _):
            let parts = try operands(of: syntax)
            return program.add(
                PathStep(
                    operation: .concatenate, first: program.add(operands: parts), detail: Int32(parts.count)))
        case .binary(let meaning, let left, let right): return try binary(meaning, left, right)
        }
    }

    /// `a & b & c` is one step.
    private func operands(of syntax: PathSyntax) throws(PathError) -> [Int32] {
        guard case .binary(.concatenate, let left, let right) = syntax else { return [try step(syntax)] }
        return try operands(of: left) + operands(of: right)
    }

    private func binary(
        _ meaning: PathSyntax.Operator, _ left: PathSyntax, _ right: PathSyntax
    ) throws(PathError) -> Int32 {
        var made = PathStep(
            operation: Self.operation(meaning), first: try step(left), second: try step(right))
        let (element, literal) = (program[made.first], program[made.second])
        if meaning == .equal, element.operation == .member, program[element.first].operation == .this,
            element.hint == .none, literal.operation == .literal, case .text(_, let hint) = literal.value,
            hint != .none, !hint.isTemporal
        {
            made.operation = .equalText
        }
        return program.add(made)
    }

    private func constant(_ name: String) throws(PathError) -> PathSyntax.Literal {
        if let value = constants[name] { return value }
        // Source: HL7 FHIRPath, "Environment variables"; HL7 FHIR R4, "FHIRPath", FHIR-specific variables.
        switch name {
        case "sct": return .text("http://snomed.info/sct", .string)
        case "loinc": return .text("http://loinc.org", .string)
        case "ucum": return .text("http://unitsofmeasure.org", .string)
        default: throw PathError(.undefinedConstant, "%\(name)")
        }
    }

    private func literal(_ literal: PathSyntax.Literal) -> Int32 {
        let item: PathItem =
            switch literal {
            case .boolean(let value): .boolean(value)
            case .integer(let value): .integer(value)
            case .decimal(let value, let places): .decimal(value, places: places)
            case .text(let value, let hint): .text(program.text(value), hint)
            }
        return program.add(PathStep(operation: .literal, value: item))
    }

    func named(_ operation: PathStep.Operation, _ source: Int32, _ name: String) -> Int32 {
        let text = program.text(name)
        var step = PathStep(
            operation: operation, first: source, value: .text(text, .string), hint: .element(name))
        if operation == .member { program.join(&step, text) }
        return program.add(step)
    }

    private func member(_ source: PathSyntax, _ name: String) throws(PathError) -> Int32 {
        // `Patient.name` at the start of a path: the type's name stands for the resource, if it is one.
        if source == .this, name.first?.isUppercase == true {
            return named(.resourceType, try step(source), name)
        }
        if name == "extension" || name == "id" { return named(.member, try shadowed(source), name) }
        return named(.member, try step(source), name)
    }

    /// A primitive element has its id and extensions beside it, under its name with `_` before it.
    /// Source: HL7 FHIR R4, "JSON representation of primitive elements".
    func shadowed(_ source: PathSyntax) throws(PathError) -> Int32 {
        guard case .member(let owner, let name) = source, !(owner == .this && name.first?.isUppercase == true)
        else { return try step(source) }
        let shadow = PathItem.text(program.text("_" + name), .string)
        let element = named(.member, try step(owner), name)
        return program.add(
            PathStep(operation: .shadowedMember, first: element, second: try step(owner), value: shadow))
    }

    private static func operation(_ meaning: PathSyntax.Operator) -> PathStep.Operation {
        switch meaning {
        case .equal: .equal
        case .notEqual: .notEqual
        case .equivalent: .equivalent
        case .notEquivalent: .notEquivalent
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .isIn: .isIn
        case .contains: .contains
        case .union: .union
        case .and: .and
        case .or: .or
        case .xor: .xor
        case .implies: .implies
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .wholeDivide: .wholeDivide
        case .remainder: .remainder
        case .concatenate: .concatenate
        }
    }
}

/// What type an expression surely gives, as far as its outermost part tells without a model of FHIR.
enum PathType {
    case boolean, text, number, time

    static func of(_ syntax: PathSyntax, _ constants: [String: PathSyntax.Literal]) -> PathType? {
        switch syntax {
        case .literal(let literal): return of(literal)
        case .constant(let name): return constants[name].map(of)
        case .rowIndex, .index, .negate: return .number
        case .binary(let meaning, _, _): return of(meaning)
        case .call(_, let name, _): return of(function: name)
        default: return nil
        }
    }

    private static func of(_ literal: PathSyntax.Literal) -> PathType {
        switch literal {
        case .boolean: .boolean
        case .integer, .decimal: .number
        case .text(_, let hint): hint.isTemporal ? .time : .text
        }
    }

    private static func of(_ meaning: PathSyntax.Operator) -> PathType? {
        switch meaning {
        case .union, .add: nil
        case .concatenate: .text
        case .subtract, .multiply, .divide, .wholeDivide, .remainder: .number
        default: .boolean
        }
    }

    private static func of(function name: String) -> PathType? {
        switch name {
        case "count", "length", "indexOf", "toInteger", "toDecimal", "precision": .number
        case "join", "upper", "lower", "substring", "toString", "getResourceKey", "getReferenceKey", "trim",
            "replace":
            .text
        case "exists", "empty", "all", "not", "matches", "startsWith", "endsWith", "hasValue": .boolean
        default: nil
        }
    }
}
