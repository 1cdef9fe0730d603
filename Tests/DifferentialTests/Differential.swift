import Core
import Warehouse

@testable import Query

/// Asks the federation and both pooled databases one generated question and compares.
struct Differential {
    /// What became of a question.
    enum Outcome: Sendable {
        case agreed(rows: Int)
        case refused(SQLFault)
        case disagreed(String)
        /// The oracle could not answer: a fault of the generator.
        case broken(String)
    }

    let parts: Parts

    func outcome(of question: Question) async -> Outcome {
        let plan: FederatedPlan
        do {
            plan = try parts.plan(Writer(side: .federation).sql(question))
        } catch let fault as SQLFault {
            return .refused(fault)
        } catch {
            return .disagreed("the planner threw \(error)")
        }
        let expected: [[Value]]
        do {
            expected = try await pooled(question, .postgresql)
        } catch {
            return .broken("PostgreSQL: \(Self.words(error))")
        }
        return await compared(question, plan, expected)
    }

    private func compared(_ question: Question, _ plan: FederatedPlan, _ expected: [[Value]]) async -> Outcome {
        let kinds = question.body.columns.map(\.kind)
        let isOrdered = question.order != nil
        func check(_ name: String, _ rows: () async throws -> [[Value]]) async -> String? {
            do {
                return Comparison.difference(try await rows(), expected, kinds, isOrdered: isOrdered)
                    .map { "\(name): \($0)" }
            } catch {
                return "\(name) threw \(Self.words(error))"
            }
        }
        if let difference = await check("pooled DuckDB", { try await pooled(question, .duckdb) }) {
            return .broken(difference)
        }
        if let difference = await check("sites on PostgreSQL", { try await parts.ask(plan, sitesOn: parts.postgresql).rows }) {
            return .disagreed(difference)
        }
        if let difference = await check("sites on DuckDB", { try await parts.ask(plan, sitesOn: parts.duckdb).rows }) {
            return .disagreed(difference)
        }
        return .agreed(rows: expected.count)
    }

    private func pooled(_ question: Question, _ side: Side) async throws -> [[Value]] {
        let engine = side == .duckdb ? parts.duckdb : parts.postgresql
        let sql = Writer(side: side).sql(question)
        return try await engine.withSession { try await $0.query(sql).rows }
    }

    private static func words(_ error: any Error) -> String {
        guard let error = error as? EngineError else { return "\(error)" }
        return "\(error): \(error.operatorDetail ?? "")"
    }

    /// A smaller question about which the sides still disagree in the same way; at most so many are tried.
    func shrunk(_ question: Question, attempts: Int = 400) async -> Question {
        var best = question
        var left = attempts
        var isBroken = false
        if case .broken = await outcome(of: question) { isBroken = true }
        search: while left > 0 {
            for candidate in best.reductions {
                left -= 1
                guard left > 0 else { break search }
                switch (await outcome(of: candidate), isBroken) {
                case (.disagreed, false), (.broken, true):
                    best = candidate
                    continue search
                default: continue
                }
            }
            break
        }
        return best
    }
}

/// Rows of one side against those expected.
enum Comparison {
    static func difference(
        _ got: [[Value]], _ expected: [[Value]], _ kinds: [Kind], isOrdered: Bool
    ) -> String? {
        guard got.count == expected.count else { return "\(got.count) rows, expected \(expected.count)" }
        let (left, right) = (got.map { cells($0, kinds) }, expected.map { cells($0, kinds) })
        let pairs =
            isOrdered ? Array(zip(left, right)) : Array(zip(left.sorted(by: precedes), right.sorted(by: precedes)))
        for (place, (a, b)) in pairs.enumerated() where !zip(a, b).allSatisfy(agree) || a.count != b.count {
            return "row \(place): got \(a), expected \(b)"
        }
        return nil
    }

    /// Values in one form for each kind: engines give dates as timestamps, and whole numbers of several widths.
    private static func cells(_ row: [Value], _ kinds: [Kind]) -> [Value] {
        zip(row, kinds).map { value, kind in
            switch (value, kind) {
            case (.integer(let number), .real), (.integer(let number), .decimal): .double(Double(number))
            case (.double(let number), .int), (.double(let number), .big):
                Int64(exactly: number).map(Value.integer) ?? value
            case (.date(let days), _): .timestamp(Int64(days) * 86_400_000_000)
            case (.text(let text), .real), (.text(let text), .decimal): Double(text).map(Value.double) ?? value
            case (.text(let text), .int), (.text(let text), .big): Int64(text).map(Value.integer) ?? value
            default: value
            }
        }
    }

    /// Exactly; floating point to 1e-12 of the larger.
    static func agree(_ a: Value, _ b: Value) -> Bool {
        guard case .double(let x) = a, case .double(let y) = b else { return a == b }
        if x == y || (x.isNaN && y.isNaN) { return true }
        return abs(x - y) <= 1e-12 * max(1, abs(x), abs(y))
    }

    /// An order that no last digit changes: floating point comes last and coarse.
    private static func precedes(_ a: [Value], _ b: [Value]) -> Bool {
        let exact = zip(a, b).filter { !isDouble($0) && !isDouble($1) }
        for (x, y) in exact {
            let (x, y) = ("\(x)", "\(y)")
            if x != y { return x.utf8.lexicographicallyPrecedes(y.utf8) }
        }
        for (x, y) in zip(a, b) {
            let (x, y) = (coarse(x), coarse(y))
            if x != y { return x < y }
        }
        return false
    }

    private static func isDouble(_ value: Value) -> Bool { if case .double = value { true } else { false } }

    private static func coarse(_ value: Value) -> Double {
        guard case .double(let number) = value else { return -.infinity }
        if number.isNaN { return .greatestFiniteMagnitude }
        guard number.isFinite, abs(number) < 1e12 else { return number }
        return (number * 1e6).rounded() / 1e6
    }
}
