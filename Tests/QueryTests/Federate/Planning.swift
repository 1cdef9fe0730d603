import Catalog
import Core

@testable import Query

/// SQL to federated plan over the test catalog, as the coordinator does it.
enum Planning {
    static var planner: FederatedPlanner {
        FederatedPlanner(catalog: TestCatalog.catalog, today: Int(TestCatalog.now / 86_400_000_000))
    }

    static func bind(_ sql: String) throws -> BoundQuery {
        switch try Binder(catalog: TestCatalog.catalog, now: TestCatalog.now).bind(sql) {
        case .select(let query), .explain(let query, _): query
        }
    }

    static func plan(_ sql: String) throws -> FederatedPlan { try planner.plan(bind(sql)) }
}
