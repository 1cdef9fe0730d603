package import Catalog
package import Core
internal import Synchronization

/// Runs one ViewDefinition over blocks of NDJSON. Compiled once; any number of threads may run it.
///
///     let runner = try ViewRunner(view: catalog.views["condition"]!)
///     let rows = runner.run(block)
///
/// Text columns hold strings, `date` columns the calendar day as written, `timestamp` columns the instant in
/// UTC; of a
/// partial date both take the low boundary (midnight UTC, first day). Columns with `collection` hold a JSON
/// array.
package struct ViewRunner: Sendable {
    package let view: ViewDefinition
    private let compiled: Compiled

    /// INVARIANT: a plan does not change after it is compiled; a book is used by one block at a time.
    private final class Compiled: @unchecked Sendable {
        let plan: ViewPlan
        private let books = Mutex<[ShapeBook]>([])

        init(_ plan: ViewPlan) { self.plan = plan }

        /// What was learnt from earlier blocks.
        func borrow() -> ShapeBook { books.withLock { $0.popLast() } ?? ShapeBook() }

        func giveBack(_ book: ShapeBook) { books.withLock { $0.append(book) } }
    }

    /// What one block gave.
    package struct Rows: Sendable {
        /// The view's columns.
        package let table: Table
        /// One a row: index in `block.lines` of the line it comes from.
        package let rowSource: [Int]
        /// Lines this view had to set aside; no row of theirs is in the table.
        package let faults: [LineFault]
        /// Resources of the view's type that were read without fault, whether they gave rows or not.
        package let resources: Int
    }

    /// What a block gave to several views.
    package struct BlockResult: Sendable {
        /// One a view, in the order given.
        package let views: [Rows]
        /// Lines that are no resource at all, the block's own faults among them.
        package let faults: [LineFault]
        /// Lines of resource types that no view reads, by type.
        package let unread: [String: Int]
    }

    /// How dates and times leave: as the engine's types, or as the text that was written, which tells
    /// precision
    /// and offset.
    package enum Times: Sendable { case engine, written }

    /// - Throws: `CatalogFault` with the place in the view of a path or type that is not supported.
    package init(view: ViewDefinition, times: Times = .engine) throws(CatalogFault) {
        self.view = view
        compiled = Compiled(try ViewPlan(view, times))
    }

    /// Runs this view alone.
    /// - Returns: rows with all faults of the block, and the lines of other resource types by type.
    package func run(_ block: LineBlock) -> (rows: Rows, unread: [String: Int]) {
        let result = Self.run([self], over: block)
        let rows = result.views[0]
        let faults = (result.faults + rows.faults).sorted {
            ($0.line, $0.byteOffset) < ($1.line, $1.byteOffset)
        }
        return (
            Rows(table: rows.table, rowSource: rows.rowSource, faults: faults, resources: rows.resources),
            result.unread
        )
    }

    /// Parses each line once and hands it to the views of its resource type.
    package static func run(_ runners: [ViewRunner], over block: LineBlock) -> BlockResult {
        let books = runners.map { $0.compiled.borrow() }
        let views = zip(runners, books).map { ($0.view.resource, ViewRun($0.compiled.plan, $1)) }
        var run = BlockRun(views, block)
        for index in block.lines.indices { run.line(index) }
        for (runner, book) in zip(runners, run.books) { runner.compiled.giveBack(book) }
        return run.finish()
    }
}

/// The work on one block.
private struct BlockRun: ~Copyable {
    private let block: LineBlock
    private let types: [StaticBytes]
    private var parser: JSONParser
    private var runs: [ViewRun]
    private var resources: [Int]
    private var viewFaults: [[LineFault]]
    private var faults: [LineFault]
    private var unread: [String: Int] = [:]

    init(_ views: [(resource: String, run: ViewRun)], _ block: LineBlock) {
        self.block = block
        types = views.map { StaticBytes($0.resource) }
        let longest = block.lines.map(\.length).max() ?? 0
        parser = JSONParser(capacity: longest)
        runs = views.map(\.run)
        resources = Array(repeating: 0, count: views.count)
        viewFaults = Array(repeating: [], count: views.count)
        faults = block.faults
    }

    /// What each view has learnt.
    var books: [ShapeBook] { runs.map(\.book) }

    mutating func line(_ index: Int) {
        let line = block.lines[index]
        func fault(_ reason: LineFault.Reason, _ column: String? = nil) -> LineFault {
            LineFault(
                line: line.number, byteOffset: line.byteOffset, entry: line.entry, reason: reason,
                column: column)
        }
        let tape: Tape
        do { tape = try parser.parse(block.bytes(line)) } catch {
            faults.append(fault(error))
            return
        }
        guard let type = Self.resourceType(tape) else {
            faults.append(fault(.notFHIR))
            return
        }
        guard !tape.namesTwice(Tape.root) else {
            faults.append(fault(.duplicateKey))
            return
        }
        guard !type.equals(StaticText("Bundle").text) else {
            faults.append(fault(.nestedBundle))
            return
        }
        var isRead = false
        for view in runs.indices where types[view].equals(type) {
            isRead = true
            do {
                try runs[view].add(tape, line: index)
                resources[view] += 1
            } catch {
                viewFaults[view].append(fault(error.reason, error.column))
            }
        }
        if !isRead { unread[String(decoding: type, as: UTF8.self), default: 0] += 1 }
    }

    /// The type's name; nil if it is not written as names of types are, so that no content can pass for one.
    private static func resourceType(_ tape: Tape) -> Tape.Text? {
        guard let node = tape.member(Tape.root, StaticText("resourceType").text),
            tape.kind(node) == Tape.Kind.string
        else { return nil }
        let text = tape.text(node)
        let isName =
            text.allSatisfy { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
            && text.first.map { $0 < 0x61 } == true
        return isName && (1...64).contains(text.count) ? text : nil
    }

    consuming func finish() -> ViewRunner.BlockResult {
        var views: [ViewRunner.Rows] = []
        for index in runs.indices {
            let source = runs[index].rowLines
            views.append(
                ViewRunner.Rows(
                    table: runs[index].finish(), rowSource: source, faults: viewFaults[index],
                    resources: resources[index]))
        }
        return ViewRunner.BlockResult(views: views, faults: faults, unread: unread)
    }
}

/// The UTF-8 of a name, for comparing.
private struct StaticBytes {
    let bytes: [UInt8]
    init(_ text: String) { bytes = Array(text.utf8) }
    func equals(_ text: Tape.Text) -> Bool { bytes.withUnsafeBufferPointer { $0.equals(text) } }
}
