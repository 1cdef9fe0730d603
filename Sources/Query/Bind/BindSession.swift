internal import Catalog
internal import Core

/// What one statement's binding has in common: numbering, the catalog, the clock and the budgets that hold
/// hostile statements back.
final class BindSession {
    static let maximumRelations = 200
    static let maximumNesting = 24
    static let maximumCopies = 20_000

    let catalog: Catalog
    let now: Int64
    /// Columns that are never NULL: person, site and codes of codelists, unless an outer join adds NULLs.
    var notNull: Set<ColumnID> = []
    /// How messages name a column: `alias.name`.
    private(set) var displayNames: [ColumnID: String] = [:]
    /// The common tables that something reads, by their place in the statement.
    var readTables: Set<Int> = []
    private var nextID = 0
    private var relations = 0
    private var nesting = 0
    private var copies = 0

    init(catalog: Catalog, now: Int64) {
        self.catalog = catalog
        self.now = now
    }

    func newID(display: String? = nil) -> ColumnID {
        nextID += 1
        let id = ColumnID(nextID)
        if let display { displayNames[id] = display }
        return id
    }

    /// A column computed by an expression; it is never NULL if it merely renames a column that never is.
    func computed(_ name: String, _ expression: Expression) -> ComputedColumn {
        let id = newID(display: name)
        if case .column(let source) = expression.node, notNull.contains(source) { notNull.insert(id) }
        return ComputedColumn(id: id, name: name, expression: expression)
    }

    func isNotNull(_ expression: Expression) -> Bool {
        switch expression.node {
        case .column(let id): notNull.contains(id)
        case .literal(let value): !value.isNull
        default: false
        }
    }

    /// Charges a table reference: a CTE is bound anew at each reference, so that their number can explode.
    func chargeRelation(at position: Int?) throws(SQLFault) {
        relations += 1
        guard relations <= Self.maximumRelations else {
            throw SQLFault(
                .statementTooComplex, "statement reads more than \(Self.maximumRelations) tables",
                hint: "Split the question.", position: position)
        }
    }

    /// Charges the tables of a plan that is about to be copied.
    func chargeRelations(of plan: Plan) throws(SQLFault) {
        if case .scan(let scan) = plan { try chargeRelation(at: scan.position) }
        for input in plan.inputs { try chargeRelations(of: input) }
    }

    /// Charges an expression that is about to be used twice.
    func chargeCopy(of expression: Expression) throws(SQLFault) {
        copies += expression.weight
        guard copies <= Self.maximumCopies else { throw .tooDeep(expression.position) }
    }

    /// Counts one more query within a query while `body` runs.
    func nested<Success>(_ body: () throws(SQLFault) -> Success) throws(SQLFault) -> Success {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.maximumNesting else { throw .tooDeep(nil) }
        return try body()
    }
}

/// The common tables that a query may name.
struct Environment {
    struct CommonTable {
        let syntax: CommonTableSyntax
        let environment: Environment
    }

    private(set) var tables: [String: CommonTable] = [:]

    mutating func add(_ table: CommonTableSyntax) {
        tables[table.name] = CommonTable(syntax: table, environment: self)
    }
}

/// A bound query within a statement.
struct BoundRelation {
    let plan: Plan
    /// By reference to what `plan` offers.
    let output: [PlanColumn]
    /// The places in `output` of untyped literals: text, unless a set operation gives them another type.
    var untyped: Set<Int> = []

    /// The relation with a plan that offers exactly the output, in order: what set operations and DISTINCT
    /// need.
    func exact(_ session: BindSession) -> BoundRelation {
        guard plan.columns.map(\.id) != output.map(\.id) else { return self }
        let columns = output.map { session.computed($0.name, Expression(.column($0.id), $0.type)) }
        return BoundRelation(
            plan: .project(Project(input: plan, columns: columns)), output: columns.map(\.column))
    }
}
