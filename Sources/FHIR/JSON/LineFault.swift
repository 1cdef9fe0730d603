/// Why one line of NDJSON was set aside: where it stands and a code, never what it says.
package struct LineFault: Hashable, Sendable {
    package enum Reason: String, Error, Sendable, CaseIterable {
        case badJSON = "bad-json"
        case notUTF8 = "not-utf-8"
        /// Nested deeper than 64.
        case tooDeep = "too-deep"
        /// A line longer than the limit.
        case tooLong = "line-too-long"
        /// Not an object with a `resourceType`.
        case notFHIR = "not-fhir"
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
    }

    /// From 1.
    package let line: Int
    /// Of the line's first byte in the (decompressed) file.
    package let byteOffset: Int
    package let reason: Reason
    /// Of the view, where one column's value is at fault.
    package let column: String?

    package init(line: Int, byteOffset: Int, reason: Reason, column: String? = nil) {
        self.line = line
        self.byteOffset = byteOffset
        self.reason = reason
        self.column = column
    }
}
