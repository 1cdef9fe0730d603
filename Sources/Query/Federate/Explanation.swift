package import Core

/// What a statement would do, said without asking any site.
package struct Explanation: Codable, Hashable, Sendable {
    /// One question that every asked site is put.
    package struct FragmentPart: Codable, Hashable, Sendable {
        /// The logical SQL that travels and that controllers read.
        package let sql: String
        package let columns: [ColumnPart]
        /// What the sites do, in words.
        package let pushed: [String]
    }

    /// One column of a fragment's release.
    package struct ColumnPart: Codable, Hashable, Sendable {
        package let name: String
        package let type: ColumnType
        /// `group key`, or what a site computes.
        package let state: String
        /// How the sites' releases become one; nil for a group key.
        package let merge: String?
        /// What disclosure control does to it at the site.
        package let disclosure: String
    }

    /// An operator that stays above the cut.
    package struct MergeStep: Codable, Hashable, Sendable {
        package let operation: String
        package let reason: String
    }

    package let releaseForm: ReleaseForm
    /// What a join of the statement joins; nil without joins of people.
    package let joinMeaning: String?
    package let fragments: [FragmentPart]
    /// In the order in which they run.
    package let merge: [MergeStep]
    package let output: [String]

    /// - Parameter releaseForm: of the agreement under which it would be asked.
    package init(_ plan: FederatedPlan, releaseForm: ReleaseForm = .site) {
        self.releaseForm = releaseForm
        joinMeaning =
            plan.fragments.contains { $0.aggregate.input.peopleTables > 1 }
            ? "person joins records of one person at one site: a registration, not a life" : nil
        fragments = plan.fragments.map { FragmentPart($0, releaseForm) }
        merge = MergeStep.steps(plan.merge, plan.statistics)
        output = plan.output.map(\.name)
    }
}

extension Explanation.FragmentPart {
    fileprivate init(_ fragment: Fragment, _ form: ReleaseForm) {
        sql = fragment.sql
        let aggregate = fragment.aggregate
        columns =
            aggregate.keys.map { Explanation.ColumnPart(key: $0.column) }
            + zip(aggregate.aggregates, fragment.shapes).map {
                Explanation.ColumnPart(name: $0.name, shape: $1, form)
            }
        pushed =
            aggregate.input.pushedSteps + [
                aggregate.keys.isEmpty
                    ? "aggregation: one cell" : "aggregation: one cell for each combination of group keys"
            ]
    }
}

extension Explanation.ColumnPart {
    fileprivate init(key: PlanColumn) {
        self.init(
            name: key.name, type: key.type, state: "group key", merge: nil,
            disclosure: "a cell is absent unless something of it is released")
    }

    fileprivate init(name: String, shape: AggregateShape, _ form: ReleaseForm) {
        self.init(
            name: name, type: shape.type, state: shape.stateInWords, merge: shape.mergeInWords(form),
            disclosure: shape.disclosureInWords)
    }
}

extension AggregateShape {
    fileprivate var stateInWords: String {
        switch kind {
        case .count: "n"
        case .sum, .average: "n, sum of x, \(rangeInWords)"
        case .distinctPeople: "people, each once"
        }
    }

    private var rangeInWords: String {
        guard let lower, let upper else { return "x in no range known from the plan" }
        return "each x clamped to \(Self.number(lower)) … \(Self.number(upper))"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    fileprivate func mergeInWords(_ form: ReleaseForm) -> String {
        switch (kind, form) {
        case (.count, _), (.sum, _): "sum of what sites release"
        case (.average, _): "sum of x / n over what sites release"
        case (.distinctPeople, .site):
            "union at the linker where the agreement allows linking and all sites are required; else sum of sites: "
                + "a person seen at two sites counts at each"
        case (.distinctPeople, .merged): "union at the linker: a person seen at two sites counts once"
        }
    }

    fileprivate var disclosureInWords: String {
        var rules = ["enough people contribute"]
        if isConditional { rules.append("enough people of the cell do not") }
        switch kind {
        case .sum, .average:
            rules.append("no person dominates")
            rules.append(
                lower == nil
                    ? "rounding needs a range: pin code with code = '…' or bound the value"
                    : "scaled to the released n, then rounded to a share of its range")
        case .count, .distinctPeople: rules.append("rounded")
        }
        return rules.joined(separator: "; ")
    }
}

extension Explanation {
    /// The explanation as EXPLAIN prints it.
    package var text: String {
        var lines = ["Release form: \(releaseForm.rawValue)"]
        if let joinMeaning { lines.append("Join: \(joinMeaning)") }
        if fragments.isEmpty { lines.append("Sites: none is asked") }
        for (index, fragment) in fragments.enumerated() {
            lines.append("Fragment \(index + 1), at each site:")
            lines += fragment.sql.split(separator: "\n").map { "    \($0)" }
            for column in fragment.columns {
                lines.append("  \(column.name) \(column.type.rawValue): \(column.state)")
                if let merge = column.merge { lines.append("    merge: \(merge)") }
                lines.append("    disclosure: \(column.disclosure)")
            }
            lines += fragment.pushed.map { "  pushed: \($0)" }
        }
        lines.append("Above the cut, at the requester's node:")
        lines += merge.isEmpty ? ["  nothing"] : merge.map { "  \($0.operation): \($0.reason)" }
        lines.append("Result: \(output.joined(separator: ", "))")
        return lines.joined(separator: "\n") + "\n"
    }
}
