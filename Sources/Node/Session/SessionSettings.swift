internal import Core

/// What a session has set: what it asks under, and what PostgreSQL's clients keep for themselves.
struct SessionSettings: Sendable {
    /// Settings of PostgreSQL that clients send or ask for, with what they are from the start. Those in `fixed` are
    /// what they are; the others may be set, and matter to the client alone.
    private static let defaults: [String: String] = [
        "application_name": "", "bytea_output": "hex", "client_encoding": "UTF8",
        "client_min_messages": "notice", "datestyle": "ISO, MDY",
        "default_transaction_isolation": "read committed",
        "default_transaction_read_only": "on", "extra_float_digits": "1",
        "idle_in_transaction_session_timeout": "0",
        "intervalstyle": "postgres", "jit": "off", "lc_messages": "C", "lc_monetary": "C", "lc_numeric": "C",
        "lock_timeout": "0", "max_index_keys": "32", "role": "none", "row_security": "on",
        "search_path": "\"$user\", public, reference, codelist, released", "statement_timeout": "0",
        "synchronous_commit": "on",
        "timezone": "UTC",
        "transaction_isolation": "read committed", "transaction_read_only": "on",
        "transaction_deferrable": "off",
        "xmloption": "content", "default_transaction_deferrable": "off", "idle_session_timeout": "0",
        "integer_datetimes": "on", "is_superuser": "off", "max_identifier_length": "63",
        "server_encoding": "UTF8",
        "server_version": SessionSettings.serverVersion, "server_version_num": "150000",
        "standard_conforming_strings": "on", "session_authorization": "", "in_hot_standby": "off",
        "ssl": "on",
        "block_size": "8192", "lc_collate": "C", "lc_ctype": "C", "max_connections": "100",
    ]
    private static let fixed: Set<String> = [
        "integer_datetimes", "is_superuser", "max_identifier_length", "server_encoding", "server_version",
        "server_version_num", "in_hot_standby", "ssl", "block_size", "lc_collate", "lc_ctype",
        "max_index_keys",
        "max_connections", "session_authorization",
    ]
    /// Those that clients are told, by the names that they know them by (PostgreSQL 15, 55.2.7).
    private static let reported: [String: String] = [
        "application_name": "application_name", "client_encoding": "client_encoding",
        "datestyle": "DateStyle",
        "default_transaction_read_only": "default_transaction_read_only", "in_hot_standby": "in_hot_standby",
        "integer_datetimes": "integer_datetimes", "intervalstyle": "IntervalStyle",
        "is_superuser": "is_superuser",
        "server_encoding": "server_encoding", "server_version": "server_version",
        "session_authorization": "session_authorization",
        "standard_conforming_strings": "standard_conforming_strings", "timezone": "TimeZone",
    ]
    /// The version whose grammar and protocol are spoken.
    static let serverVersion = "15.0 (Concordat)"

    private(set) var values: [String: String]
    private var initial: [String: String]

    private(set) var agreement: String?
    private(set) var purpose: String?
    private(set) var require = Requirement.all
    private(set) var deadlineSeconds = 60
    private(set) var maximumAgeDays: Int?
    /// Whether it is said how much values may lack.
    private(set) var showsBounds = true

    init(user: String) {
        values = Self.defaults
        values["session_authorization"] = user
        initial = values
        note()
    }

    /// What is set from here on is what RESET goes back to: for what a client sends when it connects.
    mutating func keepAsInitial() { initial = values }

    var reported: [SessionSetting] {
        Self.reported.sorted { $0.key < $1.key }.map { SessionSetting($0.value, values[$0.key] ?? "") }
    }

    /// Those of the reported settings that are others than before.
    func changes(since before: SessionSettings) -> [SessionSetting] {
        zip(before.reported, reported).compactMap { $0 == $1 ? nil : $1 }
    }

    /// - Throws: `42704` for what nobody knows.
    func show(_ name: String) throws(SQLFault) -> String {
        guard let value = values[name] else {
            throw SQLFault(.undefinedObject, "unrecognized configuration parameter \"\(name)\"")
        }
        return value
    }

    mutating func reset(_ name: String) throws(SQLFault) {
        _ = try show(name)
        if let value = initial[name] { try set(name, value) }
    }

    mutating func resetAll() {
        let user = values["session_authorization"]
        values = initial
        values["session_authorization"] = user
        read()
    }

    /// - Throws: `22023` for a value that is none; `55P02` for what cannot be changed.
    mutating func set(_ name: String, _ value: String) throws(SQLFault) {
        if name.hasPrefix("concordat.") { return try setOwn(String(name.dropFirst(10)), value) }
        guard !Self.fixed.contains(name) else {
            guard values[name] != value else { return }
            throw SQLFault(SQLState(rawValue: "55P02"), "parameter \"\(name)\" cannot be changed")
        }
        switch name {
        case "client_encoding":
            // As PostgreSQL compares names of encodings: by letters and digits alone.
            guard ["utf8", "unicode"].contains(value.lowercased().filter { $0.isLetter || $0.isNumber })
            else {
                throw Self.invalid(name, "this node speaks UTF8 alone: set PGCLIENTENCODING=UTF8")
            }
            values[name] = "UTF8"
        case "datestyle":
            guard !["german", "sql", "postgres"].contains(where: value.lowercased().contains) else {
                throw Self.invalid(name, "dates are written as ISO here")
            }
            let order = ["DMY", "YMD"].first { value.uppercased().contains($0) } ?? "MDY"
            values[name] = "ISO, \(order)"
        case "intervalstyle":
            guard value.lowercased() == "postgres" else {
                throw Self.invalid(name, "intervals are written as 'postgres' here")
            }
        case "bytea_output", "standard_conforming_strings":
            guard values[name] == value.lowercased() || name == "bytea_output" else {
                throw Self.invalid(name, "a backslash is a backslash here")
            }
        case "statement_timeout":
            guard Self.milliseconds(value) != nil else { throw Self.invalid(name, "write 30s, 2min or 5000") }
            values[name] = value
        case "default_transaction_read_only", "transaction_read_only": break
        default: values[name] = value
        }
    }

    /// nil where there is none.
    var statementTimeout: Duration? {
        let time = Self.milliseconds(values["statement_timeout"] ?? "0") ?? 0
        return time > 0 ? .milliseconds(time) : nil
    }

    /// A time as PostgreSQL reads it; milliseconds where no unit stands.
    private static func milliseconds(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number < 1 << 40 else { return nil }
        let units: [String: Int64] = [
            "": 1, "ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000,
        ]
        return units[text.dropFirst(digits.count).trimming { $0 == " " }].map { number * $0 }
    }

    private static func invalid(_ name: String, _ hint: String) -> SQLFault {
        SQLFault(SQLState(rawValue: "22023"), "invalid value for parameter \"\(name)\"", hint: hint)
    }

    // MARK: concordat.*

    static let ownNames = ["agreement", "purpose", "require", "deadline", "max_age", "bounds"]

    private mutating func setOwn(_ name: String, _ value: String) throws(SQLFault) {
        let full = "concordat.\(name)"
        let isNone = value.isEmpty
        switch name {
        case "agreement": agreement = isNone ? nil : value
        case "purpose": purpose = isNone ? nil : value
        case "require":
            guard let read = Requirement(isNone ? "all" : value) else {
                throw Self.invalid(full, "write all, any or quorum=N")
            }
            require = read
        case "deadline":
            guard let time = Self.milliseconds(isNone ? "60s" : Self.isBare(value) ? value + "s" : value),
                (1_000...3_600_000).contains(time)
            else { throw Self.invalid(full, "write seconds from 1 to 3600, such as 30s") }
            deadlineSeconds = Int(time / 1_000)
        case "max_age":
            guard
                let time = Self.milliseconds(
                    isNone ? "0" : Self.isBare(value) ? value + "d" : Self.days(value)),
                time % 86_400_000 == 0
            else { throw Self.invalid(full, "write whole days, such as 7d; empty for any age") }
            maximumAgeDays = isNone ? nil : Int(time / 86_400_000)
        case "bounds":
            guard ["on", "off", "true", "false", ""].contains(value.lowercased()) else {
                throw Self.invalid(full, "write on or off")
            }
            showsBounds = !["off", "false"].contains(value.lowercased())
        case "receipt": throw SQLFault(SQLState(rawValue: "55P02"), "parameter \"\(full)\" cannot be changed")
        default:
            throw SQLFault(
                .undefinedObject, "unrecognized configuration parameter \"\(full)\"",
                hint: "there are \(Self.ownNames.map { "concordat.\($0)" }.joined(separator: ", "))")
        }
        note()
    }

    private static func isBare(_ value: String) -> Bool { value.allSatisfy { $0.isASCII && $0.isNumber } }

    /// `7 days` as `7d`.
    private static func days(_ value: String) -> String {
        for unit in [" days", " day", "days", "day"] where value.hasSuffix(unit) {
            return value.dropLast(unit.count) + "d"
        }
        return value
    }

    /// Writes own settings down as SHOW gives them.
    private mutating func note() {
        values["concordat.agreement"] = agreement ?? ""
        values["concordat.purpose"] = purpose ?? ""
        values["concordat.require"] = require.text
        values["concordat.deadline"] = "\(deadlineSeconds)s"
        values["concordat.max_age"] = maximumAgeDays.map { "\($0)d" } ?? ""
        values["concordat.bounds"] = showsBounds ? "on" : "off"
    }

    /// Reads own settings from what is written down.
    private mutating func read() {
        // Each that is set writes down all of them.
        let written = values
        for name in Self.ownNames { try? setOwn(name, written["concordat.\(name)"] ?? "") }
    }
}

extension StringProtocol {
    fileprivate func trimming(_ isLeftOut: (Character) -> Bool) -> String {
        var text = self[...]
        while let first = text.first, isLeftOut(first) { text.removeFirst() }
        while let last = text.last, isLeftOut(last) { text.removeLast() }
        return String(text)
    }
}
