/// What is wrong with an agreement, by the path of the field, and where it stands if it was read from a text.
package struct AgreementFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let field: String
    package let message: String
    /// From 1; nil where no text was read.
    package let line: Int?
    package let column: Int?

    package init(_ field: String, _ message: String, line: Int? = nil, column: Int? = nil) {
        self.field = field
        self.message = message
        self.line = line
        self.column = column
    }

    package var description: String {
        guard let line, let column else { return "\(field): \(message)" }
        return "\(field): \(message) (line \(line), column \(column))"
    }

    /// As compilers print it: `FILE:LINE:COLUMN: FIELD: MESSAGE`.
    package func description(in file: String) -> String {
        "\(file):\(line ?? 1):\(column ?? 1): \(field): \(message)"
    }

    func at(line: Int?, column: Int?) -> AgreementFault {
        AgreementFault(field, message, line: line, column: column)
    }
}

extension AgreementFault {
    /// Names the field; says nothing of its value.
    init(_ error: DecodingError) {
        func path(_ keys: [any CodingKey]) -> String {
            keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): self.init(path(context.codingPath + [key]), "is missing")
        case .valueNotFound(_, let context): self.init(path(context.codingPath), "is empty")
        case .typeMismatch(_, let context): self.init(path(context.codingPath), "is of the wrong kind")
        case .dataCorrupted(let context):
            let field = path(context.codingPath)
            self.init(
                field.isEmpty ? "(document)" : field, "cannot be read: not one of the values allowed here")
        @unknown default: self.init("(document)", "cannot be read")
        }
    }
}
