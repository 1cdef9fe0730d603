import Core
import Testing

@testable import PostgresWire

/// Sessions as transcripts: what a client sends, what comes of it.
@Suite struct SessionStateMachineTests {
    /// One step: a message or the end of work, and every line that follows it.
    struct Step: Sendable {
        enum Event: Sendable {
            case message(FrontendMessage)
            case outcome(StatementOutcome, TransactionStatus)
            case shape(StatementShape)
            case fault(SQLFault, TransactionStatus)
        }

        let event: Event
        let lines: [String]

        init(_ message: FrontendMessage, _ lines: String...) {
            (event, self.lines) = (.message(message), lines)
        }
        init(rows status: TransactionStatus = .idle, _ lines: String...) {
            event = .outcome(StatementOutcome(.rows(people, tag: "SELECT")), status)
            self.lines = lines
        }
        init(tag: String, _ status: TransactionStatus, _ lines: String...) {
            event = .outcome(StatementOutcome(.done(tag: tag)), status)
            self.lines = lines
        }
        init(shape: StatementShape, _ lines: String...) { (event, self.lines) = (.shape(shape), lines) }
        init(fault: SQLFault, _ status: TransactionStatus, _ lines: String...) {
            (event, self.lines) = (.fault(fault, status), lines)
        }
    }

    struct Transcript: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [Step]

        init(_ name: String, _ steps: Step...) { (testDescription, self.steps) = (name, steps) }
    }

    static let columns = [ResultColumn(name: "sex", oid: 25), ResultColumn(name: "people", oid: 20)]
    static let shape = StatementShape(parameters: [25], columns: columns)
    static let plain = StatementShape(parameters: [], columns: columns)
    static func bind(_ portal: String = "", _ values: [[UInt8]?] = [], results: [Int] = []) -> FrontendMessage
    {
        .bind(.init(portal: portal, statement: "", values: values, resultFormats: results))
    }

    static let transcripts = [
        Transcript(
            "a simple query",
            Step(.query("SELECT 1"), "run SELECT 1"),
            Step(
                rows: .idle, "RowDescription sex:25:text people:20:text", "DataRow female|120",
                "DataRow NULL|NULL",
                "CommandComplete SELECT 2", "ReadyForQuery idle")),
        Transcript(
            "nothing to run", Step(.query(" ; -- nothing\n"), "emptyQueryResponse", "ReadyForQuery idle")),
        Transcript(
            "several statements in one string, and one that fails: what follows it is not run",
            Step(.query("BEGIN; SELECT 'a;b'; SELECT x; SELECT 2"), "run BEGIN"),
            Step(tag: "BEGIN", .open, "CommandComplete BEGIN", "run  SELECT 'a;b'"),
            Step(
                rows: .open, "RowDescription sex:25:text people:20:text", "DataRow female|120",
                "DataRow NULL|NULL",
                "CommandComplete SELECT 2", "run  SELECT x"),
            Step(
                fault: SQLFault(.undefinedColumn, "no", position: 9), .failed, "Error 42703 at 29",
                "ReadyForQuery failed")),
        Transcript(
            "an extended query with a parameter",
            Step(.parse(name: "", sql: "SELECT $1", types: [0]), "prepare SELECT $1 [0]"),
            Step(shape: shape, "parseComplete"),
            Step(
                .describeStatement(""), "ParameterDescription [25]",
                "RowDescription sex:25:text people:20:text"),
            Step(bind("", [Array("x".utf8)], results: [0, 1]), "bindComplete"),
            Step(.describePortal(""), "describe SELECT $1 [\"x\"]"),
            Step(shape: shape, "RowDescription sex:25:text people:20:binary"),
            Step(.execute(portal: "", limit: 0), "execute SELECT $1 [\"x\"]"),
            Step(
                rows: .idle, "DataRow female|\0\0\0\0\0\0\0x", "DataRow NULL|NULL", "CommandComplete SELECT 2"
            ),
            Step(.sync, "ReadyForQuery idle")),
        Transcript(
            "a portal with row limits",
            Step(.parse(name: "", sql: "SELECT", types: []), "prepare SELECT []"),
            Step(shape: plain, "parseComplete"),
            Step(bind("p"), "bindComplete"),
            Step(.execute(portal: "p", limit: 1), "execute SELECT []"),
            Step(rows: .open, "DataRow female|120", "portalSuspended"),
            Step(.execute(portal: "p", limit: 1), "DataRow NULL|NULL", "portalSuspended"),
            Step(.execute(portal: "p", limit: 1), "CommandComplete SELECT 0"),
            Step(.closePortal("p"), "closeComplete"), Step(.sync, "ReadyForQuery open"),
            Step(.execute(portal: "p", limit: 0), "Error 34000")),
        Transcript(
            "after a fault everything is passed over until Sync",
            Step(.parse(name: "s", sql: "SELECT x", types: []), "prepare SELECT x []"),
            Step(fault: SQLFault(.undefinedColumn, "no"), .idle, "Error 42703"),
            Step(bind()), Step(.execute(portal: "", limit: 0)), Step(.query("SELECT 1")),
            Step(.sync, "ReadyForQuery idle"), Step(.query("SELECT 1"), "run SELECT 1")),
        Transcript(
            "names that are taken, unknown or too many at once",
            Step(.parse(name: "s", sql: "SELECT 1", types: []), "prepare SELECT 1 []"),
            Step(shape: plain, "parseComplete"),
            Step(.parse(name: "s", sql: "SELECT 1", types: []), "Error 42P05"),
            Step(.sync, "ReadyForQuery idle"),
            Step(.parse(name: "", sql: "SELECT 1; SELECT 2", types: []), "Error 42601"),
            Step(.sync, "ReadyForQuery idle"),
            Step(.bind(.init(portal: "", statement: "t")), "Error 26000"), Step(.sync, "ReadyForQuery idle"),
            Step(.bind(.init(portal: "", statement: "s", values: [nil])), "Error 08P01"),
            Step(.sync, "ReadyForQuery idle"), Step(.closeStatement("s"), "closeComplete"),
            Step(.describeStatement("s"), "Error 26000"), Step(.sync, "ReadyForQuery idle"),
            Step(.unsupported(UInt8(ascii: "F")), "Error 0A000", "ReadyForQuery idle")),
        Transcript(
            "a cursor that SQL declared is described like a portal",
            Step(.describePortal("c"), "describeCursor c"),
            Step(shape: plain, "RowDescription sex:25:text people:20:text"),
            Step(.describePortal("d"), "describeCursor d"),
            Step(fault: SQLFault(SQLState(rawValue: "34000"), "no"), .idle, "Error 34000"),
            Step(.sync, "ReadyForQuery idle")),
        Transcript(
            "statements without rows",
            Step(.parse(name: "", sql: "SET x = 1", types: []), "prepare SET x = 1 []"),
            Step(shape: StatementShape(parameters: [], columns: nil), "parseComplete"),
            Step(bind(), "bindComplete"), Step(.describePortal(""), "noData"),
            Step(.execute(portal: "", limit: 0), "execute SET x = 1 []"),
            Step(tag: "SET", .idle, "CommandComplete SET"), Step(.sync, "ReadyForQuery idle"),
            Step(.parse(name: "", sql: "", types: []), "parseComplete"), Step(bind(), "bindComplete"),
            Step(.describePortal(""), "noData"), Step(.execute(portal: "", limit: 0), "emptyQueryResponse")),
    ]

    @Test(arguments: transcripts) func reads(_ transcript: Transcript) {
        var session = started()
        for step in transcript.steps {
            var lines: [String] =
                switch step.event {
                case .message(let message): words(session.receive(message))
                case .outcome(let outcome, let status): words(session.finish(outcome, status))
                case .shape(let shape): words(session.prepared(shape, .idle))
                case .fault(let fault, let status): words(session.fail(StatementFault(fault), status))
                }
            lines += drained(&session)
            #expect(lines == step.lines, "after \(step.event)")
        }
    }

    /// A pipeline: everything at once, answered in order.
    @Test func whatArrivesDuringWorkWaits() {
        var session = started()
        #expect(words(session.receive(.query("SELECT 1"))) == ["run SELECT 1"])
        #expect(session.receive(.query("SELECT 2")) == [])
        #expect(session.receive(.terminate) == [])
        var lines = words(session.finish(StatementOutcome(.rows(people, tag: "SELECT")), .idle))
        lines += drained(&session, most: 1)
        #expect(
            lines == [
                "RowDescription sex:25:text people:20:text", "DataRow female|120", "DataRow NULL|NULL",
                "CommandComplete SELECT 2", "ReadyForQuery idle", "run SELECT 2",
            ])
        lines = words(session.finish(StatementOutcome(.done(tag: "SET")), .idle)) + drained(&session)
        #expect(lines == ["CommandComplete SET", "ReadyForQuery idle", "close"])
        #expect(session.isClosed)
    }

    @Test func noticesAndSettingsGoBeforeTheResult() {
        var session = started()
        _ = session.receive(.query("SET application_name = 'x'"))
        let outcome = StatementOutcome(
            .done(tag: "SET"), notices: [SQLNotice("heard")],
            settings: [SessionSetting("application_name", "x")])
        #expect(
            words(session.finish(outcome, .idle)) + drained(&session) == [
                "Notice heard", "ParameterStatus application_name=x", "CommandComplete SET",
                "ReadyForQuery idle",
            ])
    }

    /// A result of other types than were described would be misread.
    @Test func aResultOfOtherTypesIsAFault() {
        var session = started()
        _ = session.receive(.parse(name: "", sql: "SELECT", types: []))
        _ = session.prepared(
            StatementShape(parameters: [], columns: [ResultColumn(name: "a", oid: 23)]), .idle)
        _ = session.receive(Self.bind())
        _ = session.receive(.execute(portal: "", limit: 0))
        #expect(
            words(session.finish(StatementOutcome(.rows(people, tag: "SELECT")), .idle)) == ["Error 0A000"])
    }

    @Test func copyStreamsInItsFormats() {
        let rows = ResultRows(
            Table(
                [("a", .text), ("b", .integer)],
                rows: [[.text("x,\"y\"\t\\"), .integer(1)], [.null, .integer(2)], [.text(""), .null]]))
        func copy(_ format: CopyFormat) -> [String] {
            var session = started()
            _ = session.receive(.query("COPY"))
            return words(session.finish(StatementOutcome(.copy(rows, format)), .idle)) + drained(&session)
        }
        #expect(
            copy(CopyFormat(.text)) == [
                "copyOutResponse(isBinary: false, columns: 2)", "CopyData x,\"y\"\\t\\\\\t1",
                "CopyData \\N\t2",
                "CopyData \t\\N", "copyDone", "CommandComplete COPY 3", "ReadyForQuery idle",
            ])
        var csv = CopyFormat(.csv)
        csv.hasHeader = true
        #expect(
            copy(csv) == [
                "copyOutResponse(isBinary: false, columns: 2)", "CopyData a,b",
                "CopyData \"x,\"\"y\"\"\t\\\",1",
                "CopyData ,2", "CopyData \"\",", "copyDone", "CommandComplete COPY 3", "ReadyForQuery idle",
            ])
        // The signature goes with the first row, and the trailer by itself.
        #expect(copy(CopyFormat(.binary)).count == 8)
        #expect(copy(CopyFormat(.binary))[1].hasPrefix("CopyData PGCOPY\n"))
    }
}
