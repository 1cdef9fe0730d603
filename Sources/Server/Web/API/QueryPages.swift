internal import Core
internal import Foundation
internal import Hummingbird
internal import Node

/// A question as the API shows it.
struct QueryPage: Encodable {
    private struct Fault: Encodable {
        let sqlstate: String
        let message: String
        let hint: String?
        let position: Int?
    }

    private let id: String
    private let state: QuestionRun.State
    private let sql: String
    private let agreement: String
    private let purpose: String?
    private let require: String
    private let deadlineSeconds: Int
    private let beganAt: String
    private let endedAt: String?
    private let asked: [String]
    private let sites: [SiteReceipt]
    private let rows: Int?
    private let fault: Fault?

    init(_ run: QuestionRun) {
        (id, state, sql) = (run.id, run.state, run.question.sql)
        (agreement, purpose) = (run.question.agreement, run.question.purpose)
        (require, deadlineSeconds) = (run.question.require.text, run.question.deadlineSeconds)
        beganAt = Self.time(run.beganAt)
        endedAt = run.endedAt.map(Self.time)
        (asked, sites, rows) = (run.asked, run.sites, run.answer?.table.rowCount)
        fault = run.fault.map {
            Fault(
                sqlstate: $0.fault.sqlstate.rawValue, message: $0.fault.message, hint: $0.fault.hint,
                position: $0.fault.position)
        }
    }

    /// RFC 3339 in UTC, with milliseconds.
    private static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(
            Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    static let schema = Schema.object(
        [
            ("id", .text), ("state", .oneOf(["running", "done", "failed", "cancelled"])), ("sql", .text),
            ("agreement", .text), ("purpose", .text), ("require", .text), ("deadline_seconds", .integer),
            ("began_at", .text), ("ended_at", .text), ("asked", .array(.text)), ("sites", .array(.anything)),
            ("rows", .integer),
            (
                "fault",
                .object(
                    [("sqlstate", .text), ("message", .text), ("hint", .text), ("position", .integer)],
                    optional: ["hint", "position"])
            ),
        ], optional: ["purpose", "ended_at", "rows", "fault"])
}

/// Events of a question as lines of a stream (HTML, 9.2.6).
enum QueryEvents {
    private struct Ended: Encodable { let state: QuestionRun.State }
    private struct Asked: Encodable { let sites: [String] }

    static func lines(_ events: AsyncStream<(Int, QuestionRun.Event)>) -> AsyncStream<String> {
        let (stream, sink) = AsyncStream.makeStream(of: String.self)
        let task = Task {
            for await (number, event) in events { sink.yield(line(number, event)) }
            sink.finish()
        }
        sink.onTermination = { _ in task.cancel() }
        return stream
    }

    private static func line(_ number: Int, _ event: QuestionRun.Event) -> String {
        let (name, data) =
            switch event {
            case .asked(let sites): ("asked", try? ScriptJSON.encode(Asked(sites: sites)))
            case .site(let site): ("site", try? ScriptJSON.encode(site))
            case .ended(let state): ("ended", try? ScriptJSON.encode(Ended(state: state)))
            }
        return "id: \(number)\nevent: \(name)\ndata: \(data ?? "{}")\n\n"
    }
}

/// As what rows are fetched.
enum ResultFormat: String, CaseIterable {
    case json, csv, parquet

    /// By the query, else by the first of the media types that the client takes and the node has; else JSON.
    init(_ call: APICall) {
        if let named = call.query["format"]?.text.flatMap(Self.init) {
            self = named
            return
        }
        let taken = call.request.headers[.accept]?.split(separator: ",").map {
            $0.split(separator: ";")[0].trimmingCharacters(in: .whitespaces).lowercased()
        }
        self = taken?.lazy.compactMap { type in Self.allCases.first { $0.type == type } }.first ?? .json
    }

    var type: String {
        switch self {
        case .json: APIAnswer.json
        case .csv: "text/csv"
        case .parquet: "application/vnd.apache.parquet"
        }
    }
}

/// Rows of an answer, a page at a time. A cursor is the place of the first row: answers do not change.
enum ResultPage {
    private static let usual = 1_000

    static let schema = Schema.object([
        ("columns", .array(.object([("name", .text), ("type", .text)]))), ("rows", .array(.array(.anything))),
        ("withheld", .array(.array(.integer))), ("row_count", .integer), ("next", .nullable(.text)),
    ])

    static func of(_ answer: Answer, _ call: APICall) throws -> APIAnswer {
        let first = call.query["cursor"]?.text.map { Int($0) ?? -1 } ?? 0
        guard (0...answer.table.rowCount).contains(first) else {
            throw Problem.invalid("'cursor' is none of this answer")
        }
        let end = min(answer.table.rowCount, first + (call.query["limit"]?.integer ?? usual))
        let page = Answer(
            table: Table(
                answer.table.columns.map { ($0.name, $0.type) },
                rows: (first..<end).map(answer.table.row)),
            withheld: answer.withheld.filter { (first..<end).contains($0.row) }.map {
                WithheldCell(row: $0.row - first, column: $0.column)
            }, receipt: answer.receipt)
        guard case .object(var members) = try ScriptJSON.tree(page) else {
            throw APIFailure.anotherReply
        }
        members["receipt"] = nil
        members["row_count"] = .integer(Int64(answer.table.rowCount))
        members["next"] = end < answer.table.rowCount ? .text(String(end)) : .null
        return try .json(.object(members))
    }
}
