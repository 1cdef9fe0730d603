internal import Core

// Functions that make texts: keys, joins, boundaries.

extension Evaluator {
    mutating func join(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        guard case .text(let separator, _) = primitive(try singleton(step.second, focus)) else {
            throw .wrongType
        }
        let base = stack.count
        try evaluate(step.first, focus)
        var bytes: [UInt8] = []
        var isFirst = true
        for index in base..<stack.count {
            guard case .text(let text, _) = primitive(stack[index]) else { throw .wrongType }
            if !isFirst { bytes.append(contentsOf: separator) }
            bytes.append(contentsOf: text)
            isFirst = false
        }
        truncate(to: base)
        // Of nothing too: the SQL-on-FHIR cases want an empty text, not an empty collection.
        stack.append(.text(arena.copy(bytes), .string))
    }

    mutating func keys(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let end = stack.count
        for index in base..<end {
            guard case .node(let node, _) = stack[index] else { continue }
            if step.operation == .resourceKey {
                if let id = text(node, Self.idKey) { stack.append(.text(id, .string)) }
            } else if let reference = text(node, Self.referenceKey), let key = Self.key(reference, step.value)
            {
                stack.append(.text(key, .string))
            }
        }
        collapse(base, end)
    }

    private func text(_ object: Int, _ name: Tape.Text) -> Tape.Text? {
        guard let node = tape.member(object, name), tape.kind(node) == Tape.Kind.string else { return nil }
        return tape.text(node)
    }

    /// The id in `[server/]Type/id[/_history/version]` or `urn:uuid:id`; nil for a contained resource
    /// (`#id`),
    /// for another type than the one asked for, and for an URN where a type is asked for, as none is told.
    private static func key(_ reference: Tape.Text, _ wanted: PathItem) -> Tape.Text? {
        let urn = StaticText("urn:uuid:").text
        if reference.hasPrefix(urn) {
            return wanted.isEmpty ? Tape.Text(rebasing: reference[urn.count...]) : nil
        }
        if reference.first == UInt8(ascii: "#") { return nil }
        var (rest, id) = lastPart(reference[...])
        var (before, type) = lastPart(rest)
        if Tape.Text(rebasing: type).equals(StaticText("_history").text) {
            (rest, id) = lastPart(before)
            (before, type) = lastPart(rest)
        }
        guard !id.isEmpty, !type.isEmpty else { return nil }
        if case .text(let wanted, _) = wanted, !Tape.Text(rebasing: type).equals(wanted) { return nil }
        return Tape.Text(rebasing: id)
    }

    /// What stands before and behind the last slash.
    private static func lastPart(_ text: Slice<Tape.Text>) -> (Slice<Tape.Text>, Slice<Tape.Text>) {
        guard let slash = text.lastIndex(of: UInt8(ascii: "/")) else { return (text.prefix(0), text) }
        return (text[..<slash], text[(slash + 1)...])
    }

    mutating func convert(_ step: PathStep, _ focus: PathItem) throws(Fault) {
        let item = try singleton(step.first, focus)
        let value = primitive(item)
        if value.isEmpty { return }
        switch step.operation {
        case .toText: stack.append(.text(try value.written(arena), .string))
        case .precision:
            guard case .text(let text, _) = value, let time = FHIRTime(text) else { throw .invalidDate }
            stack.append(.integer(Int64(time.precision)))
        default: stack.append(try boundary(item, value, isLow: step.operation == .lowBoundary))
        }
    }

    private func boundary(_ item: PathItem, _ value: PathItem, isLow: Bool) throws(Fault) -> PathItem {
        switch value {
        case .integer, .decimal: return try numberBoundary(item, value, isLow)
        case .text(let text, let hint):
            guard let made = TimeBoundary.text(text, hint, isLow: isLow) else { throw .invalidDate }
            return .text(arena.copy(Array(made.utf8)), hint)
        default: throw .wrongType
        }
    }

    /// Half a unit of the last written digit down or up.
    private func numberBoundary(_ item: PathItem, _ value: PathItem, _ isLow: Bool) throws(Fault) -> PathItem
    {
        let text: String
        if case .node(let node, _) = item {
            text = String(decoding: tape.writtenNumber(node), as: UTF8.self)
        } else {
            text = String(decoding: try value.written(arena), as: UTF8.self)
        }
        let parts = text.lowercased().split(separator: "e", maxSplits: 1)
        let places = parts[0].split(separator: ".", maxSplits: 1).dropFirst().first?.count ?? 0
        let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) - places
        guard let number = Double(text), let half = Double("5e\(exponent - 1)"), abs(exponent) < 300 else {
            throw .wrongType
        }
        // Rounded to one digit more than was written, so that 1.0 gives 0.95 and not a neighbour of it.
        let scale = Double("1e\(abs(exponent - 1))") ?? 1
        let exact = isLow ? number - half : number + half
        return .decimal(
            exponent <= 0 ? (exact * scale).rounded() / scale : exact)
    }
}

/// Boundaries of partial dates and times. Source: HL7 FHIRPath (continuous build), "lowBoundary",
/// "highBoundary".
enum TimeBoundary {
    /// - Parameter hint: `date` gives a date; `dateTime`, or a written time of day, gives an instant in the
    ///   earliest (+14:00) or latest (-12:00) zone where none is written; nothing known gives a date.
    static func text(_ text: Tape.Text, _ hint: TypeHint, isLow: Bool) -> String? {
        if hint == .time { return FHIRTime.Clock(text, from: 0).map { clock($0, text, 0, isLow) } }
        guard let time = FHIRTime(text) else { return nil }
        let written = String(decoding: text.prefix(10), as: UTF8.self)
        let year = String(written.prefix(4))
        var date = written
        if time.precision == 4 { date = year + (isLow ? "-01-01" : "-12-31") }
        if time.precision == 6 { date = written + (isLow ? "-01" : lastDay(written)) }
        if time.precision > 8 {
            guard let clock = FHIRTime.Clock(text, from: 11) else { return nil }
            let zone = String(decoding: text[clock.end...], as: UTF8.self)
            return date + "T" + self.clock(clock, text, 11, isLow) + zone
        }
        guard hint == .dateTime else { return date }
        return date + (isLow ? "T00:00:00.000+14:00" : "T23:59:59.999-12:00")
    }

    private static func lastDay(_ month: String) -> String {
        let parts = month.split(separator: "-").compactMap { Int($0) }
        return "-\(Civil.daysInMonth(year: parts[0], month: parts[1]))"
    }

    private static func clock(
        _ clock: FHIRTime.Clock, _ text: Tape.Text, _ start: Int, _ isLow: Bool
    ) -> String {
        let written = String(decoding: text[start..<clock.end], as: UTF8.self)
        switch clock.precision {
        case 4: return written + (isLow ? ":00.000" : ":59.999")
        case 6: return written + (isLow ? ".000" : ".999")
        default: return written
        }
    }
}
