/// What a view makes of documents of one shape: its rows, with each cell as the place in the document where it is found,
/// so that only what depends on content is evaluated again.
///
/// INVARIANT: nothing changes once it is made; its texts are the program's and live as long.
final class ShapedRows: @unchecked Sendable {
    /// A part of a text that is put together.
    enum Piece {
        case node(Int)
        case literal(Tape.Text)
    }

    enum Cell {
        /// Nothing, a node, or a value that every document of the shape has.
        case fixed(PathItem)
        /// A text of these `pieces`.
        case composed(Range<Int>)
        /// Evaluated for each document: one of the plan's columns, at that focus.
        case computed(column: Int, focus: PathItem, rowIndex: Int)
        /// As in the row before.
        case again
    }

    let shape: DocumentShape
    /// Where chains of names lead (`Evaluator.ends`).
    let ends: [Int32]
    /// Row after row, a cell for each column of the view.
    let cells: [Cell]
    let rowCount: Int
    let pieces: [Piece]

    init(shape: DocumentShape, ends: [Int32], cells: [Cell], rowCount: Int, pieces: [Piece]) {
        (self.shape, self.ends, self.cells) = (shape, ends, cells)
        (self.rowCount, self.pieces) = (rowCount, pieces)
    }
}

/// Gathers `ShapedRows` while a view is run over a document.
struct ShapeRecorder {
    /// Documents that are larger, or give more, are not worth remembering.
    private static let (mostNodes, mostCells) = (8_192, 4_096)

    let record: EvaluationRecord
    private var current: [ShapedRows.Cell]
    private var cells: [ShapedRows.Cell] = []
    private var rowCount = 0
    private var pieces: [ShapedRows.Piece] = []

    /// - Returns: nil for a document that is not worth it.
    init?(_ tape: Tape, columns: Int) {
        guard tape.next(Tape.root) <= Self.mostNodes else { return nil }
        record = EvaluationRecord(tape)
        current = Array(repeating: .fixed(.empty), count: columns)
    }

    /// Notes what a column was filled with.
    /// - Parameter place: of the step in the plan.
    mutating func fill(
        _ column: Int, _ item: PathItem, place: Int, focus: PathItem, _ evaluator: borrowing Evaluator,
        isComputed: Bool
    ) {
        if case .text = focus { record.lose() }
        // What is evaluated and stands in no row may still find a fault.
        if case .computed = current[column] { record.lose() }
        let computed = ShapedRows.Cell.computed(column: place, focus: focus, rowIndex: evaluator.rowIndex)
        guard !isComputed else { return current[column] = computed }
        guard case .text(let text, _) = item else { return current[column] = .fixed(item) }
        guard let found = record.pieces(of: text, evaluator.tape, evaluator.program) else {
            return current[column] = computed
        }
        pieces += found
        current[column] = .composed(pieces.count - found.count..<pieces.count)
    }

    /// A row is complete.
    mutating func emit() {
        guard cells.count + current.count <= Self.mostCells else { return record.lose() }
        cells += current
        rowCount += 1
        for column in current.indices {
            if case .computed = current[column] { current[column] = .again }
        }
    }

    /// - Returns: nil where the rows are not told by the document's shape.
    consuming func finish(_ evaluator: borrowing Evaluator) -> ShapedRows? {
        for cell in current { if case .computed = cell { return nil } }
        guard !record.isLost else { return nil }
        return ShapedRows(
            shape: DocumentShape(evaluator.tape, examined: record.examined), ends: evaluator.ends,
            cells: cells,
            rowCount: rowCount, pieces: pieces)
    }
}

/// The shapes of documents that a view has seen, those that come often first.
///
/// Documents of one source have few shapes. Where they have many, little is lost: looking for one ends with the first
/// name that differs, and few are remembered.
struct ShapeBook: Sendable {
    /// Of one length.
    private static let mostShapes = 12
    private static let lengths = 1_024
    /// Documents that are recorded whatever was found before.
    private static let firstDocuments = 256

    private var shapes: [[ShapedRows]] = Array(repeating: [], count: lengths)
    private(set) var hits = 0
    private var misses = 0

    /// What is known of documents like this one.
    mutating func find(_ tape: Tape) -> ShapedRows? {
        let place = tape.next(Tape.root) % Self.lengths
        for index in shapes[place].indices where shapes[place][index].shape.fits(tape) {
            if index > 0 { shapes[place].swapAt(index, index / 2) }
            hits += 1
            return shapes[place][index / 2]
        }
        misses += 1
        return nil
    }

    /// Whether a document that is not known is worth recording: where few come again, few are.
    var isWorthRecording: Bool { misses <= Self.firstDocuments || hits > misses || misses % 16 == 0 }

    mutating func insert(_ rows: ShapedRows) {
        let place = rows.shape.end % Self.lengths
        if shapes[place].count == Self.mostShapes { shapes[place].removeLast() }
        shapes[place].append(rows)
    }
}
