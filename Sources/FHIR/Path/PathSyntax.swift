/// A FHIRPath expression as it was written.
indirect enum PathSyntax: Hashable, Sendable {
    enum Operator: String, Hashable, Sendable {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case and, or, xor, implies
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case concatenate = "&"
    }

    enum Literal: Hashable, Sendable {
        case boolean(Bool)
        case integer(Int64)
        case decimal(Double)
        case text(String, TypeHint)
    }

    case this
    /// `%resource`.
    case resource
    /// `%rowIndex`, of SQL-on-FHIR.
    case rowIndex
    /// `{}`.
    case nothing
    case literal(Literal)
    /// `%name`, not yet looked up.
    case constant(String)
    case member(PathSyntax, String)
    case call(PathSyntax, String, [PathSyntax])
    case index(PathSyntax, PathSyntax)
    case negate(PathSyntax)
    case binary(Operator, PathSyntax, PathSyntax)
}

/// What is known of a text's type without a model of FHIR: from a choice element's name, or a literal.
enum TypeHint: UInt8, Hashable, Sendable {
    case none
    case string
    case date
    case dateTime
    case time

    /// For the name of a FHIR or System type.
    init(type: String) {
        switch type.lowercased() {
        case "date": self = .date
        case "datetime", "instant": self = .dateTime
        case "time": self = .time
        case "string", "code", "uri", "url", "canonical", "id", "markdown", "oid", "uuid", "base64binary":
            self = .string
        default: self = .none
        }
    }

    var isTemporal: Bool { self == .date || self == .dateTime || self == .time }
}

/// Why an expression was not understood, with its place.
package struct PathError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case syntax
        /// FHIRPath, but not (yet) of the subset that is evaluated here.
        case unsupported
        case undefinedConstant = "undefined constant"
    }

    package let code: Code
    package let message: String
    /// In characters, from 1; nil where it was found after parsing.
    package let position: Int?

    init(_ code: Code, _ message: String, at position: Int? = nil) {
        self.code = code
        self.message = message
        self.position = position
    }

    package var description: String {
        let place = position.map { " at character \($0)" } ?? ""
        return "FHIRPath: \(code.rawValue)\(place): \(message)"
    }
}
