internal import Core

/// One view being run over the lines of one block: loops over the plan's steps and fills columns.
struct ViewRun {
    /// A resource that gives more rows than this is set aside.
    static let rowLimit = 100_000
    /// `repeat` deeper than this cannot come from a document of the depth limit.
    private static let descentLimit = JSONParser.depthLimit

    private let plan: ViewPlan
    private var evaluator: Evaluator
    private var slots: [PathItem]
    private var rowIndexes: [Int]
    private var cells: [PathItem]
    private var builders: [ColumnBuilder]
    private(set) var rowLines: [Int] = []
    private var line = 0
    private var linesRows = 0
    private var faultyColumn: Int?
    private(set) var book: ShapeBook
    private var recorder: ShapeRecorder?

    /// - Parameter book: what was learnt from earlier documents.
    init(_ plan: ViewPlan, _ book: ShapeBook) {
        self.plan = plan
        self.book = book
        evaluator = Evaluator(program: plan.program)
        slots = Array(repeating: .empty, count: plan.slotCount)
        rowIndexes = Array(repeating: 0, count: plan.slotCount)
        cells = Array(repeating: .empty, count: plan.columns.count)
        builders = plan.columns.map(ColumnBuilder.init)
    }

    /// Adds the rows of the resource on a line, or none of them.
    /// - Throws: reason and column of what is wrong with it.
    mutating func add(_ tape: Tape, line: Int) throws(RowFault) {
        self.line = line
        faultyColumn = nil
        let before = rowLines.count
        linesRows = before
        let known = book.find(tape)
        if let known {
            // What is at fault is told by running the view itself.
            do { return try repeatRows(known, tape) } catch { forget(before) }
        }
        evaluator.begin(tape)
        recorder = known != nil || !book.isWorthRecording ? nil : ShapeRecorder(tape, columns: cells.count)
        evaluator.record = recorder?.record
        defer { (recorder, evaluator.record) = (nil, nil) }
        do { try runWhole() } catch {
            let fault = RowFault(reason: error, column: faultyColumn.map { plan.columns[$0].name })
            forget(before)
            throw fault
        }
        if let learnt = recorder?.finish(evaluator) { book.insert(learnt) }
    }

    private mutating func runWhole() throws(LineFault.Reason) {
        slots[0] = .node(Tape.root, .none)
        rowIndexes[0] = 0
        for filter in plan.filters {
            follow(filter)
            if try evaluator.boolean(filter, slots[0]) != true { return }
        }
        try run(plan.start, slot: 0)
    }

    private mutating func forget(_ before: Int) {
        rowLines.removeSubrange(before...)
        for index in builders.indices { builders[index].truncate(to: before) }
        faultyColumn = nil
    }

    /// Which rows there are hangs on this path: only if it is structural do other documents give the same.
    private mutating func follow(_ path: Int32) {
        if let recorder, !plan.program.isStructural(path) { recorder.record.lose() }
    }

    /// The rows of a document of a shape that is known.
    private mutating func repeatRows(_ known: ShapedRows, _ tape: Tape) throws(LineFault.Reason) {
        evaluator.begin(tape, as: known.ends)
        var place = 0
        for _ in 0..<known.rowCount {
            for column in cells.indices {
                switch known.cells[place] {
                case .fixed(let item): cells[column] = item
                case .composed(let pieces): cells[column] = try compose(known.pieces[pieces])
                case .computed(let step, let focus, let rowIndex):
                    evaluator.rowIndex = rowIndex
                    try evaluate(step, focus)
                case .again: break
                }
                place += 1
            }
            try emit()
        }
    }

    private mutating func compose(_ pieces: ArraySlice<ShapedRows.Piece>) throws(LineFault.Reason) -> PathItem
    {
        let tape = evaluator.tape
        func text(_ piece: ShapedRows.Piece) -> Tape.Text {
            switch piece {
            case .node(let node): tape.text(node)
            case .literal(let text): text
            }
        }
        if pieces.count == 1, let first = pieces.first { return .text(text(first), .string) }
        let room = try evaluator.take(pieces.reduce(0) { $0 + text($1).count })
        var end = 0
        for piece in pieces { end = room[end...].update(fromContentsOf: text(piece)) }
        return .text(Tape.Text(room), .string)
    }

    private mutating func run(_ step: Int, slot: Int) throws(LineFault.Reason) {
        switch plan.steps[step] {
        case .emit: try emit()
        case .columns(let columns, let slot, let next):
            evaluator.rowIndex = rowIndexes[slot]
            for column in columns { try fill(column, slots[slot]) }
            try run(next, slot: slot)
        case .loop(let path, let from, let to, let body, let otherwise):
            try loop(path, from, to, body, otherwise)
        case .blank(let columns, let slot, let next):
            evaluator.rowIndex = 0
            for place in columns {
                let column = plan.columnSteps[place]
                cells[column.column] = .empty
                recorder?.fill(
                    column.column, .empty, place: place, focus: .empty, evaluator, isComputed: false)
                if column.hasRowIndex { try fill(place, .empty) }
            }
            try run(next, slot: slot)
        case .descend(let paths, let from, let to, let body):
            rowIndexes[to] = -1
            try descend(paths, slots[from], to, body, depth: 0)
        case .branches(let branches):
            for branch in branches { try run(plan.branches[branch], slot: slot) }
        }
    }

    /// - Parameter place: the column's in the plan.
    private mutating func fill(_ place: Int, _ focus: PathItem) throws(LineFault.Reason) {
        guard recorder != nil else { return try evaluate(place, focus) }
        let column = plan.columnSteps[place]
        let isComputed = !column.isPlain || !plan.program.isTextual(column.path)
        // What a column that is evaluated again looks at tells nothing of the shape.
        if isComputed { evaluator.record = nil }
        try evaluate(place, focus)
        evaluator.record = recorder?.record
        recorder?.fill(
            column.column, cells[column.column], place: place, focus: focus, evaluator, isComputed: isComputed
        )
    }

    private mutating func evaluate(_ place: Int, _ focus: PathItem) throws(LineFault.Reason) {
        let column = plan.columnSteps[place]
        faultyColumn = column.column
        if !column.isPlain {
            try fillJSON(column, focus)
        } else {
            cells[column.column] = try evaluator.singleton(column.path, focus)
        }
        faultyColumn = nil
    }

    private mutating func fillJSON(
        _ column: ViewPlan.ColumnStep, _ focus: PathItem
    ) throws(LineFault.Reason) {
        let kind = plan.columns[column.column]
        cells[column.column] =
            kind.isCollection
            ? try collection(column.path, focus, kind.isComplex)
            : try json(try evaluator.singleton(column.path, focus))
    }

    private mutating func loop(
        _ path: Int32, _ from: Int, _ to: Int, _ body: Int, _ otherwise: Int?
    ) throws(LineFault.Reason) {
        follow(path)
        let base = evaluator.stack.count
        evaluator.rowIndex = rowIndexes[from]
        try evaluator.evaluate(path, slots[from])
        let count = evaluator.stack.count - base
        for offset in 0..<count {
            (slots[to], rowIndexes[to]) = (evaluator.stack[base + offset], offset)
            try run(body, slot: to)
        }
        evaluator.truncate(to: base)
        if count == 0, let otherwise {
            (slots[to], rowIndexes[to]) = (.empty, 0)
            try run(otherwise, slot: to)
        }
    }

    private mutating func descend(
        _ paths: Range<Int>, _ focus: PathItem, _ to: Int, _ body: Int, depth: Int
    ) throws(LineFault.Reason) {
        guard depth <= Self.descentLimit else { throw .tooDeep }
        for path in paths {
            follow(plan.paths[path])
            let base = evaluator.stack.count
            try evaluator.evaluate(plan.paths[path], focus)
            for index in base..<evaluator.stack.count {
                let item = evaluator.stack[index]
                slots[to] = item
                rowIndexes[to] += 1
                try run(body, slot: to)
                try descend(paths, item, to, body, depth: depth + 1)
            }
            evaluator.truncate(to: base)
        }
    }

    private mutating func emit() throws(LineFault.Reason) {
        guard rowLines.count - linesRows < Self.rowLimit else { throw .tooManyRows }
        let tape = evaluator.tape
        let arena = evaluator.arena
        for index in cells.indices {
            do { try builders[index].append(cells[index], tape, arena) } catch {
                faultyColumn = index
                throw error
            }
        }
        rowLines.append(line)
        recorder?.emit()
    }

    /// Several values as one JSON array; an empty collection is NULL.
    private mutating func collection(
        _ path: Int32, _ focus: PathItem, _ isComplex: Bool
    ) throws(LineFault.Reason) -> PathItem {
        let base = evaluator.stack.count
        try evaluator.evaluate(path, focus)
        defer { evaluator.truncate(to: base) }
        guard evaluator.stack.count > base else { return .empty }
        var bytes = [UInt8(ascii: "[")]
        for index in base..<evaluator.stack.count {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            let item = evaluator.stack[index]
            if case .node(let node, _) = item, isComplex {
                evaluator.tape.write(node, to: &bytes)
                continue
            }
            let text = try item.written(evaluator.tape, evaluator.arena)
            if case .text = item.primitive(evaluator.tape) {
                bytes.append(jsonString: text)
            } else {
                bytes.append(contentsOf: text)
            }
        }
        bytes.append(UInt8(ascii: "]"))
        return .text(evaluator.arena.copy(bytes), .string)
    }

    /// A value of a data type as JSON.
    private func json(_ item: PathItem) throws(LineFault.Reason) -> PathItem {
        guard case .node(let node, _) = item else {
            if item.isEmpty { return .empty }
            throw .wrongType
        }
        var bytes: [UInt8] = []
        evaluator.tape.write(node, to: &bytes)
        return .text(evaluator.arena.copy(bytes), .string)
    }

    consuming func finish() -> Table {
        let rows = rowLines.count
        return Table(columns: builders.map { $0.finish() }, rowCount: rows)
    }
}

/// What is wrong with one resource, for a view.
struct RowFault: Error {
    let reason: LineFault.Reason
    let column: String?
}
