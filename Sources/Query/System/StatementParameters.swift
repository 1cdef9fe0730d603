package import Core

/// A statement with `$1`, `$2`, … and where they stand, so that values can be written in their place.
package struct StatementParameters: Sendable {
    private struct Place: Sendable {
        /// In bytes.
        let range: Range<Int>
        let number: Int
        /// Of LIMIT or OFFSET, which are whole numbers.
        let isCount: Bool
        /// Of `ANY ($1)` or `ALL ($1)`, also with a cast.
        let isArray: Bool
    }

    private let source: SourceText
    private let places: [Place]
    /// The largest number that is used.
    package let count: Int

    /// - Throws: syntax faults; `42P02` for `$0`.
    package init(_ sql: String) throws(SQLFault) {
        let source = try SourceText(sql)
        let places = try BigStack.run { () throws(SQLFault) in
            Self.places(try SQLParser.tree(source).root, source)
        }
        guard places.allSatisfy({ $0.number >= 1 && $0.number <= 65_535 }) else {
            throw SQLFault(SQLState(rawValue: "42P02"), "there is no parameter $0")
        }
        self.source = source
        self.places = places.sorted { $0.range.lowerBound < $1.range.lowerBound }
        count = places.map(\.number).max() ?? 0
    }

    private static func places(_ root: JSONNode, _ source: SourceText) -> [Place] {
        var found: [Place] = []
        var open = [root]
        var arrays: Set<Int> = []
        while let node = open.popLast() {
            if ["AEXPR_OP_ANY", "AEXPR_OP_ALL"].contains(node.string("kind")), let array = node["rexpr"],
                let parameter = (array["TypeCast"]?["arg"] ?? array)["ParamRef"]
            {
                arrays.insert(parameter.integer("location"))
            }
            if node["ParamRef"] != nil || node.key == "ParamRef" {
                let isCount = node.key == "limitCount" || node.key == "limitOffset"
                let parameter = node["ParamRef"] ?? node
                let start = parameter.integer("location")
                var end = start + 1
                while end < source.bytes.count,
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(source.bytes[end])
                {
                    end += 1
                }
                found.append(
                    Place(
                        range: start..<end, number: parameter.integer("number"), isCount: isCount,
                        isArray: arrays.contains(start)))
                continue
            }
            open += node.children
        }
        return found
    }

    /// Numbers of those that stand after LIMIT or OFFSET.
    var counts: [Int] { places.filter(\.isCount).map(\.number) }

    /// Numbers of those that stand for arrays.
    var arrays: Set<Int> { Set(places.filter(\.isArray).map(\.number)) }

    /// The statement with values written where the parameters stand, as literals of their types.
    /// - Parameters:
    ///   - values: as text; nil for NULL.
    ///   - types: as the client declared them; `unknown` or absent where it did not.
    /// - Throws: `42P02` where a value is missing; `22P02` where a number is none.
    package func bound(_ values: [String?], types: [SystemType] = []) throws(SQLFault) -> String {
        guard values.count >= count else {
            throw SQLFault(
                SQLState(rawValue: "42P02"), "there are \(count) parameters, and \(values.count) values")
        }
        return try written { (place) throws(SQLFault) in
            guard let value = values[place.number - 1] else { return "NULL" }
            let type = place.number <= types.count ? types[place.number - 1] : .unknown
            return try Self.literal(value, place.isCount ? .int8 : type)
        }.sql
    }

    /// The statement with NULL in every place, and where each parameter then stands (1-based, in characters).
    func withNulls() throws(SQLFault) -> (sql: String, positions: [Int: Int]) {
        let (sql, starts) = try written { (_) throws(SQLFault) in "NULL" }
        let text = try SourceText(sql)
        var positions: [Int: Int] = [:]
        for (start, number) in starts {
            if let position = text.position(ofByte: start) { positions[position] = number }
        }
        return (sql, positions)
    }

    private func written(
        _ text: (Place) throws(SQLFault) -> String
    ) throws(SQLFault) -> (sql: String, starts: [(Int, Int)]) {
        var bytes: [UInt8] = []
        var starts: [(Int, Int)] = []
        var next = 0
        for place in places {
            bytes += source.bytes[next..<place.range.lowerBound]
            starts.append((bytes.count, place.number))
            bytes += Array(try text(place).utf8)
            next = place.range.upperBound
        }
        bytes += source.bytes[next...]
        return (String(decoding: bytes, as: UTF8.self), starts)
    }

    private static func literal(_ value: String, _ type: SystemType) throws(SQLFault) -> String {
        let wrong = SQLFault(.invalidTextRepresentation, "a parameter is no number")
        switch type.oid {
        case 20, 21, 23, 26:
            guard let number = Int64(value) else { throw wrong }
            return number < 0 ? "(\(number))" : "\(number)"
        case 700, 701, 1700:
            guard let number = Double(value) else { throw wrong }
            guard number.isFinite else { return "CAST(\(SQLQuoting.literal(value)) AS double precision)" }
            let name = type == .numeric ? "numeric" : "double precision"
            return "CAST(\(SQLQuoting.literal(value)) AS \(name))"
        case 16: return "CAST(\(SQLQuoting.literal(value)) AS boolean)"
        case 1082: return "CAST(\(SQLQuoting.literal(value)) AS date)"
        case 1114, 1184: return "CAST(\(SQLQuoting.literal(value)) AS timestamp)"
        default: return SQLQuoting.literal(value)
        }
    }
}

/// What a statement about data gives, by its shape alone.
package struct DataDescription: Sendable {
    package let output: [PlanColumn]
    /// Of `$1`, `$2`, …; nil where nothing tells; of an array's elements.
    package let parameters: [ColumnType?]
    /// Numbers of parameters that are arrays.
    package let arrays: Set<Int>
    /// Whether it can have no rows, whatever the data are: `WHERE 0 = 1`, `LIMIT 0`.
    package let isEmpty: Bool
    /// Whether it reads tables of people.
    package let readsPeople: Bool
    /// For each column of the output the table's column that it is: `dataset.column`; nil where it is computed.
    package let origins: [String?]
}

extension Binder {
    /// Binds a statement, which may have parameters, without values for them.
    /// - Throws: what `bind` throws, with places of the statement as it was given.
    package func describe(_ sql: String) throws(SQLFault) -> DataDescription {
        let text = try StatementParameters(sql)
        let (plain, positions) = try text.withNulls()
        let query: BoundQuery
        switch try bind(plain) {
        case .select(let bound): query = bound
        case .explain:
            return DataDescription(
                output: [PlanColumn(id: ColumnID(1), name: "QUERY PLAN", type: .text)], parameters: [],
                arrays: [],
                isEmpty: false, readsPeople: false, origins: [nil])
        }
        var found: [Int: ColumnType] = [:]
        if text.count > 0 {
            query.plan.visitExpressions { expression in
                if case .literal(.null) = expression.node, let place = expression.position,
                    let number = positions[place], expression.type != .unknown
                {
                    found[number] = expression.type
                }
            }
        }
        for number in text.counts { found[number] = .bigint }
        var origins: [ColumnID: String] = [:]
        query.plan.collectOrigins(into: &origins)
        return DataDescription(
            output: query.output, parameters: (0..<text.count).map { found[$0 + 1] },
            arrays: text.arrays,
            isEmpty: query.plan.isEmpty, readsPeople: query.plan.readsPeople,
            origins: query.output.map { origins[$0.id] })
    }
}

extension Plan {
    /// Whether there can be no rows, by the shape alone.
    package var isEmpty: Bool {
        switch self {
        case .limit(let limit): limit.count == 0 || limit.input.isEmpty
        case .filter(let filter): filter.predicate.isNeverTrue || filter.input.isEmpty
        case .project(let project): project.input.isEmpty
        case .window(let window): window.input.isEmpty
        case .distinct(let input): input.isEmpty
        case .sort(let sort): sort.input.isEmpty
        case .aggregate(let aggregate): !aggregate.keys.isEmpty && aggregate.input.isEmpty
        case .join(let join):
            switch join.kind {
            case .inner, .semi, .cross:
                join.left.isEmpty || join.right.isEmpty || join.condition.isNeverTrue
            case .left, .anti: join.left.isEmpty
            case .full: join.left.isEmpty && join.right.isEmpty
            }
        case .setOperation(let operation):
            switch operation.kind {
            case .union: operation.left.isEmpty && operation.right.isEmpty
            case .intersect: operation.left.isEmpty || operation.right.isEmpty
            case .except: operation.left.isEmpty
            }
        case .values(let values): values.rows.isEmpty
        case .scan, .fragment, .statistic: false
        }
    }

    var readsPeople: Bool {
        if case .scan(let scan) = self, case .dataset = scan.source { return true }
        return inputs.contains { $0.readsPeople }
    }

    fileprivate func visitExpressions(_ visit: (Expression) -> Void) {
        func walk(_ expression: Expression) {
            visit(expression)
            for child in expression.children { walk(child) }
        }
        for expression in expressions { walk(expression) }
        for input in inputs { input.visitExpressions(visit) }
    }

    /// Columns of tables, and what projections merely rename.
    fileprivate func collectOrigins(into origins: inout [ColumnID: String]) {
        for input in inputs { input.collectOrigins(into: &origins) }
        switch self {
        case .scan(let scan):
            let table =
                switch scan.source {
                case .dataset(let name): "public.\(name)"
                case .reference(let key): "reference.\(key)"
                case .codelist(let key): "codelist.\(key)"
                }
            for column in scan.columns { origins[column.id] = "\(table)\u{1F}\(column.name)" }
        case .project(let project):
            for column in project.columns {
                if case .column(let source) = column.expression.node { origins[column.id] = origins[source] }
            }
        case .aggregate(let aggregate):
            for key in aggregate.keys {
                if case .column(let source) = key.expression.node { origins[key.id] = origins[source] }
            }
        default: break
        }
    }
}

extension Expression {
    /// False or NULL, whatever the rows are: comparisons of literals, joined by AND and OR.
    var isNeverTrue: Bool {
        switch node {
        case .literal(let value): value == .boolean(false) || value.isNull
        case .call(.and, let parts): parts.contains { $0.isNeverTrue }
        case .call(.or, let parts): parts.allSatisfy { $0.isNeverTrue }
        case .call(.not, let parts):
            if case .literal(.boolean(true))? = parts.first?.node { true } else { false }
        case .call(let function, let sides) where sides.count == 2:
            Self.isNeverTrue(function, sides[0].node, sides[1].node)
        default: false
        }
    }

    private static func isNeverTrue(_ function: Function, _ left: Node, _ right: Node) -> Bool {
        guard case .literal(let one) = left, case .literal(let other) = right else { return false }
        switch function {
        case .equal: return one != other
        case .notEqual: return one == other
        case .less, .greater:
            guard let a = one.number, let b = other.number else { return false }
            return function == .less ? !(a < b) : !(a > b)
        default: return false
        }
    }
}
