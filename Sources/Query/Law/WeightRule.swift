import Core

/// What a value at the cut may be made of: weights given to conditions would count them one by one.
///
/// `sum(CASE WHEN c THEN w WHEN d THEN 1 END)` for many `w` returns the exact number of both. So a sum has one
/// weight: one constant besides 0 and NULL, or one multiple of every measure, never both. Values are followed
/// through the plan by column.
struct WeightRule {
    /// A multiple of a measure, and a constant added to it.
    private struct Term: Hashable {
        var measure: Expression
        var scale = 1.0
        var shift = 0.0
    }

    /// What a value can be.
    private struct Form {
        var constants: Set<Value> = []
        var terms: Set<Term> = []
        /// Whether a condition decides which of them it is.
        var isChoice = false
        var isCombined = false

        var hasNumbers: Bool { constants.contains { $0.number != nil } }

        /// One or the other.
        mutating func join(_ other: Form) {
            constants.formUnion(other.constants)
            terms.formUnion(other.terms)
            isChoice = isChoice || other.isChoice
            isCombined = isCombined || other.isCombined
        }
    }

    private var forms: [ColumnID: Form] = [:]

    init(_ plan: Plan) { collect(plan) }

    func check(_ call: AggregateCall) throws(SQLFault) {
        guard let argument = call.argument, call.function == .sum || call.function == .avg else { return }
        let form = form(argument)
        let scales = Dictionary(grouping: form.terms, by: \.measure).values.contains { $0.count > 1 }
        let isMixed = form.hasNumbers && !form.terms.isEmpty
        guard form.isCombined || form.isChoice && (form.constants.count > 1 || isMixed || scales) else {
            return
        }
        throw SQLFault(
            .featureNotSupported,
            "\(call.function.rawValue) over people gives its conditions one weight only",
            hint: "Ask for count(*) FILTER (WHERE …) of each and combine them above.",
            position: argument.position ?? call.position)
    }

    private mutating func collect(_ plan: Plan) {
        for input in plan.inputs { collect(input) }
        switch plan {
        case .project(let project): for column in project.columns { define(column) }
        case .aggregate(let aggregate):
            for column in aggregate.keys { define(column) }
            for column in aggregate.aggregates where column.call.function != .count {
                guard let argument = column.call.argument else { continue }
                forms[column.id] = named(form(argument), column.id, column.call.type)
            }
        case .window(let window):
            for column in window.columns {
                guard !column.arguments.isEmpty, column.function != "count", column.function != "ntile" else {
                    continue
                }
                // A value and a default; the second argument of lag and lead is a number of rows.
                let values = column.arguments.enumerated().filter { $0.offset != 1 }.map(\.element)
                let joined = values.reduce(into: Form()) { $0.join(form($1)) }
                forms[column.id] = named(joined, column.id, column.type)
            }
        case .setOperation(let operation):
            for (column, sides) in zip(
                operation.columns, zip(operation.left.columns, operation.right.columns))
            {
                var joined = form(of: sides.0)
                joined.join(form(of: sides.1))
                joined.isChoice = true
                forms[column.id] = joined
            }
        case .values(let values):
            for (place, column) in values.columns.enumerated() {
                var joined = Form()
                for row in values.rows where place < row.count { joined.join(form(row[place])) }
                joined.isChoice = values.rows.count > 1
                forms[column.id] = joined
            }
        default: break
        }
    }

    private mutating func define(_ column: ComputedColumn) { forms[column.id] = form(column.expression) }

    /// What an aggregate makes of measures is a measure of its own.
    private func named(_ form: Form, _ id: ColumnID, _ type: ColumnType) -> Form {
        var form = form
        let isUneven = Dictionary(grouping: form.terms, by: \.measure).values.contains { $0.count > 1 }
        form.isCombined = form.isCombined || form.isChoice && isUneven
        if !form.terms.isEmpty { form.terms = [Term(measure: Expression(.column(id), type))] }
        return form
    }

    private func form(of column: PlanColumn) -> Form { form(Expression(.column(column.id), column.type)) }

    private func form(_ expression: Expression) -> Form {
        switch expression.node {
        case .column(let id):
            if let known = forms[id] { return known }
            if expression.type == .boolean { return Form(constants: [.double(1)], isChoice: true) }
            return Form(terms: [Term(measure: expression)])
        case .literal(let value): return constant(value)
        case .cast(let inner): return form(inner)
        case .inList, .inCodelist: return Form(constants: [.double(1)], isChoice: true)
        case .caseWhen(let branches, let otherwise):
            var result = Form()
            for value in branches.map(\.value) + (otherwise.map { [$0] } ?? []) { result.join(form(value)) }
            result.isChoice = true
            return result
        case .call(let function, let arguments):
            if let number = expression.constantNumber { return constant(.double(number)) }
            if expression.type == .boolean { return Form(constants: [.double(1)], isChoice: true) }
            return call(function, arguments, expression)
        }
    }

    private func constant(_ value: Value) -> Form {
        if let number = value.number { return Form(constants: number == 0 ? [] : [.double(number)]) }
        return Form(constants: value == .null ? [] : [value])
    }

    private func call(_ function: Function, _ arguments: [Expression], _ expression: Expression) -> Form {
        switch function {
        case .negate: return scaled(form(arguments[0]), by: -1)
        case .add, .subtract, .multiply, .divide: return arithmetic(function, arguments, expression)
        case .round, .trunc, .floor, .ceil, .abs, .sign, .sqrt, .nullif:
            return opaque([arguments[0]], expression)
        case .coalesce, .greatest, .least:
            let all = arguments.map(form)
            guard all.contains(where: \.isChoice) || function == .coalesce else {
                return opaque(arguments, expression)
            }
            var joined = all.reduce(into: Form()) { $0.join($1) }
            joined.isChoice = joined.isChoice || joined.hasNumbers || joined.terms.count > 1
            return joined
        default:
            var result = opaque(arguments, expression)
            // Such a function makes something of 0 too.
            if result.isChoice, result.hasNumbers { result.isCombined = true }
            return result
        }
    }

    /// A function that hides what it does to measures.
    private func opaque(_ arguments: [Expression], _ expression: Expression) -> Form {
        let result = arguments.filter { !$0.references.isEmpty }.reduce(into: Form()) { $0.join(form($1)) }
        guard !result.terms.isEmpty else { return result }
        if !result.isChoice { return Form(terms: [Term(measure: expression)], isCombined: result.isCombined) }
        return result
    }

    private func arithmetic(
        _ function: Function, _ arguments: [Expression], _ expression: Expression
    ) -> Form {
        let isProduct = function == .multiply || function == .divide
        var (left, right) = (form(arguments[0]), form(arguments[1]))
        if let number = arguments[1].constantNumber {
            guard isProduct else { return shifted(left, by: function == .add ? number : -number) }
            return scaled(left, by: function == .multiply ? number : 1 / number)
        }
        if let number = arguments[0].constantNumber, function != .divide {
            guard !isProduct else { return scaled(right, by: number) }
            return shifted(function == .add ? right : scaled(right, by: -1), by: number)
        }
        guard left.isChoice || right.isChoice else {
            return Form(
                terms: [Term(measure: expression)], isCombined: left.isCombined || right.isCombined)
        }
        let isBoth = left.isChoice && right.isChoice
        let isWeighted =
            !isProduct && (left.isChoice && left.hasNumbers || right.isChoice && right.hasNumbers)
        if !left.isChoice { swap(&left, &right) }
        // Of a choice of constants and a measure: the measure, as often as the constants say.
        let scales = left.constants.compactMap(\.number)
        let measure = arguments[left.isChoice && form(arguments[0]).isChoice ? 1 : 0]
        var result = Form(terms: Set(scales.map { Term(measure: measure, scale: $0) }), isChoice: true)
        for term in left.terms {
            result.terms.insert(Term(measure: expression, scale: term.scale, shift: term.shift))
        }
        result.isCombined = isBoth || isWeighted || left.isCombined || right.isCombined
        return result
    }

    private func scaled(_ form: Form, by number: Double) -> Form {
        var result = form
        result.terms = Set(
            form.terms.map { Term(measure: $0.measure, scale: $0.scale * number, shift: $0.shift * number) })
        return result
    }

    private func shifted(_ form: Form, by number: Double) -> Form {
        var result = form
        result.terms = Set(
            form.terms.map { Term(measure: $0.measure, scale: $0.scale, shift: $0.shift + number) })
        if form.isChoice, form.hasNumbers, number != 0 { result.isCombined = true }
        if form.terms.isEmpty, !form.isChoice { result.constants = [] }
        return result
    }
}
