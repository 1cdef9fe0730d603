internal import Core
internal import Node

/// A column of an answer that says when: days, months, years or instants, by its type or by how its texts are written.
struct ChartTime: Sendable {
    /// How finely time is told, so that an axis bears no more than is known.
    enum Unit: String, Sendable {
        case year, month, day, moment
    }

    /// Milliseconds since 1970, UTC, by row; nil where there is none.
    let instants: [Int64?]
    let unit: Unit

    /// - Returns: nil unless every value is a time, and there is one at all.
    init?(_ column: Table.Column) {
        var instants: [Int64?] = []
        for row in 0..<column.vector.count {
            let value = column.vector[row]
            if value == .null {
                instants.append(nil)
                continue
            }
            guard let instant = Self.instant(value, isYear: Self.saysYear(column.name)) else { return nil }
            instants.append(instant)
        }
        let known = instants.compactMap(\.self)
        guard !known.isEmpty else { return nil }
        self.instants = instants
        unit = Self.unit(known)
    }

    /// Numbers are years only in a column that says so: other numbers are as large.
    private static func saysYear(_ name: String) -> Bool { name.lowercased().contains("year") }

    private static let day: Int64 = 86_400_000

    private static func instant(_ value: Value, isYear: Bool) -> Int64? {
        switch value {
        case .date(let days): return Int64(days) * day
        case .timestamp(let microseconds): return Int64((Double(microseconds) / 1_000).rounded(.down))
        case .integer(let year): return isYear ? start(ofYear: Double(year)) : nil
        case .double(let year): return isYear ? start(ofYear: year) : nil
        case .text(let text):
            // 2024-03, as to_char writes months; 2024-03-01.
            let whole = text.utf8.count == 7 ? text + "-01" : text
            return Civil.parseDate(whole).map { Int64($0) * day }
        default: return nil
        }
    }

    private static func start(ofYear year: Double) -> Int64? {
        guard year == year.rounded(), (1_800...2_200).contains(year) else { return nil }
        return Int64(Civil.days(year: Int(year), month: 1, day: 1)) * day
    }

    private static func unit(_ instants: [Int64]) -> Unit {
        guard instants.allSatisfy({ $0 % day == 0 }) else { return .moment }
        let dates = instants.map { Civil.date(days: Int($0 / day)) }
        guard dates.allSatisfy({ $0.day == 1 }) else { return .day }
        return dates.allSatisfy { $0.month == 1 } ? .year : .month
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `2024`, `Mar 2024`, `5 Mar 2024`, `5 Mar 2024, 14:05`.
    func words(_ instant: Int64) -> String {
        let days = Int((Double(instant) / Double(Self.day)).rounded(.down))
        let (year, month, day) = Civil.date(days: days)
        switch unit {
        case .year: return String(year)
        case .month: return "\(Self.months[month - 1]) \(year)"
        case .day: return "\(day) \(Self.months[month - 1]) \(year)"
        case .moment:
            let minutes = Int((instant - Int64(days) * Self.day) / 60_000)
            let clock = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            return "\(day) \(Self.months[month - 1]) \(year), \(clock.joined(separator: ":"))"
        }
    }

    /// What comes after, where it is known what that would be: a place without a number breaks a line.
    func next(after instant: Int64) -> Int64? {
        let (year, month, _) = Civil.date(days: Int(instant / Self.day))
        switch unit {
        case .year: return Int64(Civil.days(year: year + 1, month: 1, day: 1)) * Self.day
        case .month:
            return Int64(Civil.days(year: year + month / 12, month: month % 12 + 1, day: 1)) * Self.day
        case .day, .moment: return nil
        }
    }
}

extension ChartView {
    /// More lines than these cannot be told apart.
    private static let mostLines = 8
    private static let mostMoments = 2_000

    /// Lines over time: a line for each number that is drawn and each of the other groups.
    /// - Returns: nil where no column says when.
    func overTime() -> (data: JSONTree, page: [String: any Sendable])? {
        guard let when = timeColumn, let time = ChartTime(table.columns[when]) else { return nil }
        let others = groups.filter { $0 != when }
        var names: [String] = []
        var lines: [String: [Int64: Double?]] = [:]
        for row in 0..<table.rowCount {
            guard let instant = time.instants[row] else { continue }
            for column in values where column != when {
                let name = lineName(row, column, others)
                if lines[name] == nil { names.append(name) }
                lines[name, default: [:]][instant] = table.columns[column].vector[row].number
            }
        }
        let moments = Set(time.instants.compactMap(\.self)).sorted()
        // One moment is no line.
        guard !names.isEmpty, (2...Self.mostMoments).contains(moments.count) else { return nil }
        let shown = names.prefix(Self.mostLines)
        let data: JSONTree = .object([
            "kind": "time", "label": .text(table.columns[when].name),
            "ticks": .array(
                moments.map { .object(["x": .integer($0), "label": .text(time.words($0))]) }),
            "series": .array(
                shown.map { name in
                    .object(["name": .text(name), "values": Self.points(lines[name] ?? [:], time)])
                }),
        ])
        return (data, words(when, others, names.count, time))
    }

    private func lineName(_ row: Int, _ column: Int, _ others: [Int]) -> String {
        let group = others.map { place in
            let value = table.columns[place].vector[row]
            return value == .null ? "not known" : value.text
        }
        let own = values.count > 1 || group.isEmpty ? [table.columns[column].name] : []
        return (own + group).joined(separator: " \u{00b7} ")
    }

    private static func points(_ line: [Int64: Double?], _ time: ChartTime) -> JSONTree {
        var points: [JSONTree] = []
        var expected: Int64?
        for (instant, value) in line.sorted(by: { $0.key < $1.key }) {
            if let expected, expected < instant { points.append(["x": .integer(expected), "y": .null]) }
            points.append(["x": .integer(instant), "y": value.map(JSONTree.number) ?? .null])
            expected = time.next(after: instant)
        }
        return .array(points)
    }

    private func words(
        _ when: Int, _ others: [Int], _ count: Int, _ time: ChartTime
    ) -> [String: any Sendable] {
        let drawn = ConsoleWords.list(values.filter { $0 != when }.map { table.columns[$0].name })
        let by =
            others.isEmpty
            ? "" : ", a line for each \(ConsoleWords.list(others.map { table.columns[$0].name }))"
        var page: [String: any Sendable] = ["title": "\(drawn) over time (\(table.columns[when].name))\(by)"]
        if count > Self.mostLines {
            page["cut"] =
                "Only the first \(Self.mostLines) of \(ConsoleWords.grouped(count)) lines are drawn."
        }
        let undated = time.instants.count { $0 == nil }
        let left =
            undated == 0 ? [] : ["\(ConsoleWords.count(undated, "row")) without a time cannot be drawn."]
        let gap = "A line is broken where there is no number, or it is withheld: that is not zero."
        page["missing"] = (left + [gap]).joined(separator: " ")
        return page
    }
}
