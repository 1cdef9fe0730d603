import Catalog
import Core

/// Rule 4 for dates: their year (or month), and age in whole years.
extension ExpressionLaw {
    private static let years: Set<String> = ["year", "years", "decade", "century", "millennium"]
    private static let months: Set<String> = years.union(["month", "months", "quarter"])
    private static let exact: Set<String> = [
        "epoch", "second", "seconds", "millisecond", "milliseconds", "microsecond", "microseconds", "minute",
        "minutes", "julian",
    ]

    private static func allowed(_ granularity: DatasetColumn.Granularity) -> Set<String> {
        granularity == .month ? months : years
    }

    /// `date_part(field, source)`, `extract(field FROM source)`.
    func part(_ arguments: [Expression], _ expression: Expression) throws(SQLFault) -> Lineage {
        guard arguments.count == 2, let field = arguments[0].field else { throw fieldMissing(expression) }
        let source = try lineage(of: arguments[1])
        switch source.kind {
        case .free, .event:
            return Lineage(kind: .free, isExact: source.isExact && Self.exact.contains(field))
        case .date(let granularity) where Self.allowed(granularity).contains(field): return .free
        case .age where Self.years.contains(field): return .free
        default: throw .restricted(source, at: expression.position ?? arguments[1].position)
        }
    }

    /// `date_trunc(field, source)`.
    func truncated(_ arguments: [Expression], _ expression: Expression) throws(SQLFault) -> Lineage {
        guard arguments.count == 2, let field = arguments[0].field else { throw fieldMissing(expression) }
        let source = try lineage(of: arguments[1])
        switch source.kind {
        case .free, .event:
            return Lineage(kind: source.kind, isExact: source.isExact && Self.exact.contains(field))
        case .date(let granularity) where Self.allowed(granularity).contains(field): return .free
        default: throw .restricted(source, at: expression.position ?? arguments[1].position)
        }
    }

    /// `age(reference, date)`.
    func age(_ arguments: [Expression], _ expression: Expression) throws(SQLFault) -> Lineage {
        guard arguments.count == 2 else {
            throw SQLFault(
                .internalError, "age was not bound to two arguments", position: expression.position)
        }
        let reference = try unrestrictedReference(arguments[0], expression)
        let subject = try lineage(of: arguments[1])
        switch subject.kind {
        case .free, .event: return Lineage(kind: .free, isExact: subject.isExact || reference.isExact)
        case .date:
            guard isPublic(arguments[0], reference) else {
                throw .ageReference(at: arguments[0].position ?? expression.position)
            }
            return Lineage(kind: .age, column: subject.column)
        default: throw .restricted(subject, at: arguments[1].position ?? expression.position)
        }
    }

    private func unrestrictedReference(
        _ reference: Expression, _ expression: Expression
    ) throws(SQLFault) -> Lineage {
        let lineage = try lineage(of: reference)
        if lineage.isRestricted { throw .restricted(lineage, at: reference.position ?? expression.position) }
        return lineage
    }

    /// A literal that is today or bounds a month, or a date of the person's own as it was recorded.
    private func isPublic(_ reference: Expression, _ lineage: Lineage) -> Bool {
        if reference.withoutCasts.plainColumn != nil { return lineage.kind == .event }
        let day: Int
        switch reference.literal {
        case .date(let days): day = Int(days)
        case .timestamp(let microseconds):
            let perDay: Int64 = 86_400_000_000
            day = Int((microseconds - (microseconds % perDay + perDay) % perDay) / perDay)
            if abs(day - today) > 1, microseconds % perDay != 0 { return false }
        case .text(let text):
            guard let parsed = Civil.parseDate(text) else { return false }
            day = parsed
        default: return false
        }
        return abs(day - today) <= 1 || Civil.date(days: day).day == 1 || Civil.date(days: day + 1).day == 1
    }

    private func fieldMissing(_ expression: Expression) -> SQLFault {
        SQLFault(
            .featureNotSupported, "the field of a date must be a literal",
            hint: "Write date_part('year', …).",
            position: expression.position)
    }
}
