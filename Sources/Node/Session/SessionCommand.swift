internal import Core

/// A statement as a session sees it: its own commands, or something to be asked.
enum SessionCommand: Hashable {
    enum Transaction: Hashable {
        case begin, commit, rollback, savepoint, release, rollbackTo
    }

    case set(name: String, value: String?, isLocal: Bool)
    case show(String)
    case showAll
    case reset(String)
    case resetAll
    case transaction(Transaction)
    /// Nothing is done, for there is nothing to do it to: a tag.
    case nothing(tag: String)
    case discardAll
    case prepare(name: String, sql: String)
    case execute(name: String, [String?])
    /// nil: all.
    case deallocate(String?)
    case declare(name: String, sql: String)
    /// nil: all that are left.
    case fetch(name: String, count: Int?, isMove: Bool)
    /// nil: all.
    case closeCursor(String?)
    case copy(sql: String, CopyFormat)
    case explain
    case question

    /// - Throws: `42601` for a command that is not written as PostgreSQL has it, `25006` for what would change
    ///   anything.
    init(_ sql: String) throws(SQLFault) {
        var reader = CommandReader(sql)
        self = try reader.command()
    }
}

/// Reads the commands of a session.
struct CommandReader {
    let sql: String
    let tokens: [SQLScanner.Token]
    private var place = 0

    init(_ sql: String) {
        self.sql = sql
        tokens = SQLScanner.tokens(sql).filter { $0.kind != .symbol || $0.text != ";" }
    }

    private static let writes: Set<String> = [
        "insert", "update", "delete", "merge", "truncate", "create", "alter", "drop", "grant", "revoke",
        "comment",
        "call", "do", "vacuum", "analyze", "reindex", "cluster", "refresh", "import", "security", "reassign",
        "load",
    ]

    mutating func command() throws(SQLFault) -> SessionCommand {
        guard let first = tokens.first, first.kind == .word else { return .question }
        place = 1
        switch first.text {
        case "set": return try set()
        case "show": return try show()
        case "reset":
            let name = try settingName()
            return name == "all" ? .resetAll : .reset(name)
        case "begin", "start": return .transaction(.begin)
        case "commit", "end": return .transaction(.commit)
        case "abort": return .transaction(.rollback)
        case "rollback": return .transaction(tokens.contains { $0.text == "to" } ? .rollbackTo : .rollback)
        case "savepoint": return .transaction(.savepoint)
        case "release": return .transaction(.release)
        case "discard": return .discardAll
        case "listen", "unlisten", "notify", "checkpoint", "lock":
            return .nothing(tag: first.text.uppercased())
        case "prepare": return try prepare()
        case "execute": return try execute()
        case "deallocate":
            _ = take("prepare")
            let name = try name()
            return .deallocate(name == "all" ? nil : name)
        case "declare": return try declare()
        case "fetch", "move": return try fetch(isMove: first.text == "move")
        case "close":
            let name = try name()
            return .closeCursor(name == "all" ? nil : name)
        case "copy": return try copy()
        case "explain": return .explain
        case let verb where Self.writes.contains(verb): throw Self.readOnly(verb)
        default: return .question
        }
    }

    static func readOnly(_ verb: String) -> SQLFault {
        SQLFault(
            SQLState(rawValue: "25006"), "cannot execute \(verb.uppercased()) in a read-only transaction",
            hint: "Data are only asked here, never changed: keep results where you work.", position: 1)
    }

    // MARK: Tokens

    private var current: SQLScanner.Token? { tokens.indices.contains(place) ? tokens[place] : nil }

    private mutating func take(_ word: String) -> Bool {
        guard let current, current.kind == .word || current.kind == .symbol, current.text == word else {
            return false
        }
        place += 1
        return true
    }

    private func fault() -> SQLFault {
        guard let current else { return SQLFault(.syntaxError, "syntax error at end of input") }
        let before = sql.utf8.prefix(current.range.lowerBound)
        let word = current.kind == .word || current.kind == .symbol ? "\"\(current.text)\"" : "a literal"
        return SQLFault(
            .syntaxError, "syntax error at or near \(word)",
            position: String(decoding: before, as: UTF8.self).unicodeScalars.count + 1)
    }

    private mutating func name() throws(SQLFault) -> String {
        guard let current, current.kind == .word || current.kind == .quotedWord else { throw fault() }
        place += 1
        return current.text
    }

    private mutating func settingName() throws(SQLFault) -> String {
        var name = try name()
        while take(".") { name += "." + (try self.name()) }
        return name.lowercased()
    }

    /// The statement from the current token on.
    private var rest: String {
        current.map { String(decoding: sql.utf8.dropFirst($0.range.lowerBound), as: UTF8.self) } ?? ""
    }

    // MARK: Settings

    private mutating func set() throws(SQLFault) -> SessionCommand {
        let isLocal = take("local")
        if !isLocal, take("session") {
            if take("characteristics") { return .nothing(tag: "SET") }
            if take("authorization") { throw Self.fixedRole() }
        }
        if take("transaction") || take("constraints") { return .nothing(tag: "SET") }
        if take("names") { return .set(name: "client_encoding", value: try value(), isLocal: isLocal) }
        if take("time") {
            guard take("zone") else { throw fault() }
            return .set(name: "timezone", value: try value(), isLocal: isLocal)
        }
        let name = try settingName()
        if name == "role" || name == "session_authorization" { throw Self.fixedRole() }
        guard take("to") || take("=") else { throw fault() }
        return .set(name: name, value: try value(), isLocal: isLocal)
    }

    private static func fixedRole() -> SQLFault {
        SQLFault(.featureNotSupported, "whoever signed in is who asks", hint: "Connect as the other user.")
    }

    /// What stands to the end, as one text; nil for DEFAULT.
    private mutating func value() throws(SQLFault) -> String? {
        guard current != nil else { throw fault() }
        if tokens.count == place + 1, current?.kind == .word, current?.text == "default" { return nil }
        var text = ""
        while let token = current {
            text += token.text == "," ? ", " : token.text
            place += 1
        }
        return text
    }

    private mutating func show() throws(SQLFault) -> SessionCommand {
        if take("all") { return .showAll }
        if take("transaction") { return .show("transaction_isolation") }
        if take("time") { return .show("timezone") }
        if take("session") { return .show("session_authorization") }
        return .show(try settingName())
    }

    // MARK: Prepared statements and cursors

    private mutating func prepare() throws(SQLFault) -> SessionCommand {
        if tokens.count > 1, tokens[1].text == "transaction" { throw Self.readOnly("PREPARE TRANSACTION") }
        let name = try name()
        if take("(") {
            while current != nil, !take(")") { place += 1 }
        }
        guard take("as"), current != nil else { throw fault() }
        return .prepare(name: name, sql: rest)
    }

    private mutating func execute() throws(SQLFault) -> SessionCommand {
        let name = try name()
        var values: [String?] = []
        guard take("(") else { return .execute(name: name, values) }
        while !take(")") {
            let sign = take("-") ? "-" : ""
            guard let token = current else { throw fault() }
            place += 1
            switch token.kind {
            case .string, .number: values.append(sign + token.text)
            case .word where token.text == "null": values.append(nil)
            case .word where token.text == "true" || token.text == "false": values.append(token.text)
            default:
                throw SQLFault(
                    .featureNotSupported, "EXECUTE takes literals alone", hint: "Write the values.")
            }
            _ = take(",")
        }
        return .execute(name: name, values)
    }

    private mutating func declare() throws(SQLFault) -> SessionCommand {
        let name = try name()
        while let token = current, token.text != "for" {
            guard token.kind == .word else { throw fault() }
            if token.text == "binary" {
                throw SQLFault(
                    .featureNotSupported, "binary cursors are not supported", hint: "Leave BINARY out.")
            }
            place += 1
        }
        guard take("for"), current != nil else { throw fault() }
        return .declare(name: name, sql: rest)
    }

    private mutating func fetch(isMove: Bool) throws(SQLFault) -> SessionCommand {
        var count: Int? = 1
        if take("next") {
        } else if take("all") {
            count = nil
        } else {
            let isForward = take("forward")
            if let token = current, token.kind == .number {
                count = Int(token.text)
                place += 1
            } else if isForward, take("all") {
                count = nil
            } else if let token = current, token.kind == .symbol || Self.backward.contains(token.text) {
                throw SQLFault(.objectNotInPrerequisiteState, "cursor can only scan forward")
            }
        }
        _ = take("from") || take("in")
        return .fetch(name: try name(), count: count, isMove: isMove)
    }

    private static let backward: Set<String> = ["prior", "first", "last", "absolute", "relative", "backward"]

    // MARK: COPY

    private mutating func copy() throws(SQLFault) -> SessionCommand {
        guard take("(") else {
            if tokens.contains(where: { $0.text == "from" && $0.kind == .word }) {
                throw Self.readOnly("COPY FROM")
            }
            throw SQLFault(
                .featureNotSupported, "COPY of a table is not supported",
                hint: "Write COPY (SELECT …) TO STDOUT.")
        }
        let start = tokens[place - 1].range.upperBound
        var depth = 1
        while let token = current, depth > 0 {
            if token.kind == .symbol { depth += token.text == "(" ? 1 : token.text == ")" ? -1 : 0 }
            place += 1
        }
        guard depth == 0 else { throw fault() }
        let end = tokens[place - 1].range.lowerBound
        let inner = String(decoding: Array(sql.utf8)[start..<end], as: UTF8.self)
        guard take("to") else { throw fault() }
        guard take("stdout") else {
            throw SQLFault(
                .insufficientPrivilege, "COPY to a file or a program is not permitted",
                hint: "Write TO STDOUT.")
        }
        return .copy(sql: inner, try copyFormat())
    }

    private mutating func copyFormat() throws(SQLFault) -> CopyFormat {
        let options = tokens[place...]
        let words = Set(
            options.filter { $0.kind == .word || $0.kind == .string }.map { $0.text.lowercased() })
        var format = CopyFormat(words.contains("csv") ? .csv : words.contains("binary") ? .binary : .text)
        _ = take("with")
        _ = take("(")
        while let token = current {
            place += 1
            switch token.text.lowercased() {
            case "csv", "text", "binary", "format", ",", ")", "as": continue
            case "header": format.hasHeader = !(take("false") || take("off"))
            case "delimiter", "null":
                _ = take("as")
                guard let value = current, value.kind == .string else { throw fault() }
                place += 1
                if token.text == "null" {
                    format.null = value.text
                } else {
                    guard value.text.utf8.count == 1 else {
                        throw SQLFault(
                            .featureNotSupported, "COPY delimiter must be a single one-byte character")
                    }
                    format.delimiter = value.text
                }
            case "true", "on": continue
            default:
                throw SQLFault(
                    .featureNotSupported, "that option of COPY is not supported",
                    hint: "There are FORMAT, HEADER, DELIMITER and NULL.")
            }
        }
        return format
    }
}
