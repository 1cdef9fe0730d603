internal import Core

/// Rows on their way to a client, as many at a time as it takes.
struct RowStream: Sendable {
    enum Purpose: Sendable {
        case simple(ArraySlice<SessionStateMachine.PlacedStatement>)
        case portal(String)
    }

    let purpose: Purpose
    private let body: StatementOutcome.Body
    private let formats: [WireFormat]
    private var limit: Int
    private var next = 0
    /// Of this run of the portal.
    private var sent = 0

    init(_ outcome: StatementOutcome, formats: [WireFormat], limit: Int, purpose: Purpose) {
        body = outcome.body
        self.formats = formats
        self.limit = limit
        self.purpose = purpose
    }

    func resumed(limit: Int) -> RowStream {
        var stream = self
        stream.limit = limit
        stream.sent = 0
        return stream
    }

    private var rows: ResultRows? {
        switch body {
        case .rows(let rows, _), .copy(let rows, _): rows
        case .done: nil
        }
    }

    /// What goes before the first row.
    var head: [BackendMessage] {
        switch (body, purpose) {
        case (.rows(let rows, _), .simple): [.rowDescription(rows.columns, formats: [])]
        case (.copy(let rows, let format), _):
            [.copyOutResponse(isBinary: format.kind == .binary, columns: rows.columns.count)]
                + CopyWriter(rows: rows, format: format).head.map { .copyData($0) }
        default: []
        }
    }

    enum Ending {
        case more
        case suspended
        case complete([BackendMessage])
    }

    /// The next rows, at most so many.
    mutating func take(_ most: Int) -> (messages: [BackendMessage], ending: Ending) {
        guard let rows else {
            guard case .done(let tag) = body else { return ([], .complete([])) }
            return ([], .complete([.commandComplete(tag: tag)]))
        }
        var end = min(rows.table.rowCount, next + most)
        if limit > 0 { end = min(end, next + limit - sent) }
        var messages: [BackendMessage] = []
        messages.reserveCapacity(end - next)
        for row in next..<end { messages.append(message(rows, row)) }
        sent += end - next
        next = end
        if limit > 0, sent == limit { return (messages, .suspended) }
        guard next == rows.table.rowCount else { return (messages, .more) }
        return (messages, .complete(tail(rows)))
    }

    private func message(_ rows: ResultRows, _ row: Int) -> BackendMessage {
        if case .copy(_, let format) = body {
            return .copyData(CopyWriter(rows: rows, format: format).line(row))
        }
        return .dataRow(
            rows.columns.enumerated().map { place, column in
                ValueEncoding.encode(
                    rows.table.columns[place].vector[row], oid: column.oid, formats.format(place))
            })
    }

    private func tail(_ rows: ResultRows) -> [BackendMessage] {
        switch body {
        case .rows(_, let tag):
            // The tags of SHOW and EXPLAIN bear no count.
            [.commandComplete(tag: tag == "SELECT" || tag == "FETCH" ? "\(tag) \(sent)" : tag)]
        case .copy(_, let format):
            CopyWriter(rows: rows, format: format).tail.map { .copyData($0) } + [
                .copyDone, .commandComplete(tag: "COPY \(sent)"),
            ]
        case .done(let tag): [.commandComplete(tag: tag)]
        }
    }
}

extension SessionStateMachine {
    mutating func begin(_ stream: RowStream) -> [Action] {
        state = .streaming(stream)
        return stream.head.map { .send($0) }
    }

    /// The next rows of what streams, at most so many, and what follows the last.
    package mutating func rows(most: Int) -> [Action] {
        guard case .streaming(var stream) = state else { return [] }
        let (messages, ending) = stream.take(most)
        let actions = messages.map { Action.send($0) }
        switch ending {
        case .more:
            state = .streaming(stream)
            return actions
        case .suspended:
            if case .portal(let name) = stream.purpose { portals[name]?.stream = stream }
            return actions + [.send(.portalSuspended)] + idle()
        case .complete(let last):
            let actions = actions + last.map { .send($0) }
            switch stream.purpose {
            case .portal(let name):
                portals[name]?.isDone = true
                portals[name]?.stream = nil
                return actions + idle()
            case .simple(let rest): return actions + next(rest)
            }
        }
    }
}
