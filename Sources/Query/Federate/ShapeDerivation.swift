import Catalog
import Core

/// What kind of state each aggregate at the cut has: derived at the requester to explain, and anew at the site.
enum ShapeDerivation {
    static func shapes(of aggregate: Aggregate, catalog: Catalog) throws(SQLFault) -> [AggregateShape] {
        let facts = RowFacts(aggregate.input, catalog: catalog)
        let derivation = RangeDerivation(facts: facts, catalog: catalog)
        var shapes: [AggregateShape] = []
        for column in aggregate.aggregates { shapes.append(try shape(of: column.call, derivation)) }
        return shapes
    }

    private static func shape(
        of call: AggregateCall, _ derivation: RangeDerivation
    ) throws(SQLFault) -> AggregateShape {
        let isConditional =
            call.filter != nil || call.argument.map(derivation.facts.isConditional) ?? false
        let kind: AggregateShape.Kind =
            switch (call.function, call.isDistinct) {
            case (.count, false): .count
            case (.count, true): .distinctPeople
            case (.sum, false): .sum
            case (.avg, false): .average
            default:
                throw SQLFault(
                    .internalError, "an aggregate without a state at the cut", position: call.position)
            }
        var range = ValueRange.indicator
        if kind == .sum || kind == .average, let argument = call.argument {
            range = derivation.range(of: argument, given: call.filter?.conjuncts ?? [])
            // Sums of such values may be no doubles, and then an engine fails: that is no range.
            if max(abs(range.lower), abs(range.upper)) >= 1e150 { range = .unbounded }
        }
        return AggregateShape(
            kind: kind, type: call.type, lower: range.isBounded ? range.lower : nil,
            upper: range.isBounded ? range.upper : nil, isConditional: isConditional)
    }
}
