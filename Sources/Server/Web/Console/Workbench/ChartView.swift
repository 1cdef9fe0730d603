internal import Core
internal import Node
internal import Statistics

/// An answer as a chart: what is drawn is computed here; a script of ours draws it, and without one its numbers are a table.
struct ChartView: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case bars, lines, funnel

        var title: String {
            switch self {
            case .bars: "Bars"
            case .lines: "Lines"
            case .funnel: "Funnel plot"
            }
        }
    }

    let answer: AnswerView
    let kind: Kind
    /// What stands below the chart: columns by their places, their values put together.
    let labels: [Int]
    let values: [Int]
    let events: Int
    let people: Int
    /// What of that says when; nil where nothing does.
    let timeColumn: Int?

    private static let most = 200

    var table: Table { answer.answer.table }

    /// By what an address says, else by what suits the answer; nil where nothing of it can be drawn.
    init?(_ answer: AnswerView, _ query: ConsoleForm) {
        let columns = answer.answer.table.columns
        let numbers = columns.indices.filter { columns[$0].type.isNumeric }
        guard !numbers.isEmpty, answer.answer.table.rowCount > 0 else { return nil }
        func place(_ name: String) -> Int? {
            query.number(name).flatMap { columns.indices.contains($0) ? $0 : nil }
        }
        let groups = Self.groups(columns)
        self.answer = answer
        labels = place("label").map { [$0] } ?? (groups.isEmpty ? [0] : groups)
        let own = labels
        timeColumn = own.first { ChartTime(columns[$0]) != nil }
        kind = query["chart"].flatMap(Kind.init) ?? (timeColumn == nil ? .bars : .lines)
        let wanted = query.all("value").compactMap { Int($0) }.filter(numbers.contains)
        values = wanted.isEmpty ? Array(numbers.filter { !own.contains($0) }.prefix(2)) : wanted
        let whole = numbers.filter { columns[$0].type.isInteger && !own.contains($0) }
        people = place("people") ?? whole.first ?? numbers[0]
        let others = whole.filter { [people] in $0 != people }
        events = place("events") ?? others.first ?? people
        // One number alone is nothing to draw.
        if values.isEmpty { return nil }
    }

    // MARK: For the page

    var page: [String: any Sendable] {
        var page: [String: any Sendable] = [
            "kinds": Kind.allCases.map {
                ["value": $0.rawValue, "title": $0.title, "isChosen": $0 == kind] as [String: any Sendable]
            },
            "labels": (groups.count > 1 ? [together] : [])
                + choices { _ in
                    true
                } chosen: {
                    labels == [$0]
                },
            "values": choices {
                $0.type.isNumeric
            } chosen: {
                values.contains($0)
            },
            "events": choices {
                $0.type.isInteger
            } chosen: {
                $0 == events
            },
            "people": choices {
                $0.type.isInteger
            } chosen: {
                $0 == people
            },
            "isFunnel": kind == .funnel, "kind": kind.rawValue,
        ]
        let (data, more) = kind == .funnel ? funnel() : (kind == .lines ? overTime() : nil) ?? series()
        page["data"] = (try? data.written()) ?? "{}"
        page.merge(more) { _, new in new }
        return page
    }

    /// By their places, columns that tell rows apart: what is no number, and years.
    var groups: [Int] { Self.groups(table.columns) }

    private static func groups(_ columns: [Table.Column]) -> [Int] {
        columns.indices.filter { !columns[$0].type.isNumeric || ChartTime(columns[$0]) != nil }
    }

    private var together: [String: any Sendable] {
        ["place": "", "name": "all groups together", "isChosen": labels.count > 1]
    }

    private var labelName: String { labels.map { table.columns[$0].name }.joined(separator: ", ") }

    private func choices(
        _ fits: (Table.Column) -> Bool, chosen: (Int) -> Bool
    ) -> [[String: any Sendable]] {
        table.columns.indices.filter { fits(table.columns[$0]) }.map {
            ["place": String($0), "name": table.columns[$0].name, "isChosen": chosen($0)]
        }
    }

    private func name(_ row: Int) -> String {
        labels.map { column in
            let value = table.columns[column].vector[row]
            return value == .null ? "not known" : value.text
        }.joined(separator: " · ")
    }

    private func series() -> (JSONTree, [String: any Sendable]) {
        let rows = 0..<min(table.rowCount, Self.most)
        let data: JSONTree = .object([
            "kind": .text(kind.rawValue), "label": .text(labelName),
            "labels": .array(rows.map { .text(name($0)) }),
            "series": .array(
                values.map { column in
                    .object([
                        "name": .text(table.columns[column].name),
                        "values": .array(
                            rows.map { row in
                                table.columns[column].vector[row].number.map(JSONTree.number) ?? .null
                            }),
                    ])
                }),
        ])
        let missing = rows.count { row in values.contains { answer.isWithheld(row, $0) } }
        let drawn = values.map { table.columns[$0].name }
        var page: [String: any Sendable] = [
            "title": "\(ConsoleWords.list(drawn)) by \(labelName)"
        ]
        if table.rowCount > rows.count {
            page["cut"] =
                "Only the first \(rows.count) of \(ConsoleWords.grouped(table.rowCount)) rows are drawn."
        }
        if missing > 0 {
            page["missing"] =
                "\(ConsoleWords.count(missing, "place")) of the chart \(missing == 1 ? "is" : "are") empty, "
                + "for the value is withheld."
        }
        return (data, page)
    }

    // MARK: Funnel plot

    private struct Point {
        let name: String
        let events: Int
        let people: Int
        var share: Double { Double(events) / Double(people) }
    }

    private var points: [Point] {
        (0..<table.rowCount).compactMap { row in
            guard case .integer(let counted) = table.columns[events].vector[row],
                case .integer(let all) = table.columns[people].vector[row], all > 0, counted >= 0,
                counted <= all
            else { return nil }
            return Point(name: name(row), events: Int(counted), people: Int(all))
        }
    }

    private static let places = [
        2: "above the upper 99.8 % limit", 1: "above the upper 95 % limit", 0: "within the limits",
        -1: "below the lower 95 % limit", -2: "below the lower 99.8 % limit",
    ]

    private func funnel() -> (JSONTree, [String: any Sendable]) {
        let points = points
        guard let most = points.map(\.people).max() else {
            return (
                ["kind": "none"],
                [
                    "title": "Funnel plot",
                    "missing":
                        "There is nothing to compare: choose a column of people, and one of those among them.",
                ]
            )
        }
        let target = Double(points.map(\.events).reduce(0, +)) / Double(points.map(\.people).reduce(0, +))
        let limits = FunnelLimits(target: target)
        let title =
            "\(table.columns[events].name) of \(table.columns[people].name), by \(labelName)"
        var page: [String: any Sendable] = [
            "title": title, "target": "All that are shown together: \(Self.percent(target)).",
            "points": points.map { point -> [String: any Sendable] in
                let place = limits.place(of: point.events, among: point.people)
                return [
                    "name": point.name, "events": ConsoleWords.grouped(point.events),
                    "people": ConsoleWords.grouped(point.people), "share": Self.percent(point.share),
                    "place": Self.places[place] ?? "", "isOut": abs(place) == 2,
                ]
            },
        ]
        let left = table.rowCount - points.count
        if left > 0 {
            page["missing"] =
                "\(ConsoleWords.count(left, "row")) cannot be shown: a number is withheld or none, or there are "
                + "more of those than among whom they are counted."
        }
        return (Self.drawing(points, limits, upTo: most), page)
    }

    private static func drawing(_ points: [Point], _ limits: FunnelLimits, upTo most: Int) -> JSONTree {
        let steps = 60
        let least = max(1, (points.map(\.people).min() ?? 1) / 2)
        let sizes = Set((0...steps).map { least + (most + most / 10 - least) * $0 / steps }).sorted()
        func curve(_ p: Double) -> JSONTree {
            .array(
                sizes.map { ["x": .integer(Int64($0)), "y": .number(100 * limits.limit(p, of: $0))] })
        }
        return .object([
            "kind": "funnel", "target": .number(100 * limits.target),
            "points": .array(
                points.map {
                    ["name": .text($0.name), "x": .integer(Int64($0.people)), "y": .number(100 * $0.share)]
                }),
            "curves": .array([
                ["name": "99.8 % limit", "values": curve(1 - FunnelLimits.alarm)],
                ["name": "95 % limit", "values": curve(1 - FunnelLimits.warning)],
                ["name": "95 % limit, lower", "values": curve(FunnelLimits.warning)],
                ["name": "99.8 % limit, lower", "values": curve(FunnelLimits.alarm)],
            ]),
        ])
    }

    private static func percent(_ share: Double) -> String {
        "\(ConsoleWords.number((share * 1_000).rounded() / 10))\u{a0}%"
    }
}
