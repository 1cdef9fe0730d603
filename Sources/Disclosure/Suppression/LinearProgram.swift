/// The least and the largest value of each variable under linear equations, all variables being at least zero.
///
/// The simplex method on a dense tableau (Dantzig's rule, then Bland's, which cannot cycle): for the few numbers that
/// hang together in a release. A program too large for that says so.
struct LinearProgram {
    /// `Σ coefficient · variable = constant`.
    struct Equation {
        var terms: [(variable: Int, coefficient: Double)]
        var constant: Double
    }

    enum Outcome: Equatable {
        case value(Double)
        case unbounded
        /// More steps than are allowed.
        case unknown
    }

    enum Failure: Error { case noSolution, tooLarge }

    /// Of the tableau: numbers in it.
    static let largest = 1_000_000
    private static let mostSteps = 4_000
    private static let zero = 1e-9

    private let variables: Int
    private let columns: Int
    /// Row by row the coefficients of all columns, with the constant at the end.
    private var tableau: [Double]
    private var basis: [Int] = []
    /// Columns and the constant.
    private let width: Int
    private let size: Double

    init(variables: Int, equations: [Equation]) throws(Failure) {
        self.variables = variables
        columns = variables + equations.count
        width = columns + 1
        guard width * max(1, equations.count) <= Self.largest else { throw .tooLarge }
        size = equations.reduce(1) { max($0, abs($1.constant)) }
        tableau = [Double](repeating: 0, count: width * equations.count)
        for (place, equation) in equations.enumerated() {
            let sign: Double = equation.constant < 0 ? -1 : 1
            for term in equation.terms { tableau[place * width + term.variable] += sign * term.coefficient }
            tableau[place * width + variables + place] = 1
            tableau[place * width + columns] = sign * equation.constant
            basis.append(variables + place)
        }
        try removeArtificials()
    }

    private func coefficient(_ row: Int, _ column: Int) -> Double { tableau[row * width + column] }

    /// The values of all variables at the corner that was reached last.
    var point: [Double] {
        var values = [Double](repeating: 0, count: variables)
        for (row, column) in basis.enumerated() where column < variables {
            values[column] = max(0, coefficient(row, columns))
        }
        return values
    }

    /// The most of `variable`, or with `isLargest` false the least.
    mutating func extreme(of variable: Int, isLargest: Bool) -> Outcome {
        var costs = [Double](repeating: 0, count: columns)
        costs[variable] = isLargest ? -1 : 1
        switch minimise(costs, among: variables) {
        case .unknown: return .unknown
        case .unbounded: return .unbounded
        case .value(let value): return .value(isLargest ? -value : value)
        }
    }

    /// Phase one: artificial variables are brought to zero and out of the basis.
    private mutating func removeArtificials() throws(Failure) {
        var costs = [Double](repeating: 0, count: columns)
        for column in variables..<columns { costs[column] = 1 }
        switch minimise(costs, among: columns) {
        case .value(let rest) where rest <= 1e-7 * size: break
        case .unknown: throw .tooLarge
        default: throw .noSolution
        }
        for row in basis.indices.reversed() where basis[row] >= variables {
            if let column = (0..<variables).first(where: { abs(coefficient(row, $0)) > 1e-7 }) {
                pivot(row, column)
            } else {
                tableau.removeSubrange(row * width..<(row + 1) * width)
                basis.remove(at: row)
            }
        }
    }

    private mutating func minimise(_ costs: [Double], among count: Int) -> Outcome {
        var reduced = costs + [0]
        for (row, column) in basis.enumerated() where costs[column] != 0 {
            subtract(row, times: costs[column], from: &reduced)
        }
        for step in 0..<Self.mostSteps {
            guard let column = entering(reduced, count, byOrder: step > 200) else {
                return .value(-reduced[columns])
            }
            guard let row = leaving(column) else { return .unbounded }
            pivot(row, column)
            subtract(row, times: reduced[column], from: &reduced)
        }
        return .unknown
    }

    private func subtract(_ row: Int, times factor: Double, from costs: inout [Double]) {
        let (start, width) = (row * width, width)
        tableau.withUnsafeBufferPointer { tableau in
            costs.withUnsafeMutableBufferPointer { costs in
                for place in 0..<width { costs[place] -= factor * tableau[start + place] }
            }
        }
    }

    private func entering(_ reduced: [Double], _ count: Int, byOrder: Bool) -> Int? {
        reduced.withUnsafeBufferPointer { reduced in
            var best: Int?
            var least = -Self.zero
            for column in 0..<count where reduced[column] < least {
                if byOrder { return column }
                (best, least) = (column, reduced[column])
            }
            return best
        }
    }

    private func leaving(_ column: Int) -> Int? {
        var best: (row: Int, ratio: Double)?
        for row in basis.indices where coefficient(row, column) > Self.zero {
            let ratio = coefficient(row, columns) / coefficient(row, column)
            guard let known = best else {
                best = (row, ratio)
                continue
            }
            if ratio < known.ratio - Self.zero
                || (ratio <= known.ratio + Self.zero && basis[row] < basis[known.row])
            {
                best = (row, ratio)
            }
        }
        return best?.row
    }

    private mutating func pivot(_ row: Int, _ column: Int) {
        let (width, count, start) = (width, basis.count, row * width)
        tableau.withUnsafeMutableBufferPointer { tableau in
            let scale = 1 / tableau[start + column]
            for place in start..<start + width { tableau[place] *= scale }
            for other in 0..<count where other != row {
                let own = other * width
                let factor = tableau[own + column]
                guard factor != 0 else { continue }
                for place in 0..<width { tableau[own + place] -= factor * tableau[start + place] }
                tableau[own + column] = 0
            }
        }
        basis[row] = column
    }
}
