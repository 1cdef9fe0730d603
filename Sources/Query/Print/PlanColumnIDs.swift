import Core

/// Hands out column ids that a plan does not have.
struct FreshColumns {
    private var next: Int

    init(after plan: Plan) { next = (plan.allColumnIDs.map(\.number).max() ?? 0) + 1 }

    mutating func id() -> ColumnID {
        defer { next += 1 }
        return ColumnID(next)
    }
}

extension Plan {
    /// Ids of all columns that any node of the plan offers.
    var allColumnIDs: Set<ColumnID> {
        inputs.reduce(into: Set(columns.map(\.id))) { $0.formUnion($1.allColumnIDs) }
    }

    /// The same node over other inputs, in the order of `inputs`.
    func replacing(inputs: [Plan]) -> Plan {
        var rest = inputs[...]
        return mapInputs { input in rest.popFirst() ?? input }
    }
}
