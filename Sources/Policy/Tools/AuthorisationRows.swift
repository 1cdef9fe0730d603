/// Compresses outcomes over a product of dimensions to rows that each hold for a set of values in every dimension.
enum AuthorisationRows {
    struct Dimension: Hashable, Sendable {
        let name: String
        let values: [String]
    }

    /// Values in each dimension, for all of which the outcome is the same.
    struct Row: Hashable {
        let values: [[String]]
        let outcome: AuthorisationMatrix.Outcome

        /// The dimensions that matter, with their values.
        func words(_ dimensions: [Dimension]) -> String {
            let parts = zip(dimensions, values).filter { $0.values != $1 }.map { dimension, values in
                let list = values.joined(separator: ", ")
                return dimension.name.isEmpty ? list : "\(dimension.name) \(list)"
            }
            return parts.isEmpty ? "always" : parts.joined(separator: "; ")
        }
    }

    /// Every place: a value of each dimension, the last dimension running fastest.
    static func places(_ dimensions: [Dimension]) -> [[String]] {
        dimensions.reduce([[]]) { places, dimension in
            places.flatMap { place in dimension.values.map { place + [$0] } }
        }
    }

    /// Rows that together hold every place once: values of a dimension stand in one row where everything
    /// behind them is the same.
    static func compressed(
        _ dimensions: [Dimension], _ outcome: ([String]) -> AuthorisationMatrix.Outcome
    ) -> [Row] { rows(dimensions[...], at: [], outcome) }

    private static func rows(
        _ dimensions: ArraySlice<Dimension>, at place: [String],
        _ outcome: ([String]) -> AuthorisationMatrix.Outcome
    ) -> [Row] {
        guard let first = dimensions.first else { return [Row(values: [], outcome: outcome(place))] }
        var groups: [(values: [String], rows: [Row])] = []
        for value in first.values {
            let inner = rows(dimensions.dropFirst(), at: place + [value], outcome)
            if let index = groups.firstIndex(where: { $0.rows == inner }) {
                groups[index].values.append(value)
            } else {
                groups.append(([value], inner))
            }
        }
        return groups.flatMap { group in
            group.rows.map { Row(values: [group.values] + $0.values, outcome: $0.outcome) }
        }
    }
}
