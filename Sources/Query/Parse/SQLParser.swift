internal import CPgQuery
package import Core
internal import Glibc

/// Reads SQL with PostgreSQL's own grammar into the syntax that Concordat understands.
package enum SQLParser {
    /// The most SQL that is read, in bytes of UTF-8.
    package static let maximumBytes = 65_536

    /// - Throws: `42601` with PostgreSQL's message for what is not SQL; `0A000` or `42501`, naming the
    ///   construct and what to write instead, for SQL that is not answered; `54000` and `54001` for what
    ///   is too large.
    package static func parse(_ sql: String) throws(SQLFault) -> StatementSyntax {
        try BigStack.run { () throws(SQLFault) in try parseHere(sql) }
    }

    /// `parse` on the calling thread, which must have the stack for it (`BigStack`).
    static func parseHere(_ sql: String) throws(SQLFault) -> StatementSyntax {
        let source = try SourceText(sql)
        let tree = try JSONTree(try printedTree(source))
        return try SyntaxReader(source: source).statement(tree.root)
    }

    /// libpg_query's tree of the statement: of all statements that PostgreSQL's grammar knows.
    static func tree(_ source: SourceText) throws(SQLFault) -> JSONTree {
        try JSONTree(try printedTree(source))
    }

    /// libpg_query's tree of the statement, as JSON.
    private static func printedTree(_ source: SourceText) throws(SQLFault) -> [UInt8] {
        let result = source.sql.withCString { pg_query_parse($0) }
        defer { pg_query_free_parse_result(result) }
        if let error = result.error {
            let position = Int(error.pointee.cursorpos)
            throw syntaxFault(String(cString: error.pointee.message), position > 0 ? position : nil)
        }
        guard let text = result.parse_tree else { throw SQLFault(.internalError, "the parser gave no tree") }
        return Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }

    private static func syntaxFault(_ message: String, _ position: Int?) -> SQLFault {
        if message.hasPrefix("memory exhausted") || message.hasPrefix("stack depth") {
            return .tooDeep(position)
        }
        return SQLFault(.syntaxError, withoutLiteral(message), position: position)
    }

    /// PostgreSQL's messages quote the text where it stopped; a literal may be data of a person and is not
    /// repeated.
    private static func withoutLiteral(_ message: String) -> String {
        guard let near = message.firstRange(of: " at or near \""),
            let first = message[near.upperBound...].unicodeScalars.first,
            first == "'" || first == "$" || ("0"..."9").contains(first) || message.hasPrefix("unterminated")
        else { return message }
        return message[..<near.lowerBound] + " at or near a literal"
    }
}

/// The text of a statement, and where in it things stand.
struct SourceText {
    let sql: String
    let bytes: [UInt8]
    /// Characters (Unicode scalars) before each byte; nil where all are ASCII.
    private let charactersBefore: [Int32]?

    init(_ sql: String) throws(SQLFault) {
        bytes = Array(sql.utf8)
        self.sql = sql
        guard bytes.count <= SQLParser.maximumBytes else {
            throw SQLFault(
                .programLimitExceeded, "statement is larger than \(SQLParser.maximumBytes) bytes",
                hint: "Put long lists of codes into a codelist and use in_codelist(code, 'name').")
        }
        if bytes.allSatisfy({ $0 < 0x80 }) {
            charactersBefore = nil
        } else {
            var count: Int32 = 0
            charactersBefore = bytes.map { byte in
                let before = count
                if byte & 0xC0 != 0x80 { count += 1 }
                return byte & 0xC0 == 0x80 ? before - 1 : before
            }
        }
        if let zero = bytes.firstIndex(of: 0) {
            throw SQLFault(
                SQLState(rawValue: "22021"), "invalid byte sequence for encoding \"UTF8\": 0x00",
                position: position(ofByte: zero))
        }
    }

    /// 1-based, in characters.
    func position(ofByte offset: Int) -> Int? {
        guard offset >= 0, offset < bytes.count else { return nil }
        guard let charactersBefore else { return offset + 1 }
        return Int(charactersBefore[offset]) + 1
    }

    /// The whole number written at `offset`, with the signs before it: libpg_query prints every constant
    /// below 1 as `{}`, so that zero and negative ones must be read where they were written.
    func integer(atByte offset: Int) -> Int64? {
        var index = offset
        var negative = false
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "-"):
                if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "-"), index != offset {
                    index = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                } else {
                    negative.toggle()
                    index += 1
                }
            case UInt8(ascii: "/"): index = endOfComment(index)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digits = bytes[index...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                return Int64(String(decoding: digits, as: UTF8.self)).map { negative ? -$0 : $0 }
            case UInt8(ascii: "("), UInt8(ascii: " "), 9...13: index += 1
            default: return nil
            }
        }
        return nil
    }

    /// After the (nested) block comment that opens at `start`.
    private func endOfComment(_ start: Int) -> Int {
        var depth = 0
        var index = start
        while index + 1 < bytes.count {
            switch (bytes[index], bytes[index + 1]) {
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                depth += 1
                index += 2
            case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                depth -= 1
                index += 2
                if depth == 0 { return index }
            default: index += 1
            }
        }
        return bytes.count
    }
}

extension SQLFault {
    static func tooDeep(_ position: Int?) -> SQLFault {
        SQLFault(
            .statementTooComplex, "statement is nested too deeply",
            hint: "Split it with WITH, or use a list, a codelist or a sum over rows instead of a long chain.",
            position: position)
    }

    static func unsupported(_ what: String, _ hint: String?, at position: Int? = nil) -> SQLFault {
        SQLFault(.featureNotSupported, "\(what) is not supported", hint: hint, position: position)
    }
}
