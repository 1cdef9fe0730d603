import Catalog
import Core
import Testing

@testable import Query

/// Plans that no binder of ours has made: the law holds for them as well.
@Suite struct OutsidePlanTests {
    @Test(
        "what lists or picks values is refused in a plan from outside too",
        arguments: [AggregateCall.Function.stringAgg, .arrayAgg, .mode, .percentileCont, .boolAnd])
    func listing(_ function: AggregateCall.Function) {
        let code = PlanColumn(id: ColumnID(1), name: "code", type: .text)
        let scan = Plan.scan(Scan(source: .dataset("condition"), alias: "c", columns: [code], position: 8))
        let call = AggregateCall(function, argument: Expression(.column(code.id), .text), type: .text, at: 8)
        let aggregate = Aggregate(
            input: scan, keys: [], aggregates: [AggregateColumn(id: ColumnID(2), name: "x", call: call)])
        let fault = #expect(throws: SQLFault.self) {
            try Law.check(aggregate, catalog: TestCatalog.catalog, today: 0)
        }
        let isNever = [.stringAgg, .arrayAgg, .mode].contains(function)
        #expect(fault?.sqlstate == (isNever ? .insufficientPrivilege : .featureNotSupported))
        #expect(fault?.position == 8)
    }

    @Test("an expression that nests too deeply is refused before it is walked")
    func depth() throws {
        try Law.check(Self.nested(150), catalog: TestCatalog.catalog, today: 0)
        let fault = #expect(throws: SQLFault.self) {
            try Law.check(Self.nested(300), catalog: TestCatalog.catalog, today: 0)
        }
        #expect(fault?.sqlstate == .statementTooComplex)
    }

    private static func nested(_ levels: Int) -> Aggregate {
        var deep = Expression(.literal(.boolean(true)), .boolean)
        for _ in 0..<levels { deep = Expression(.call(.not, [deep]), .boolean) }
        let scan = Plan.scan(Scan(source: .dataset("patient"), alias: "patient", columns: []))
        let count = AggregateColumn(
            id: ColumnID(1), name: "count", call: AggregateCall(.count, argument: nil, type: .bigint))
        return Aggregate(
            input: .filter(Filter(input: scan, predicate: deep)), keys: [], aggregates: [count])
    }
}
