/// What an expression came to, with the parts of it that were looked at, in their order.
///
/// Written down by the evaluator itself while it evaluates: the value is the one that decides, what `&&`, `||` and
/// `if` leave out is not there, and it takes as long as evaluating does.
package struct CedarTrace: Sendable {
    package enum Outcome: Hashable, Sendable {
        case value(CedarValue)
        case fault(CedarFault)
    }

    package let expression: CedarExpression
    package let outcome: Outcome
    package let parts: [CedarTrace]

    /// True or false, where it is either.
    package var truth: Bool? {
        if case .value(.bool(let value)) = outcome { return value }
        return nil
    }

    /// Evaluates an expression over one request.
    static func of(_ expression: CedarExpression, _ request: CedarRequest, _ entities: CedarEntities)
        -> CedarTrace
    {
        let recorder = CedarRecorder()
        let evaluator = CedarEvaluator(request: request, entities: entities, recorder: recorder)
        do throws(CedarFault) {
            let value = try evaluator.evaluate(expression)
            return recorder.root ?? CedarTrace(expression: expression, outcome: .value(value), parts: [])
        } catch {
            return recorder.root ?? CedarTrace(expression: expression, outcome: .fault(error), parts: [])
        }
    }
}

/// What came of one policy over one request.
package struct CedarPolicyTrace: Sendable {
    package let policy: CedarPolicy
    /// The part of the scope that does not hold; nil where it holds. Then no condition is looked at.
    package let scopeMismatch: CedarExpression.Variable?
    /// A trace for each condition, each evaluated by itself: also those behind one that failed.
    package let conditions: [CedarTrace]

    init(_ policy: CedarPolicy, _ request: CedarRequest, _ entities: CedarEntities) {
        self.policy = policy
        scopeMismatch = CedarEvaluator(request: request, entities: entities).scopeMismatch(policy)
        conditions =
            scopeMismatch == nil ? policy.conditions.map { CedarTrace.of($0.body, request, entities) } : []
    }

    /// Whether one condition holds: true for `when`, false for `unless`; nil where it could not be evaluated.
    package func holds(_ place: Int) -> Bool? {
        conditions[place].truth.map { $0 != policy.conditions[place].isUnless }
    }

    /// Whether the policy applies, as the evaluator has it: up to the first condition that fails.
    /// nil where that one could not be evaluated.
    package var isSatisfied: Bool? {
        guard scopeMismatch == nil else { return false }
        for place in conditions.indices where holds(place) != true { return holds(place) }
        return true
    }
}

/// Notes what an evaluator does.
final class CedarRecorder {
    private(set) var root: CedarTrace?
    /// The parts so far of every expression that is being evaluated, outermost first.
    private var open: [[CedarTrace]] = []
    private var isEntering = false

    /// Whether an expression is to be noted: not a second time, when `record` has it evaluated.
    func opens() -> Bool {
        defer { isEntering = false }
        return !isEntering
    }

    func record(_ expression: CedarExpression, _ evaluator: CedarEvaluator) throws(CedarFault) -> CedarValue {
        open.append([])
        isEntering = true
        do throws(CedarFault) {
            let value = try evaluator.evaluate(expression)
            close(expression, .value(value))
            return value
        } catch {
            close(expression, .fault(error))
            throw error
        }
    }

    private func close(_ expression: CedarExpression, _ outcome: CedarTrace.Outcome) {
        let trace = CedarTrace(expression: expression, outcome: outcome, parts: open.removeLast())
        if open.isEmpty { root = trace } else { open[open.count - 1].append(trace) }
    }
}
