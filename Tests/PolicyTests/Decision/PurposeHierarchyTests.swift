import Core
import Foundation
import FoundationXML
import Testing

@testable import Policy

/// The shipped purposes and their mappings, against the vocabularies themselves where they are at hand.
@Suite struct PurposeHierarchyTests {
    private let purposes: PurposeHierarchy

    init() throws { purposes = try PolicyEngine(directory: PolicyCasesTests.directory).purposes }

    @Test func mappingsInheritNothing() throws {
        let care = try #require(Purpose("direct-care"))
        for code in ["POPHLTH", "CLINTRL"] {
            let purpose = try #require(purposes.purpose(vocabulary: "v3-ActReason", code: code))
            #expect(!purposes.isWithin(purpose, care))
        }
        #expect(purposes.purpose(vocabulary: "v3-ActReason", code: "PATRQT") == nil)
        #expect(purposes.purpose(vocabulary: "v3-ActReason", code: "NOTACODE") == nil)
        #expect(purposes.purpose(vocabulary: "dpv", code: "CommercialResearch") == nil)
    }

    @Test func whatRestrictsIsNoPurpose() {
        let names = Dictionary(
            uniqueKeysWithValues: purposes.modifiers.filter { $0.key.vocabulary == "duo" }.map {
                ($0.value.name, $0.key.code)
            })
        let expected = [
            "NPUNCU": "DUO:0000018", "NPU": "DUO:0000045", "NCU": "DUO:0000046", "NMDS": "DUO:0000015",
            "PS": "DUO:0000027", "US": "DUO:0000026", "TS": "DUO:0000025", "MOR": "DUO:0000024",
            "IS": "DUO:0000028",
        ]
        for (name, code) in expected {
            #expect(names[name] == code)
            #expect(purposes.purpose(vocabulary: "duo", code: code) == nil)
        }
    }

    @Test(arguments: [
        (
            "mappings: [{vocabulary: duo, code: A, purpose: nowhere}]",
            "A maps to a purpose that is not there"
        ),
        (
            "mappings: [{vocabulary: duo, code: A, purpose: a}, {vocabulary: duo, code: A, purpose: a}]",
            "duo A stands twice"
        ),
        (
            "mappings: [{vocabulary: duo, code: A, purpose: a}]\nunmapped: [{vocabulary: duo, code: A, because: b}]",
            "duo A stands twice"
        ),
    ])
    func aCodeStandsOnceAndForAPurposeThatIsThere(text: String, expected: String) {
        let fault = #expect(throws: PolicyFault.self) {
            try PurposeHierarchy(yaml: "version: 1\npurposes: [{name: a, title: A}]\n\(text)\n")
        }
        #expect(fault?.message == expected)
    }

    /// Every code of DUO and of HL7 v3 PurposeOfUse stands in our table, and none that those do not have.
    @Test(.enabled(if: OutsideData.isHere, "CONCORDAT_OUTSIDE_DATA names no data"))
    func everyCodeOfTheVocabulariesStandsInTheTable() throws {
        let folder = try #require(OutsideData.folder)
        let duo = try String(contentsOf: folder.appending(path: "reference/duo.csv"), encoding: .utf8)
        let codes = duo.matches(of: /(?m)^(DUO:\d{7}),([A-Z]*),/)
        #expect(codes.count > 20)
        #expect(Set(codes.map { String($0.output.1) }) == purposes.codes(of: "duo"))
        for code in codes
        where purposes.modifiers[.init(vocabulary: "duo", code: String(code.output.1))] != nil {
            let modifier = purposes.modifiers[.init(vocabulary: "duo", code: String(code.output.1))]
            #expect(modifier?.name == String(code.output.2))
        }
        #expect(try ActReason(folder).purposesOfUse == purposes.codes(of: "v3-ActReason"))
    }
}

/// The code system v3-ActReason: which codes stand below PurposeOfUse.
private final class ActReason: NSObject, XMLParserDelegate {
    private var parents: [String: Set<String>] = [:]
    private var (code, property): (String?, String?) = (nil, nil)
    private var path: [String] = []

    init(_ folder: URL) throws {
        super.init()
        let parser = XMLParser(
            data: try Data(contentsOf: folder.appending(path: "reference/v3-ActReason.xml")))
        parser.delegate = self
        #expect(parser.parse())
    }

    var purposesOfUse: Set<String> {
        var found: Set<String> = ["PurposeOfUse"]
        var open = ["PurposeOfUse"]
        while let next = open.popLast() {
            for (code, above) in parents where above.contains(next) && found.insert(code).inserted {
                open.append(code)
            }
        }
        return found
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        switch (path.last, name) {
        case ("concept", "code"): code = attributes["value"]
        case ("property", "code"): property = attributes["value"]
        case ("property", "valueCode") where property == "subsumedBy":
            if let code, let parent = attributes["value"] { parents[code, default: []].insert(parent) }
        default: break
        }
        path.append(name)
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) { path.removeLast() }
}
