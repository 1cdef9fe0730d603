// Values from values: keys, conversions, boundaries.

extension Evaluator {
    private static var idKey: Tape.Text { StaticText("id").text }
    private static var referenceKey: Tape.Text { StaticText("reference").text }
    private static var typeKey: Tape.Text { StaticText("type").text }
    private static var startKey: Tape.Text { StaticText("start").text }
    private static var endKey: Tape.Text { StaticText("end").text }

    mutating func keys(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let base = stack.count
        try evaluate(step.first, focus)
        let end = stack.count
        for index in base..<end {
            guard case .node(let node, _) = stack[index] else { continue }
            if step.operation == .resourceKey {
                if let id = text(node, Self.idKey) { stack.append(.text(id, .string)) }
            } else if let reference = text(node, Self.referenceKey),
                let key = Self.key(reference, text(node, Self.typeKey), step.value)
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
    /// (`#id`), for
    /// another type than the one asked for, and for an URN whose type is asked for and not told.
    private static func key(_ reference: Tape.Text, _ told: Tape.Text?, _ wanted: PathItem) -> Tape.Text? {
        var type: Tape.Text?
        if case .text(let name, _) = wanted { type = name }
        let urn = StaticText("urn:uuid:").text
        if reference.hasPrefix(urn) {
            if let type, told?.equals(type) != true { return nil }
            return Tape.Text(rebasing: reference[urn.count...])
        }
        if reference.first == UInt8(ascii: "#") { return nil }
        var (rest, id) = lastPart(reference[...])
        var (before, found) = lastPart(rest)
        if Tape.Text(rebasing: found).equals(StaticText("_history").text) {
            (rest, id) = lastPart(before)
            (before, found) = lastPart(rest)
        }
        guard !id.isEmpty, !found.isEmpty else { return nil }
        if let type, !Tape.Text(rebasing: found).equals(type) { return nil }
        return Tape.Text(rebasing: id)
    }

    /// What stands before and behind the last slash.
    private static func lastPart(_ text: Slice<Tape.Text>) -> (Slice<Tape.Text>, Slice<Tape.Text>) {
        guard let slash = text.lastIndex(of: UInt8(ascii: "/")) else { return (text.prefix(0), text) }
        return (text[..<slash], text[(slash + 1)...])
    }

    // MARK: - Boundaries

    mutating func boundary(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let isLow = step.operation == .lowBoundary
        var item = try singleton(step.first, focus)
        var precision: Int?
        if step.second >= 0 {
            precision = try integer(step.second, focus)
            if precision == nil { return }
        }
        if case .node(let node, _) = item, tape.kind(node) == Tape.Kind.object {
            // Of a Period: of its start or end, where that is written.
            guard let edge = tape.member(node, isLow ? Self.startKey : Self.endKey) else {
                guard isPeriod(node) else { throw .wrongType }
                return
            }
            item = .node(edge, .dateTime)
        }
        let value = item.primitive(tape)
        switch value {
        case .empty: return
        case .integer, .decimal: try numberBoundary(item, isLow, precision)
        case .text(let text, let hint):
            let known = hint == .none ? TypeHint.dateTime : hint
            guard let made = TimeBoundary(isLow: isLow, precision: precision).text(text, known) else {
                throw .invalidDate
            }
            if !made.isEmpty { stack.append(.text(arena.copy(Array(made.utf8)), hint)) }
        default: throw .wrongType
        }
    }

    private func isPeriod(_ node: Int) -> Bool { isOf(.node(node, .none), .period) }

    /// Half a unit of the last written digit down or up, then to the precision asked for.
    private mutating func numberBoundary(
        _ item: PathItem, _ isLow: Bool, _ precision: Int?
    ) throws(Fault) {
        let text = String(decoding: try item.written(tape, arena), as: UTF8.self)
        guard var exact = ExactDecimal(text: text), exact.places <= 27 else { throw .overflow }
        if let precision, precision < 0 || precision > 28 { return }
        exact.mantissa = exact.mantissa * 10 + (isLow ? -5 : 5)
        exact.places += 1
        let made = exact.rounded(to: precision ?? exact.places, isLow ? .down : .up)
        stack.append(.decimal(made.double, places: Int8(clamping: made.places)))
    }

    // MARK: - Parts of values

    /// `precision()`, `yearOf()` and its kin.
    mutating func measure(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let item = try singleton(step.first, focus)
        let value = item.primitive(tape)
        if value.isEmpty { return }
        guard case .text(let text, let hint) = value else {
            guard step.operation == .precision else { return }
            guard
                let exact = ExactDecimal(text: String(decoding: try item.written(tape, arena), as: UTF8.self))
            else { throw .wrongType }
            return stack.append(.integer(Int64(exact.places)))
        }
        if hint == .time {
            guard let clock = FHIRTime.Clock(text, from: 0), clock.end == text.count else {
                throw .invalidDate
            }
            if step.operation == .precision { return stack.append(.integer(Int64(clock.precision))) }
        }
        guard step.operation == .component, let component = TimeComponent(rawValue: step.detail) else {
            guard let time = FHIRTime(text, offset: rule(item)) else { throw .invalidDate }
            return stack.append(.integer(Int64(time.precision)))
        }
        guard let time = FHIRTime(text, offset: .optional), time.precision >= component.needed else { return }
        switch component {
        case .date: stack.append(.text(Tape.Text(rebasing: text.prefix(10)), .date))
        case .time:
            guard let clock = FHIRTime.Clock(text, from: 11) else { return }
            stack.append(.text(Tape.Text(rebasing: text[11..<clock.end]), .time))
        default: stack.append(.integer(component.number(time)))
        }
    }

    /// A time of day in a resource must bear an offset; one in an expression need not.
    private func rule(_ item: PathItem) -> FHIRTime.OffsetRule {
        if case .node = item { return .required }
        return .optional
    }

    // MARK: - Conversions

    mutating func convert(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let item = try singleton(step.first, focus)
        if item.isEmpty { return }
        let made = try converted(item, to: step.hint)
        if step.operation == .isConvertible {
            stack.append(.boolean(!made.isEmpty))
        } else if !made.isEmpty {
            stack.append(made)
        }
    }

    /// The value as another type, or nothing where it is not one. Source: HL7 FHIRPath, "Conversion".
    private func converted(_ item: PathItem, to type: TypeHint) throws(Fault) -> PathItem {
        let value = item.primitive(tape)
        if case .node = value { return .empty }
        switch type {
        case .string: return .text(try item.written(tape, arena), .string)
        case .boolean: return Self.boolean(value)
        case .integer, .integer64: return Self.integer(value)
        case .decimal:
            switch value {
            case .integer, .decimal: return value
            case .boolean(let flag): return .decimal(flag ? 1 : 0, places: 1)
            case .text(let text, _):
                guard let exact = ExactDecimal(text: String(decoding: text, as: UTF8.self)) else {
                    return .empty
                }
                return .decimal(exact.double, places: Int8(clamping: exact.places))
            default: return .empty
            }
        case .time:
            guard case .text(let text, _) = value, let clock = FHIRTime.Clock(text, from: 0),
                clock.end == text.count
            else { return .empty }
            return .text(text, .time)
        default:
            guard case .text(let text, _) = value, let time = FHIRTime(text, offset: .optional) else {
                return .empty
            }
            return type == .date && time.hasClock
                ? .text(Tape.Text(rebasing: text.prefix(10)), .date) : .text(text, type)
        }
    }

    private static func integer(_ value: PathItem) -> PathItem {
        switch value {
        case .integer: value
        case .boolean(let flag): .integer(flag ? 1 : 0)
        case .text(let text, _): Int64(String(decoding: text, as: UTF8.self)).map { .integer($0) } ?? .empty
        default: .empty
        }
    }

    private static func boolean(_ value: PathItem) -> PathItem {
        switch value {
        case .boolean: return value
        case .integer(let number):
            return number == 1 ? .boolean(true) : number == 0 ? .boolean(false) : .empty
        case .decimal(let number, _):
            return number == 1 ? .boolean(true) : number == 0 ? .boolean(false) : .empty
        case .text(let text, _):
            switch String(decoding: text, as: UTF8.self).lowercased() {
            case "true", "t", "yes", "y", "1", "1.0": return .boolean(true)
            case "false", "f", "no", "n", "0", "0.0": return .boolean(false)
            default: return .empty
            }
        default: return .empty
        }
    }
}
