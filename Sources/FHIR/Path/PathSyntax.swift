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
        case wholeDivide = "div"
        case remainder = "mod"
        case concatenate = "&"
        case equivalent = "~"
        case notEquivalent = "!~"
        case union = "|"
        case isIn = "in"
        case contains
    }

    enum Literal: Hashable, Sendable {
        case boolean(Bool)
        case integer(Int64)
        /// With the digits written after the point.
        case decimal(Double, places: Int8)
        case text(String, TypeHint)
    }

    case this
    /// `%resource`, `%context`, `%rootResource`: of a view they are one.
    case resource
    /// `$index`.
    case index
    /// `%rowIndex`, of SQL-on-FHIR.
    case rowIndex
    /// `{}`.
    case nothing
    case literal(Literal)
    /// `%name`, not yet looked up.
    case constant(String)
    case member(PathSyntax, String)
    case call(PathSyntax, String, [PathSyntax])
    case item(PathSyntax, PathSyntax)
    case negate(PathSyntax)
    case binary(Operator, PathSyntax, PathSyntax)
}

/// Why an expression was not understood, with its place.
package struct PathError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case syntax
        /// FHIRPath, but not (yet) of the subset that is evaluated here.
        case unsupported
        case undefinedConstant = "undefined constant"
        case notBoolean = "not a condition"
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
