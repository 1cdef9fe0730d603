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

    init(_ plan: ViewPlan) {
        self.plan = plan
        evaluator = Evaluator(program: plan.program)
        slots = Array(repeating: .empty, count: plan.slotCount)
        rowIndexes = Array(repeating: 0, count: plan.slotCount)
        cells = Array(repeating: .empty, count: plan.columns.count)
        builders = plan.columns.map(ColumnBuilder.init)
    }

    /// Adds the rows of the resource on a line, or none of them.
    /// - Throws: reason and column of what is wrong with it.
    mutating func add(_ tape: Tape, line: Int) throws(RowFault) {
        evaluator.tape = tape
        evaluator.arena.reset()
        evaluator.truncate(to: 0)
        self.line = line
        faultyColumn = nil
        let before = rowLines.count
        linesRows = before
        do {
            slots[0] = .node(Tape.root, .none)
            rowIndexes[0] = 0
            evaluator.rowIndex = 0
            for filter in plan.filters where try evaluator.boolean(filter, slots[0]) != true { return }
            try run(plan.start, slot: 0)
        } catch {
            rowLines.removeSubrange(before...)
            for index in builders.indices { builders[index].truncate(to: before) }
            throw RowFault(reason: error, column: faultyColumn.map { plan.columns[$0].name })
        }
    }

    private mutating func run(_ step: Int, slot: Int) throws(LineFault.Reason) {
        switch plan.steps[step] {
        case .emit: try emit()
        case .columns(let columns, let slot, let next):
            evaluator.rowIndex = rowIndexes[slot]
            for column in columns { try fill(column, slots[slot]) }
            try run(next, slot: slot)
        case .loop(let path, let from, let to, let orNull, let body):
            try loop(path, from, to, orNull, body)
        case .descend(let paths, let from, let to, let body):
            rowIndexes[to] = -1
            try descend(paths, slots[from], to, body, depth: 0)
        case .branches(let branches):
            for branch in branches { try run(branch, slot: slot) }
        }
    }

    private mutating func fill(_ column: ViewPlan.ColumnStep, _ focus: PathItem) throws(LineFault.Reason) {
        faultyColumn = column.column
        if plan.columns[column.column].isCollection {
            cells[column.column] = try collection(column.path, focus)
        } else {
            cells[column.column] = try evaluator.singleton(column.path, focus)
        }
        faultyColumn = nil
    }

    private mutating func loop(
        _ path: Int32, _ from: Int, _ to: Int, _ orNull: Bool, _ body: Int
    ) throws(LineFault.Reason) {
        let base = evaluator.stack.count
        evaluator.rowIndex = rowIndexes[from]
        try evaluator.evaluate(path, slots[from])
        let count = evaluator.stack.count - base
        for offset in 0..<count {
            (slots[to], rowIndexes[to]) = (evaluator.stack[base + offset], offset)
            try run(body, slot: to)
        }
        evaluator.truncate(to: base)
        if count == 0, orNull {
            (slots[to], rowIndexes[to]) = (.empty, 0)
            try run(body, slot: to)
        }
    }

    private mutating func descend(
        _ paths: [Int32], _ focus: PathItem, _ to: Int, _ body: Int, depth: Int
    ) throws(LineFault.Reason) {
        guard depth <= Self.descentLimit else { throw .tooDeep }
        for path in paths {
            let base = evaluator.stack.count
            try evaluator.evaluate(path, focus)
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
        let (tape, arena) = (evaluator.tape, evaluator.arena)
        for index in cells.indices {
            do { try builders[index].append(cells[index], tape, arena) } catch {
                faultyColumn = index
                throw error
            }
        }
        rowLines.append(line)
    }

    /// Several values as one JSON array; an empty collection is NULL.
    private mutating func collection(_ path: Int32, _ focus: PathItem) throws(LineFault.Reason) -> PathItem {
        let base = evaluator.stack.count
        try evaluator.evaluate(path, focus)
        defer { evaluator.truncate(to: base) }
        guard evaluator.stack.count > base else { return .empty }
        var bytes = [UInt8(ascii: "[")]
        for index in base..<evaluator.stack.count {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            let value = evaluator.stack[index].primitive(evaluator.tape)
            let text = try value.written(evaluator.arena)
            if case .text = value { bytes.append(jsonString: text) } else { bytes.append(contentsOf: text) }
        }
        bytes.append(UInt8(ascii: "]"))
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

extension [UInt8] {
    fileprivate mutating func append(jsonString text: Tape.Text) {
        append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                append(contentsOf: ("\\u00" + (digits.count == 1 ? "0" : "") + digits).utf8)
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
