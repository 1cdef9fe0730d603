import Catalog
import Core
import FHIR
import Foundation
import Testing

/// Views: what each element does, and the path of what is wrong with one.
@Suite struct ViewDefinitionTests {
    private static let resources = """
        {"resourceType":"Patient","id":"a","birthDate":"1970-06","name":[{"family":"F","given":["G","H"]},{"family":"E"}],\
        "contact":[{"telecom":[{"value":"1"},{"value":"2"}]},{"telecom":[{"value":"3"}]}]}
        {"resourceType":"Patient","id":"b","multipleBirthInteger":3,"telecom":[{"value":"9"}]}
        """

    /// Rows with `|` between values, in the order they come.
    private func rows(_ select: String, constant: String = "[]", filter: String = "[]") throws -> [String] {
        let view = #"{"resource":"Patient","constant":\#(constant),"where":\#(filter),"select":\#(select)}"#
        let runner = try ViewRunner(view: ViewSource.decode(Data(view.utf8)), times: .written)
        let rows = runner.run(LineBlock(ndjson: Self.resources.utf8)).rows
        #expect(rows.faults == [])
        return rows.table.rows.map { $0.map { $0.isNull ? "-" : $0.text }.joined(separator: "|") }
    }

    @Test func forEachOrNullOfNothingIsOneRowOfNullsWhateverIsNested() throws {
        let select = """
            [{"column":[{"name":"id","path":"id"}]},{"forEachOrNull":"contact","column":[{"name":"i","path":"%rowIndex",\
            "type":"integer"},{"name":"l","path":"'x'"}],"select":[{"forEach":"telecom","column":[{"name":"t","path":\
            "value"}]}],"unionAll":[{"column":[{"name":"u","path":"'1'"}]},{"column":[{"name":"u","path":"'2'"}]}]}]
            """
        #expect(
            try rows(select) == [
                "a|0|x|1|1", "a|0|x|1|2", "a|0|x|2|1", "a|0|x|2|2", "a|1|x|3|1", "a|1|x|3|2", "b|0|-|-|-",
            ])
    }

    @Test func siblingsMultiplyAndRowIndexIsOfTheInnermostLoop() throws {
        let select = """
            [{"forEach":"name","column":[{"name":"n","path":"family"},{"name":"i","path":"%rowIndex","type":"integer"}],\
            "select":[{"forEachOrNull":"given","column":[{"name":"g","path":"$this"},{"name":"j","path":"%rowIndex",\
            "type":"integer"}]}]},{"forEach":"contact.telecom","column":[{"name":"t","path":"value"}]}]
            """
        #expect(
            try rows(select) == [
                "F|0|G|0|1", "F|0|G|0|2", "F|0|G|0|3", "F|0|H|1|1", "F|0|H|1|2", "F|0|H|1|3", "E|1|-|0|1",
                "E|1|-|0|2", "E|1|-|0|3",
            ])
    }

    @Test func repeatGoesDepthFirstWithUnionsAndLoopsInside() throws {
        let form = """
            {"resourceType":"QuestionnaireResponse","item":[{"linkId":"1","answer":[{"valueString":"x","item":[{"linkId":\
            "1.a"}]}],"item":[{"linkId":"1.1"}]},{"linkId":"2"}]}
            """
        let view = """
            {"resource":"QuestionnaireResponse","select":[{"repeat":["item","answer.item"],"column":[{"name":"l","path":\
            "linkId"},{"name":"i","path":"%rowIndex","type":"integer"}],"select":[{"forEachOrNull":"answer","column":\
            [{"name":"v","path":"value.ofType(string)"}]}],"unionAll":[{"column":[{"name":"u","path":"'p'"}]},\
            {"forEach":"answer","column":[{"name":"u","path":"'q'"}]}]}]}
            """
        let runner = try ViewRunner(view: ViewSource.decode(Data(view.utf8)))
        let rows = runner.run(LineBlock(ndjson: form.utf8)).rows
        #expect(
            rows.table.rows.map { $0.map(\.text).joined(separator: "|") } == [
                "1|0|x|p", "1|0|x|q", "1.1|1||p", "1.a|2||p", "2|3||p",
            ])
    }

    @Test func valuesKeepWhatWasWritten() throws {
        let select = """
            [{"column":[{"name":"d","path":"birthDate","type":"date"},{"name":"low","path":"birthDate.lowBoundary()","type":\
            "date"},{"name":"n","path":"name","type":"HumanName","collection":true},{"name":"f","path":"name.first()",\
            "type":"http://hl7.org/fhir/StructureDefinition/HumanName"},{"name":"c","path":"name.given","collection":true},\
            {"name":"m","path":"multipleBirth","type":"integer"}]}]
            """
        #expect(
            try rows(select) == [
                #"1970-06|1970-06-01|[{"family":"F","given":["G","H"]},{"family":"E"}]|"#
                    + #"{"family":"F","given":["G","H"]}|["G","H"]|-"#, "-|-|-|-|-|3",
            ])
    }

    struct Constant: Sendable, CustomTestStringConvertible {
        let json: String
        let path: String
        var testDescription: String { json }
    }

    @Test(arguments: [
        Constant(json: #""valueBase64Binary":"aGk=""#, path: "%c = 'aGk='"),
        Constant(json: #""valueBoolean":true"#, path: "%c"),
        Constant(json: #""valueCanonical":"http://a|1""#, path: "%c = 'http://a|1'"),
        Constant(json: #""valueCode":"x""#, path: "%c = 'x'"),
        Constant(json: #""valueDate":"1970-06""#, path: "birthDate = %c"),
        Constant(json: #""valueDateTime":"2020-01-01T00:00:00Z""#, path: "%c = @2020-01-01T01:00:00+01:00"),
        Constant(json: #""valueDecimal":1.20"#, path: "%c = 1.2"),
        Constant(json: #""valueId":"a""#, path: "id = %c"),
        Constant(json: #""valueInstant":"2020-01-01T00:00:00.1Z""#, path: "%c = @2020-01-01T00:00:00.100Z"),
        Constant(json: #""valueInteger":-3"#, path: "%c = -3"),
        Constant(json: #""valueInteger64":"9007199254740993""#, path: "%c = 9007199254740993"),
        Constant(json: #""valueInteger64":12"#, path: "%c = 12"),
        Constant(json: #""valueOid":"urn:oid:1.2""#, path: "%c = 'urn:oid:1.2'"),
        Constant(json: #""valuePositiveInt":2"#, path: "name.given[%c - 2] = 'G'"),
        Constant(json: #""valueString":"G""#, path: "%c in name.given"),
        Constant(json: #""valueTime":"12:30""#, path: "%c = @T12:30"),
        Constant(json: #""valueUnsignedInt":0"#, path: "%c = 0"),
        Constant(json: #""valueUri":"urn:x""#, path: "%c = 'urn:x'"),
        Constant(json: #""valueUrl":"http://x""#, path: "%c = 'http://x'"),
        Constant(json: #""valueUuid":"urn:uuid:1""#, path: "%c = 'urn:uuid:1'"),
    ])
    func constantsOfEveryType(_ constant: Constant) throws {
        let found = try rows(
            #"[{"column":[{"name":"id","path":"id"}]}]"#, constant: #"[{"name":"c",\#(constant.json)}]"#,
            filter: #"[{"path":"id = 'a'"},{"path":"\#(constant.path)"}]"#)
        #expect(found == ["a"])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let view: String
        let fault: String
        init(_ view: String, _ fault: String) { (self.view, self.fault) = (view, fault) }
        var testDescription: String { fault }
    }

    private static let column = #"{"column":[{"name":"a","path":"id"}]}"#

    @Test(arguments: [
        Refusal("[]", "is not a ViewDefinition: an object is needed"), Refusal("{", "is not JSON"),
        Refusal(#"{"select":[\#(column)]}"#, "resource: is missing"),
        Refusal(#"{"resource":"Patient"}"#, "select: is missing"),
        Refusal(
            #"{"resourceType":"Patient","resource":"Patient","select":[]}"#,
            "resourceType: is not ViewDefinition"),
        Refusal(#"{"resource":"P","select":[]}"#, "select: is empty"),
        Refusal(#"{"resource":"P","select":{}}"#, "select: is of the wrong type"),
        Refusal(#"{"resource":"P","select":[{}]}"#, "select: has no column"),
        Refusal(
            #"{"resource":"P","select":[{"column":[{"name":"a"}]}]}"#, "select[0].column[0].path: is missing"),
        Refusal(
            #"{"resource":"P","select":[{"column":[{"path":"a"}]}]}"#, "select[0].column[0].name: is missing"),
        Refusal(
            #"{"resource":"P","select":[\#(column),{"select":[\#(column)]}]}"#,
            "select[1].select[0].column[0].name: is there twice"),
        Refusal(
            #"{"resource":"P","select":[{"unionAll":[\#(column),{"column":[{"name":"b","path":"id"}]}]}]}"#,
            "select[0].unionAll[1]: has other columns than the first branch"),
        Refusal(
            #"{"resource":"P","select":[\#(column),{"unionAll":[\#(column)]}]}"#,
            "select[1].unionAll[0].column[0].name: is there twice"),
        Refusal(#"{"resource":"P","select":[{"unionAll":[]}]}"#, "select[0].unionAll: is empty"),
        Refusal(
            #"{"resource":"P","select":[{"forEach":"a","repeat":["b"],"column":[{"name":"a","path":"id"}]}]}"#,
            "select[0]: only one of forEach, forEachOrNull and repeat may be there"),
        Refusal(
            #"{"resource":"P","select":[{"repeat":["a","@@"],"column":[{"name":"a","path":"id"}]}]}"#,
            "select[0].repeat[1]: FHIRPath: syntax at character 1: a date or time must follow @"),
        Refusal(
            #"{"resource":"P","select":[{"forEachOrNull":"x(","select":[\#(column)]}]}"#,
            "select[0].forEachOrNull: FHIRPath: syntax at character 3: an expression expected"),
        Refusal(
            #"{"resource":"P","select":[{"unionAll":[{"column":[{"name":"a","path":"now()"}]}]}]}"#,
            "select[0].unionAll[0].column[0].path: FHIRPath: unsupported: the function now with 0 arguments"),
        Refusal(
            #"{"resource":"P","select":[\#(column)],"where":[{"path":"%no"}]}"#,
            "where[0].path: FHIRPath: undefined constant: %no"),
        Refusal(
            #"{"resource":"P","select":[\#(column)],"where":[{"path":"true"},{"path":"name.family & 'x'"}]}"#,
            "where[1].path: FHIRPath: not a condition: a condition must give true or false"),
        Refusal(
            #"{"resource":"P","select":[{"column":[{"name":"a","path":"id","type":"strange"}]}]}"#,
            "select[0].column[0].type: is not a FHIR data type"),
        Refusal(
            #"{"resource":"P","constant":[{"name":"c","valueDate":"2020-13"}],"select":[\#(column)]}"#,
            "constant[0].valueDate: is not of a primitive FHIR type, or not written as one"),
        Refusal(
            #"{"resource":"P","constant":[{"name":"c","valueCode":"1"},{"name":"c","valueCode":"2"}],"select":[\#(column)]}"#,
            "constant[1].name: is there twice"),
    ])
    func refusesWithThePathOfTheFault(_ refusal: Refusal) {
        let fault = #expect(throws: CatalogFault.self) {
            try ViewRunner(view: ViewSource.decode(Data(refusal.view.utf8)))
        }
        #expect(fault?.description == refusal.fault)
    }

    @Test func severalValuesInOneColumnAreAFault() throws {
        let view = #"{"resource":"Patient","select":[{"column":[{"name":"g","path":"name.family"}]}]}"#
        let runner = try ViewRunner(view: ViewSource.decode(Data(view.utf8)))
        let rows = runner.run(LineBlock(ndjson: Self.resources.utf8)).rows
        #expect(rows.faults.map(\.reason) == [.notSingleton])
        #expect(rows.faults.map(\.column) == ["g"])
    }

    @Test func rowsArePrinted() throws {
        let view = """
            {"resource":"Patient","select":[{"column":[{"name":"id","path":"id"},{"name":"n","path":"multipleBirth / 2","type":\
            "decimal"},{"name":"g","path":"name.given","collection":true}]}]}
            """
        try TemporaryFolder.with(["p.ndjson": Array(Self.resources.utf8)]) { folder in
            func text(_ format: ViewRows.Format) throws -> String {
                let rows = try ViewRows(view: view.utf8, format: format)
                var bytes = rows.header
                let summary = try rows.run(folder + "/p.ndjson") { bytes += $0 }
                #expect(summary.resources == 2 && summary.rows == 2 && summary.faults.isEmpty)
                return String(decoding: bytes, as: UTF8.self)
            }
            let (csv, ndjson, table) = (try text(.csv), try text(.ndjson), try text(.table))
            #expect(csv == "id,n,g\na,,\"[\"\"G\"\",\"\"H\"\"]\"\nb,1.5,\n")
            #expect(
                ndjson
                    == "{\"id\":\"a\",\"n\":null,\"g\":[\"G\",\"H\"]}\n{\"id\":\"b\",\"n\":1.5,\"g\":null}\n")
            #expect(
                table
                    == "id | n   | g        \n---+-----+----------\na  |     | [\"G\",\"H\"]\nb  | 1.5 |          \n"
            )
        }
    }
}
