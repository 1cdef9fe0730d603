internal import Catalog
internal import Core

/// A view compiled to steps that name what comes after them: sibling selects multiply by continuation.
///
/// `slot` numbers hold the focus of each enclosing loop; slot 0 is the resource. Steps are trivial to copy: what is a
/// list in them is a range of `columnSteps`, `paths` or `branches`.
struct ViewPlan {
    enum Step {
        /// A row is complete.
        case emit
        case columns(Range<Int>, slot: Int, next: Int)
        /// `forEach`, `forEachOrNull`; `otherwise` is what an empty `forEachOrNull` runs.
        case loop(path: Int32, from: Int, to: Int, body: Int, otherwise: Int?)
        /// All columns of a `forEachOrNull` that has nothing to go through are NULL, whatever is nested in
        /// it;
        /// those that ask for `%rowIndex` have it as 0.
        case blank(Range<Int>, slot: Int, next: Int)
        /// `repeat`: depth first, each item before what is inside it.
        case descend(paths: Range<Int>, from: Int, to: Int, body: Int)
        case branches(Range<Int>)
    }

    struct ColumnStep {
        let path: Int32
        let column: Int
        var hasRowIndex = false
        /// One primitive value: neither a collection nor of a data type with elements.
        var isPlain = true
    }

    struct Column {
        let name: String
        let type: ColumnType
        let isCollection: Bool
        /// A data type that is no primitive: its JSON, as text.
        let isComplex: Bool
        /// Text that must be a date, time or instant, as it was written.
        let isWrittenTime: Bool
    }

    private(set) var steps: [Step] = [.emit]
    private(set) var columnSteps: [ColumnStep] = []
    private(set) var paths: [Int32] = []
    private(set) var branches: [Int] = []
    private(set) var start = 0
    private(set) var slotCount = 1
    private(set) var filters: [Int32] = []
    let columns: [Column]
    let program = PathProgram()

    /// - Throws: `CatalogFault` with the place in the view of what cannot be compiled.
    init(_ view: ViewDefinition, _ times: ViewRunner.Times) throws(CatalogFault) {
        var builder = ViewPlanBuilder(
            view: view,
            compiler: PathCompiler(program: program, constants: try Self.constants(view)))
        for (index, filter) in view.filters.enumerated() {
            filters.append(try builder.path(filter.path, "where[\(index)].path", isCondition: true))
        }
        columns = try builder.columns(view.select, "select", times)
        start = try builder.selects(view.select, slot: 0, next: 0, "select")
        steps = builder.steps
        columnSteps = builder.columnSteps
        paths = builder.paths
        branches = builder.branches
        slotCount = builder.slotCount
    }

    private static func constants(
        _ view: ViewDefinition
    ) throws(CatalogFault) -> [String: PathSyntax.Literal] {
        var result: [String: PathSyntax.Literal] = [:]
        for (index, constant) in view.constant.enumerated() {
            guard result[constant.name] == nil else {
                throw CatalogFault(path: "constant[\(index)].name", message: "is there twice")
            }
            result[constant.name] = try literal(constant.value, "constant[\(index)]")
        }
        return result
    }

    private static func literal(
        _ value: ViewDefinition.Constant.Value, _ place: String
    ) throws(CatalogFault) -> PathSyntax.Literal {
        switch value {
        case .boolean(let value): return .boolean(value)
        case .integer(let value): return .integer(value)
        case .decimal(let value):
            return .decimal(value, places: Int8(clamping: ExactDecimal(value)?.places ?? -1))
        case .text(let value, let name):
            let fault = CatalogFault(
                path: "\(place).value\(name.prefix(1).uppercased())\(name.dropFirst())",
                message: "is not of a primitive FHIR type, or not written as one")
            guard let type = TypeHint(type: name), type.isPrimitive else { throw fault }
            switch type {
            case .time:
                guard value.withUTF8Text({ FHIRTime.Clock($0, from: 0)?.end == $0.count }) else {
                    throw fault
                }
            case .date, .dateTime, .instant:
                guard value.withUTF8Text({ FHIRTime($0, offset: .optional) != nil }) else { throw fault }
            case .boolean, .integer, .integer64, .decimal, .positiveInt, .unsignedInt: throw fault
            default: break
            }
            return .text(value, type)
        }
    }
}

/// Compiles selects from the last to the first, so that each knows what follows it.
struct ViewPlanBuilder {
    let view: ViewDefinition
    let compiler: PathCompiler
    private let names: [String]
    private(set) var steps: [ViewPlan.Step] = [.emit]
    private(set) var columnSteps: [ViewPlan.ColumnStep] = []
    private(set) var paths: [Int32] = []
    private(set) var branches: [Int] = []
    private(set) var slotCount = 1

    init(view: ViewDefinition, compiler: PathCompiler) {
        self.view = view
        self.compiler = compiler
        names = view.columns.map(\.name)
    }

    private mutating func add(_ step: ViewPlan.Step) -> Int {
        steps.append(step)
        return steps.count - 1
    }

    /// Adds elements to one of the lists that steps have ranges of.
    private static func add<Element>(_ elements: [Element], to list: inout [Element]) -> Range<Int> {
        list.append(contentsOf: elements)
        return list.count - elements.count..<list.count
    }

    func path(_ text: String, _ place: String, isCondition: Bool = false) throws(CatalogFault) -> Int32 {
        do {
            return Int32(try isCondition ? compiler.compile(condition: text) : compiler.compile(text))
        } catch { throw CatalogFault(path: place, message: error.description) }
    }

    /// The columns in order, with the types that they are filled as.
    func columns(
        _ list: [ViewDefinition.Select], _ place: String, _ times: ViewRunner.Times
    ) throws(CatalogFault) -> [ViewPlan.Column] {
        var result: [ViewPlan.Column] = []
        for (index, select) in list.enumerated() {
            let here = "\(place)[\(index)]"
            for (number, column) in select.column.enumerated() {
                result.append(try self.column(column, "\(here).column[\(number)].type", times))
            }
            result += try columns(select.select, "\(here).select", times)
            // The branches after the first have the same columns: the definition was checked.
            result += try columns(Array(select.unionAll.prefix(1)), "\(here).unionAll", times)
        }
        return result
    }

    private func column(
        _ column: ViewDefinition.Column, _ place: String, _ times: ViewRunner.Times
    ) throws(CatalogFault) -> ViewPlan.Column {
        let isTime = ["date", "dateTime", "instant", "time"].contains(column.type?.lastPart)
        if let type = ColumnType(fhir: column.type) {
            let isWritten = isTime && (times == .written || type == .text)
            return ViewPlan.Column(
                name: column.name, type: column.collection || isWritten ? .text : type,
                isCollection: column.collection, isComplex: false,
                isWrittenTime: isWritten && !column.collection)
        }
        guard let name = column.type?.lastPart, let type = TypeHint(type: name), !type.isPrimitive else {
            throw CatalogFault(path: place, message: "is not a FHIR data type")
        }
        return ViewPlan.Column(
            name: column.name, type: .text, isCollection: column.collection, isComplex: true,
            isWrittenTime: false)
    }

    mutating func selects(
        _ list: [ViewDefinition.Select], slot: Int, next: Int, _ place: String
    ) throws(CatalogFault) -> Int {
        var after = next
        for (index, select) in list.enumerated().reversed() {
            after = try self.select(select, slot: slot, next: after, "\(place)[\(index)]")
        }
        return after
    }

    private mutating func select(
        _ select: ViewDefinition.Select, slot: Int, next: Int, _ place: String
    ) throws(CatalogFault) -> Int {
        var inner = slot
        let loop = select.forEach ?? select.forEachOrNull
        if loop != nil || select.repeated != nil {
            inner = slotCount
            slotCount += 1
        }
        var after = next
        if !select.unionAll.isEmpty {
            var branches: [Int] = []
            for (index, branch) in select.unionAll.enumerated() {
                branches.append(
                    try self.select(branch, slot: inner, next: next, "\(place).unionAll[\(index)]"))
            }
            after = add(.branches(Self.add(branches, to: &self.branches)))
        }
        after = try selects(select.select, slot: inner, next: after, "\(place).select")
        after = try columns(select.column, slot: inner, next: after, "\(place).column")
        if let loop {
            let isForEach = select.forEach != nil
            let path = try path(loop, "\(place).\(isForEach ? "forEach" : "forEachOrNull")")
            let blank = isForEach ? nil : try blank(select, slot: inner, next: next, place)
            return add(.loop(path: path, from: slot, to: inner, body: after, otherwise: blank))
        }
        if let repeated = select.repeated {
            var paths: [Int32] = []
            for (index, text) in repeated.enumerated() {
                paths.append(try path(text, "\(place).repeat[\(index)]"))
            }
            guard !paths.isEmpty else { throw CatalogFault(path: "\(place).repeat", message: "is empty") }
            return add(.descend(paths: Self.add(paths, to: &self.paths), from: slot, to: inner, body: after))
        }
        return after
    }

    private mutating func columns(
        _ list: [ViewDefinition.Column], slot: Int, next: Int, _ place: String
    ) throws(CatalogFault) -> Int {
        guard !list.isEmpty else { return next }
        var made: [ViewPlan.ColumnStep] = []
        for (number, column) in list.enumerated() {
            let path = try path(column.path, "\(place)[\(number)].path")
            guard let index = names.firstIndex(of: column.name) else { continue }
            made.append(.init(path: path, column: index, isPlain: Self.isPlain(column)))
        }
        return add(.columns(Self.add(made, to: &columnSteps), slot: slot, next: next))
    }

    private static func isPlain(_ column: ViewDefinition.Column) -> Bool {
        !column.collection && ColumnType(fhir: column.type) != nil
    }

    private mutating func blank(
        _ select: ViewDefinition.Select, slot: Int, next: Int, _ place: String
    ) throws(CatalogFault) -> Int {
        var made: [ViewPlan.ColumnStep] = []
        for column in select.columns {
            guard let index = names.firstIndex(of: column.name) else { continue }
            let asks = column.path.contains("%rowIndex")
            made.append(
                .init(
                    path: asks ? try path(column.path, place) : -1, column: index, hasRowIndex: asks,
                    isPlain: Self.isPlain(column)))
        }
        return add(.blank(Self.add(made, to: &columnSteps), slot: slot, next: next))
    }
}

extension String {
    /// Of a type's URL, its name.
    fileprivate var lastPart: String { split(separator: "/").last.map(String.init) ?? self }
}
