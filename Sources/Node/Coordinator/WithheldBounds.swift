internal import Catalog
internal import Core
internal import Query
internal import Statistics

/// What totals lie between where sites withheld parts of them, from what the same sites released beside.
///
/// A part that a site withheld by itself stands for fewer people than its threshold; one that hangs together with others
/// may be withheld for their sake, and is no more than what contains it: the same count over a coarser group, or without
/// the condition. Noise and rounding are added at their stated largest. Of sites that did not answer nothing is known.
struct WithheldBounds {
    /// One site's answer: a block a fragment, the stated errors, and its threshold.
    struct Site {
        let blocks: [ReleasedBlock]
        /// Of each fragment's aggregates.
        let errors: [[Double]]
        let minimumPeople: Int
    }

    let structure: ReleaseStructure
    let shapes: [[AggregateShape]]
    /// Of each site and fragment, the row of each cell.
    private let rows: [[[[Value]: Int]]]
    private let sites: [Site]

    init(structure: ReleaseStructure, shapes: [[AggregateShape]], sites: [Site]) {
        self.structure = structure
        self.shapes = shapes
        self.sites = sites
        rows = sites.map { site in
            site.blocks.map { block in
                Dictionary((0..<block.keys.rowCount).map { (block.keys.row($0), $0) }) { first, _ in first }
            }
        }
    }

    /// What a count, or a sum of what is never negative, lies between over all sites; nil where that is not known.
    func bounds(
        of aggregate: Int, in fragment: Int, at cell: [Value]
    ) -> (lower: Double, upper: Double?)? {
        let shape = shapes[fragment][aggregate]
        guard shape.kind != .average, shape.kind != .sum || (shape.lower ?? -1) >= 0 else { return nil }
        var (lower, upper): (Double, Double?) = (0, 0)
        for site in sites.indices {
            if let value = value(of: aggregate, fragment, cell, at: site) {
                let error = error(of: aggregate, fragment, at: site)
                lower += max(0, value - error)
                upper = upper.map { $0 + value + error }
                continue
            }
            guard sites[site].minimumPeople > 0 else { continue }
            let most = most(of: aggregate, fragment, cell, at: site)
            upper = upper.flatMap { known in most.map { known + $0 } }
        }
        return (lower, upper)
    }

    private func error(of aggregate: Int, _ fragment: Int, at site: Int) -> Double {
        let errors = sites[site].errors
        guard errors.indices.contains(fragment), errors[fragment].indices.contains(aggregate) else {
            return 0
        }
        return errors[fragment][aggregate]
    }

    private func value(of aggregate: Int, _ fragment: Int, _ cell: [Value], at site: Int) -> Double? {
        guard let row = rows[site][fragment][cell] else { return nil }
        let released = sites[site].blocks[fragment].aggregates[aggregate]
        return shapes[fragment][aggregate].kind == .sum
            ? released.sums[row] : released.rows[row].map(Double.init)
    }

    /// The most that a withheld part can be.
    private func most(of aggregate: Int, _ fragment: Int, _ cell: [Value], at site: Int) -> Double? {
        let own = structure.fragments[fragment]
        let measure = own.aggregates[aggregate].counted
        let isPeople =
            structure.families[own.family].quantities[measure.quantity].kind == .people
            || structure.families[own.family].isSingle
        var least: Double?
        let shape = shapes[fragment][aggregate]
        if isPeople, !structure.isTied(fragment), !shape.isConditional, shape.kind != .sum,
            own.domains.allSatisfy({ $0 == nil })
        {
            least = Double(sites[site].minimumPeople - 1)
        }
        for (index, other) in structure.fragments.enumerated()
        where other.family == own.family && other.keys.allSatisfy(own.keys.contains)
            && other.fixed.allSatisfy({ key, value in
                own.fixed[key] == value || own.keys.firstIndex(of: key).map { cell[$0] == value } ?? false
            })
            && (!other.isPartial || !other.fixed.isEmpty || other.keys == own.keys)
        {
            let coarse = other.keys.map { key in cell[own.keys.firstIndex(of: key) ?? 0] }
            for (place, candidate) in other.aggregates.enumerated() {
                guard candidate.counted.contains(measure),
                    (shapes[index][place].kind == .sum) == (shape.kind == .sum),
                    let value = value(of: place, index, coarse, at: site)
                else { continue }
                let most = value + error(of: place, index, at: site)
                least = min(least ?? most, most)
            }
        }
        return least
    }
}

extension ReleaseStructure.Aggregate {
    /// What a count counts, or a sum adds up.
    fileprivate var counted: ReleaseStructure.Measure { sum ?? rows }
}

extension ReleaseStructure.Measure {
    /// Whether all that the other counts is counted here, in the same unit.
    fileprivate func contains(_ other: ReleaseStructure.Measure) -> Bool {
        quantity == other.quantity && scale == other.scale && shift == other.shift
            && other.atoms.allSatisfy(atoms.contains)
    }
}
