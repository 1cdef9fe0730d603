import Core

/// Keeps sums, sums of squares and sums of products that are released together possible: no variance below zero, no
/// correlation beyond one.
///
/// Each is rounded by itself, the squares on a far coarser grid. What is impossible of the released numbers is moved to
/// the nearest that is possible (Cauchy-Schwarz): a function of what is released anyway, which tells nothing more. Sums
/// over sites keep it.
struct Moments {
    let structure: ReleaseStructure

    /// A released sum in its quantity's own unit.
    private struct Moment {
        let rows: Double
        let sum: Double
    }

    private struct Key: Hashable {
        let quantity: Int
        let atoms: [Int]
    }

    func consistent(_ columns: [[[ReleasedState?]]]) -> [[[ReleasedState?]]] {
        var columns = columns
        for (index, fragment) in structure.fragments.enumerated() {
            let quantities = structure.families[fragment.family].quantities
            let products = Set(
                fragment.aggregates.compactMap(\.sum).filter { quantities[$0.quantity].factors != nil }
            ).map { Key(quantity: $0.quantity, atoms: $0.atoms) }
            // Squares before products of two, which rest on them.
            let order = Set(products).sorted { left, right in
                let (one, other) = (quantities[left.quantity].factors, quantities[right.quantity].factors)
                let isSquare = [one, other].map { $0.map { $0[0] == $0[1] } ?? false }
                return isSquare[0] != isSquare[1]
                    ? isSquare[0]
                    : (left.quantity, left.atoms.description) < (right.quantity, right.atoms.description)
            }
            for product in order {
                let cells = columns[index].first?.count ?? 0
                for cell in 0..<cells { mend(product, fragment, quantities, &columns[index], cell) }
            }
        }
        return columns
    }

    private func mend(
        _ product: Key, _ fragment: ReleaseStructure.Fragment, _ quantities: [ReleaseStructure.Quantity],
        _ columns: inout [[ReleasedState?]], _ cell: Int
    ) {
        guard let factors = quantities[product.quantity].factors,
            let own = moment(product, fragment, columns, cell),
            let first = moment(Key(quantity: factors[0], atoms: product.atoms), fragment, columns, cell),
            let second = moment(Key(quantity: factors[1], atoms: product.atoms), fragment, columns, cell),
            own.rows > 0
        else { return }
        let centre = first.sum * second.sum / own.rows
        var sum = own.sum
        if factors[0] == factors[1] {
            sum = max(sum, centre)
        } else {
            let spreads = factors.map { factor -> Double? in
                guard let square = quantities.firstIndex(where: { $0.factors == [factor, factor] }),
                    let squares = moment(
                        Key(quantity: square, atoms: product.atoms), fragment, columns, cell),
                    let plain = moment(Key(quantity: factor, atoms: product.atoms), fragment, columns, cell)
                else { return nil }
                return max(0, squares.sum - plain.sum * plain.sum / own.rows)
            }
            guard let one = spreads[0], let other = spreads[1] else { return }
            let most = (one * other).squareRoot()
            sum = min(max(sum, centre - most), centre + most)
        }
        guard sum != own.sum else { return }
        for (place, aggregate) in fragment.aggregates.enumerated() {
            guard let measure = aggregate.sum, measure.quantity == product.quantity,
                measure.atoms == product.atoms, let state = columns[place][cell]
            else { continue }
            columns[place][cell] = ReleasedState(
                rows: state.rows, sum: measure.scale * sum + measure.shift * Double(state.rows))
        }
    }

    private func moment(
        _ key: Key, _ fragment: ReleaseStructure.Fragment, _ columns: [[ReleasedState?]], _ cell: Int
    ) -> Moment? {
        for (place, aggregate) in fragment.aggregates.enumerated() {
            guard let measure = aggregate.sum, measure.quantity == key.quantity, measure.atoms == key.atoms,
                let state = columns[place][cell]
            else { continue }
            let rows = Double(state.rows)
            return Moment(rows: rows, sum: (state.sum - measure.shift * rows) / measure.scale)
        }
        return nil
    }
}
