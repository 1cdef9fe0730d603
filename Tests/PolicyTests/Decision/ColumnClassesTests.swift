import Foundation
import Testing

@testable import Policy

/// `column-classes.yaml` against the schemas of the datasets and the vocabulary of the policies.
@Suite struct ColumnClassesTests {
    private static let datasets = PolicyCasesTests.directory.appending(path: "../Schemas/datasets")
        .standardizedFileURL

    private static func classes() throws -> ColumnClasses {
        try PolicyEngine(directory: PolicyCasesTests.directory).columnClasses
    }

    /// A view: columns with their tags, in selects within selects.
    private struct View: Decodable {
        struct Tag: Decodable {
            let name: String
            let value: String
        }

        struct Column: Decodable {
            let name: String
            let tag: [Tag]?
        }

        struct Select: Decodable {
            let column: [Column]?
            let select: [Select]?
            let unionAll: [Select]?

            var all: [Column] {
                (column ?? []) + ((select ?? []) + (unionAll ?? [])).flatMap(\.all)
            }
        }

        let select: [Select]?
        /// Of a dataset that no FHIR resource fills.
        let column: [Column]?
        /// The file's.
        var name = ""

        private enum CodingKeys: String, CodingKey { case select, column }

        var columns: [Column] { (select ?? []).flatMap(\.all) + (column ?? []) }
    }

    private static func views() throws -> [View] {
        let names = try FileManager.default.contentsOfDirectory(atPath: datasets.path)
        return try names.filter { $0.hasSuffix(".json") }.map {
            var view = try JSONDecoder().decode(
                View.self, from: Data(contentsOf: datasets.appending(path: $0)))
            view.name = String($0.dropLast(".json".count))
            return view
        }
    }

    @Test func everyColumnOfEveryDatasetIsClassified() throws {
        let classes = try Self.classes()
        let views = try Self.views()
        #expect(views.count >= 9)
        for view in views {
            for column in view.columns.map(\.name) + ["site"] {
                #expect(
                    classes.of("\(view.name).\(column)") != ColumnClasses.unclassified,
                    "\(view.name).\(column) has no class")
            }
        }
    }

    /// The schemas call a column an identifier if and only if policies do.
    @Test func identifiersAreTheSameForPoliciesAndForTheLaw() throws {
        let classes = try Self.classes()
        for view in try Self.views() {
            for column in view.columns {
                let tag = column.tag?.first { $0.name == "concordat/class" }?.value
                let isFreeText = column.tag?.contains {
                    $0.name == "concordat/free-text" && $0.value == "true"
                }
                let own = classes.of("\(view.name).\(column.name)")
                #expect((tag == "identifier") == (own == "identifier"), "\(view.name).\(column.name)")
                #expect((isFreeText == true) == (own == "free-text"), "\(view.name).\(column.name)")
            }
        }
    }

    /// A class that the vocabulary lacks could not be named by any rule.
    @Test func theVocabularyKnowsTheClasses() throws {
        let file = PolicyCasesTests.directory.appending(path: "concordat.cedarschema")
        let schema = try CedarSchema(parsing: String(contentsOf: file, encoding: .utf8))
        let named = try #require(schema.entityTypes["ColumnClass"]?.enumeration)
        let declared = Set(try Self.classes().classes.keys).union([ColumnClasses.unclassified])
        #expect(Set(named.map(\.description)) == declared)
    }

    @Test(arguments: [
        ("datasets: {a: {b: identifer}}", "a.b: the class 'identifer' is not declared"),
        ("datasets: {a: {b: unclassified}}", "a.b: the class 'unclassified' is not declared"),
        (
            "datasets: [a]",
            "cannot be read: it has a version, classes with what belongs to them, and datasets with columns"
        ),
    ])
    func aMisspeltClassIsAnError(text: String, expected: String) {
        let fault = #expect(throws: PolicyFault.self) {
            try ColumnClasses(yaml: "version: 1\nclasses: {identifier: who}\n\(text)\n")
        }
        #expect(fault?.message == expected)
    }
}
