internal import Catalog
internal import Core

/// A view compiled to steps that name what comes after them: sibling selects multiply by continuation.
///
/// `slot` numbers hold the focus of each enclosing loop; slot 0 is the resource.
struct ViewPlan {
    indirect enum Step {
        /// A row is complete.
        case emit
        case columns([ColumnStep], slot: Int, next: Int)
        /// `forEach`, `forEachOrNull`.
        case loop(path: Int32, from: Int, to: Int, orNull: Bool, body: Int)
        /// `repeat`: depth first, each item before what is inside it.
        case descend(paths: [Int32], from: Int, to: Int, body: Int)
        case branches([Int])
    }

    struct ColumnStep {
        let path: Int32
        let column: Int
    }

    struct Column {
        let name: String
        let type: ColumnType
        let isCollection: Bool
    }

    private(set) var steps: [Step] = [.emit]
    private(set) var start = 0
    private(set) var slotCount = 1
    private(set) var filters: [Int32] = []
    let columns: [Column]
    let program = PathProgram()

    /// - Throws: `CatalogFault` with the place in the view of what cannot be compiled.
    init(_ view: ViewDefinition) throws(CatalogFault) {
        var columns: [Column] = []
        for column in view.columns {
            guard let type = ColumnType(fhir: column.type) else {
                throw CatalogFault(
                    path: "column \(column.name)", message: "the type is not a FHIR primitive type")
            }
            columns.append(
                Column(
                    name: column.name, type: column.collection ? .text : type, isCollection: column.collection
                ))
        }
        self.columns = columns
        var builder = ViewPlanBuilder(
            view: view, compiler: PathCompiler(program: program, constants: Self.constants(view)))
        for (index, filter) in view.filters.enumerated() {
            filters.append(try builder.path(filter.path, "where[\(index)]"))
        }
        start = try builder.selects(view.select, slot: 0, next: 0, "select")
        steps = builder.steps
        slotCount = builder.slotCount
    }

    private static func constants(_ view: ViewDefinition) -> [String: PathSyntax.Literal] {
        var result: [String: PathSyntax.Literal] = [:]
        for constant in view.constant {
            result[constant.name] =
                switch constant.value {
                case .boolean(let value): .boolean(value)
                case .integer(let value): .integer(value)
                case .decimal(let value): .decimal(value)
                case .text(let value, let type): .text(value, TypeHint(type: type))
                }
        }
        return result
    }
}

/// Compiles selects from the last to the first, so that each knows what follows it.
struct ViewPlanBuilder {
    let view: ViewDefinition
    let compiler: PathCompiler
    private(set) var steps: [ViewPlan.Step] = [.emit]
    private(set) var slotCount = 1

    init(view: ViewDefinition, compiler: PathCompiler) {
        self.view = view
        self.compiler = compiler
    }

    private mutating func add(_ step: ViewPlan.Step) -> Int {
        steps.append(step)
        return steps.count - 1
    }

    func path(_ text: String, _ place: String) throws(CatalogFault) -> Int32 {
        do { return Int32(try compiler.compile(text)) } catch {
            throw CatalogFault(path: place, message: error.description)
        }
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
            after = add(.branches(branches))
        }
        after = try selects(select.select, slot: inner, next: after, "\(place).select")
        after = try columns(select.column, slot: inner, next: after, place)
        if let loop {
            let path = try path(loop, "\(place).forEach")
            return add(.loop(path: path, from: slot, to: inner, orNull: select.forEach == nil, body: after))
        }
        if let repeated = select.repeated {
            var paths: [Int32] = []
            for text in repeated { paths.append(try path(text, "\(place).repeat")) }
            return add(.descend(paths: paths, from: slot, to: inner, body: after))
        }
        return after
    }

    private mutating func columns(
        _ list: [ViewDefinition.Column], slot: Int, next: Int, _ place: String
    ) throws(CatalogFault) -> Int {
        guard !list.isEmpty else { return next }
        let names = view.columns.map(\.name)
        var made: [ViewPlan.ColumnStep] = []
        for column in list {
            let path = try path(column.path, "\(place).column \(column.name)")
            guard let index = names.firstIndex(of: column.name) else { continue }
            made.append(.init(path: path, column: index))
        }
        return add(.columns(made, slot: slot, next: next))
    }
}
