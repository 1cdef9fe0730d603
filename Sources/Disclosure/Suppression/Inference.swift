/// What can be inferred of withheld numbers by whoever knows all others exactly, before noise and rounding.
///
/// One component: numbers that are tied to each other by equations.
struct Inference {
    /// What must stay possible of a number that is withheld.
    struct Need: Hashable {
        /// It must not be known to be smaller.
        var high: Double?
        /// It must not be known to be larger.
        var low: Double?
        /// What it may be, from the least to the largest.
        let width: Double
    }

    /// Unknown numbers, by their indices in the system.
    let unknowns: [Int]
    let equations: [NumberSystem.Equation]

    enum Verdict: Equatable {
        case safe
        /// The first number that is known too well.
        case known(Int)
        case tooLarge
    }

    /// - Parameters:
    ///   - value: of a number that is released.
    ///   - needs: of the unknown numbers that were asked for.
    func verdict(_ numbers: [NumberSystem.Number], _ needs: [Int: Need]) -> Verdict {
        let asked = unknowns.filter { needs[$0] != nil }
        guard !asked.isEmpty else { return .safe }
        let columns = Dictionary(uniqueKeysWithValues: unknowns.enumerated().map { ($1, $0) })
        var program: LinearProgram
        do {
            let (rows, count) = rows(numbers, columns)
            program = try LinearProgram(variables: count, equations: rows)
        } catch {
            return error == .tooLarge ? .tooLarge : .known(asked[0])
        }
        var seen = Seen(program.point)
        for number in asked {
            guard let need = needs[number], let column = columns[number] else { continue }
            for isLargest in [true, false] where !seen.meets(need, column) {
                switch program.extreme(of: column, isLargest: isLargest) {
                case .unknown: return .tooLarge
                case .unbounded: seen.raise(column)
                case .value: break
                }
                seen.add(program.point)
            }
            guard seen.meets(need, column) else { return .known(number) }
        }
        return .safe
    }

    private func rows(
        _ numbers: [NumberSystem.Number], _ columns: [Int: Int]
    ) -> (rows: [LinearProgram.Equation], variables: Int) {
        var rows: [LinearProgram.Equation] = []
        var count = unknowns.count
        for equation in equations {
            var row = LinearProgram.Equation(terms: [], constant: 0)
            for (number, sign) in equation.parts.map({ ($0, 1.0) }) + [(equation.total, -1.0)] {
                if let column = columns[number] {
                    row.terms.append((column, sign))
                } else {
                    row.constant -= sign * (numbers[number].value ?? 0)
                }
            }
            switch equation.slack {
            case .none: break
            case .overlap:
                row.terms.append((count, -1))
                count += 1
            case .within(let most):
                // Σ parts - total + most = slack, which is not above twice the most.
                row.constant -= most
                row.terms.append((count, -1))
                rows.append(.init(terms: [(count, 1), (count + 1, 1)], constant: 2 * most))
                count += 2
            }
            rows.append(row)
        }
        return (rows, count)
    }

    /// The least and the largest values that were found possible: each corner of the program is a table that fits.
    private struct Seen {
        private var least: [Double]
        private var most: [Double]

        init(_ point: [Double]) {
            least = point
            most = point
        }

        mutating func add(_ point: [Double]) {
            for column in point.indices {
                least[column] = min(least[column], point[column])
                most[column] = max(most[column], point[column])
            }
        }

        mutating func raise(_ column: Int) { most[column] = .infinity }

        func meets(_ need: Need, _ column: Int) -> Bool {
            let tolerance = 1e-6 * max(1, need.width)
            return most[column] - least[column] >= need.width - tolerance
                && need.high.map { most[column] >= $0 - tolerance } ?? true
                && need.low.map { least[column] <= $0 + tolerance } ?? true
        }
    }
}
