/// How the numbers of one release hang together, as far as the questions alone tell it: which are sums of which.
///
/// Disclosure control needs it, so that what is withheld in one number is not the difference of others.
package struct ReleaseStructure: Hashable, Sendable {
    /// What is summed: two numbers of one quantity over different rows are parts of the same whole.
    package struct Quantity: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            /// Rows, or people where each has one row: parts add up.
            case rows
            /// Distinct people of which one may be in several parts.
            case people
            /// Sums of a value.
            case sum
        }

        package let kind: Kind
        /// Of sums of a product, the quantities that its two factors are, where they are asked for as well.
        package let factors: [Int]?

        package init(_ kind: Kind, factors: [Int]? = nil) {
            self.kind = kind
            self.factors = factors
        }
    }

    /// A quantity over some of a cell's rows: `value = scale · quantity + shift · n`.
    package struct Measure: Hashable, Sendable {
        /// Index into the family's quantities.
        package let quantity: Int
        /// The kinds of row that it counts, ascending: two measures with other kinds of row count other rows.
        package let atoms: [Int]
        package let scale: Double
        package let shift: Double

        package init(quantity: Int, atoms: [Int], scale: Double = 1, shift: Double = 0) {
            self.quantity = quantity
            self.atoms = atoms
            self.scale = scale
            self.shift = shift
        }
    }

    /// One aggregate: what its n counts, and what its sum adds up.
    package struct Aggregate: Hashable, Sendable {
        package let rows: Measure
        package let sum: Measure?

        package init(rows: Measure, sum: Measure? = nil) {
            self.rows = rows
            self.sum = sum
        }
    }

    /// One fragment: what it has in common with others of its family.
    package struct Fragment: Hashable, Sendable {
        package let family: Int
        /// Of each group key, which it is: the same number in two fragments of a family is the same key.
        package let keys: [Int]
        package let aggregates: [Aggregate]
        /// Of each group key, all values that it may show beside NULL; nil where anything may be a key. A cell with
        /// another key is withheld.
        package let domains: [Set<Value>?]
        /// Keys of the family that all of its rows have one value of, by a condition.
        package let fixed: [Int: Value]
        /// Whether it shows some of its cells only, by a condition on a key.
        package let isPartial: Bool

        package init(
            family: Int, keys: [Int], aggregates: [Aggregate], domains: [Set<Value>?]? = nil,
            fixed: [Int: Value] = [:], isPartial: Bool = false
        ) {
            self.fixed = fixed
            self.isPartial = isPartial || !fixed.isEmpty
            self.family = family
            self.keys = keys
            self.aggregates = aggregates
            self.domains = domains ?? keys.map { _ in nil }
        }

        /// How many cells there can be, NULL keys included; nil where the keys are open.
        package var cells: Int? {
            domains.reduce(1) { cells, domain in
                guard let cells, let domain else { return nil }
                return cells * (domain.count + 1)
            }
        }
    }

    /// Fragments over the same rows of people.
    package struct Family: Hashable, Sendable {
        package let quantities: [Quantity]
        /// Whether the conditions are too many to tell which rows fulfil which: then a cell of which one conditional
        /// number is withheld releases no other.
        package let isEntangled: Bool
        /// Whether nobody has more than one row, so that sums of parts are exact.
        package let isSingle: Bool

        package init(quantities: [Quantity], isEntangled: Bool = false, isSingle: Bool) {
            self.quantities = quantities
            self.isEntangled = isEntangled
            self.isSingle = isSingle
        }
    }

    package let fragments: [Fragment]
    package let families: [Family]

    package init(fragments: [Fragment], families: [Family]) {
        self.fragments = fragments
        self.families = families
    }

    /// Whether a number of the fragment may be withheld for the sake of others, so that what is absent need not be
    /// small. Known from the questions alone.
    package func isTied(_ fragment: Int) -> Bool {
        let own = fragments[fragment]
        let family = fragments.filter { $0.family == own.family }
        if families[own.family].isEntangled || family.count > 1 { return true }
        let measures = own.aggregates.flatMap { [$0.rows, $0.sum].compactMap(\.self) }
        return Dictionary(grouping: measures, by: \.quantity).values.contains {
            Set($0.map(\.atoms)).count > 1
        }
    }
}
