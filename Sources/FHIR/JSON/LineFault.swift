/// Why one resource was set aside: where it stands and a code, never what it says.
package struct LineFault: Hashable, Sendable {
    package enum Reason: String, Error, Sendable, CaseIterable {
        case badJSON = "bad-json"
        case notUTF8 = "not-utf-8"
        /// Nested deeper than 64.
        case tooDeep = "too-deep"
        /// A line, or a resource of a Bundle, longer than the limit.
        case tooLong = "line-too-long"
        /// Not an object with a `resourceType`.
        case notFHIR = "not-fhir"
        /// An object that names a member twice: readers differ on which of the two counts.
        case duplicateKey = "duplicate-key"
        /// A Bundle as a resource of a Bundle, or on a line among resources.
        case nestedBundle = "nested-bundle"
        /// A date or instant that does not exist or is not written as FHIR writes it.
        case invalidDate = "invalid-date"
        /// A value of another type than its column's.
        case wrongType = "wrong-type"
        /// Several values where the view allows one.
        case notSingleton = "not-singleton"
        /// A condition that gave something else than true or false.
        case notBoolean = "not-boolean"
        /// Integer arithmetic beyond 64 bits.
        case overflow = "overflow"
        /// A comparison of values that have no order or no equality here (objects, quantities).
        case notComparable = "not-comparable"
        /// More rows from one resource than the limit: a view's loops multiplied.
        case tooManyRows = "too-many-rows"
        /// More steps of evaluation than the limit: a view whose paths multiply.
        case tooMuchWork = "too-much-work"
    }

    /// From 1.
    package let line: Int
    /// Of the line's first byte in the (decompressed) file.
    package let byteOffset: Int
    /// Index in `Bundle.entry`, where the resource stands in one.
    package let entry: Int?
    package let reason: Reason
    /// Of the view, where one column's value is at fault.
    package let column: String?

    /// Where it stands, for people: `line 7`, `entry[3]`.
    package var position: String { entry.map { "entry[\($0)]" } ?? "line \(line)" }

    package init(
        line: Int, byteOffset: Int, entry: Int? = nil, reason: Reason, column: String? = nil
    ) {
        self.line = line
        self.entry = entry
        self.byteOffset = byteOffset
        self.reason = reason
        self.column = column
    }
}
