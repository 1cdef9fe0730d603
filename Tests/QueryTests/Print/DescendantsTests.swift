import Catalog
import Core
import Testing

@testable import Query

/// What lies below a concept: pinned in what travels, a set of constants in what engines run.
@Suite struct DescendantsTests {
    private static let below = CodeSet.descendants(
        Descendants(concept: 73_211_009, terminology: TestCatalog.snomed))

    private func expression(negated: Bool = false) -> Expression {
        Expression(.inCodelist(Make.column(1, .text), codelist: Self.below, negated: negated), .boolean)
    }

    private func print(_ expression: Expression, _ dialect: PrintDialect) -> String {
        ExpressionPrinter(dialect: dialect, columns: [ColumnID(1): SQLText("code")])(expression).text
    }

    @Test func whatTravelsNamesTheRelease() {
        #expect(
            print(expression(), .logical) == "descends_from(code, 73211009, 'snomed@20260401')")
        #expect(
            print(expression(negated: true), .logical)
                == "NOT descends_from(code, 73211009, 'snomed@20260401')")
    }

    @Test(arguments: [PrintDialect.site(.duckdb), .merge])
    func duckDBIsHandedTheCodes(dialect: PrintDialect) {
        let codes = "(SELECT unnest(string_to_array('44054006,46635009,73211009', ',')))"
        #expect(print(expression(), dialect) == "code IN \(codes)")
        #expect(print(expression(negated: true), dialect) == "code NOT IN \(codes)")
    }

    @Test func postgreSQLIsHandedTheCodesInAFormThatItHashes() {
        let codes = "(string_to_array('44054006,46635009,73211009', ','))"
        #expect(print(expression(), .site(.postgresql)) == "code = ANY \(codes)")
        #expect(print(expression(negated: true), .site(.postgresql)) == "code <> ALL \(codes)")
    }

    /// What travels means the same where it is bound again.
    @Test func whatTravelsIsBoundToTheSame() throws {
        let binder = Binder(catalog: TestCatalog.catalog, now: TestCatalog.now)
        for sql in [
            "SELECT count(*) AS n FROM condition WHERE descends_from(code, 73211009)",
            "SELECT count(*) AS n FROM condition WHERE in_codelist(code, 'diabetes')",
            "SELECT count(*) AS n FROM condition c JOIN codelist.diabetes d ON d.code = c.code",
            "SELECT decile, count(*) AS n FROM patient p JOIN reference.imd i USING (lsoa) GROUP BY decile",
        ] {
            guard case .select(let query) = try binder.bind(sql) else { continue }
            guard case .select(let again) = try binder.bind(LogicalPrinter.print(query)) else { continue }
            #expect(again.outline == query.outline, "\(sql)")
        }
    }

    @Test func withoutAReleaseTheHintSaysHowToLoadOne() {
        let bare = Catalog(
            datasets: [TestCatalog.condition], references: [], codelists: [], bounds: [], digest: "")
        let fault = #expect(throws: SQLFault.self) {
            try Binder(catalog: bare, now: 0).bind(
                "SELECT count(*) FROM condition WHERE descends_from(code, 73211009)")
        }
        #expect(fault?.sqlstate == .undefinedObject)
        #expect(fault?.message == "no terminology release is loaded at this node")
        #expect(fault?.hint?.contains("concordat reference load snomed") == true)
    }
}
