import FHIR
import Foundation
import Testing

/// Files of every kind that holds resources, and of kinds that do not.
@Suite struct ResourceReaderTests {
    /// What was read: each resource as its position and text, each fault as its position and reason.
    private func read(_ text: String, blockSize: Int = 4 << 20, gzip: Bool = false) throws -> [String] {
        try read(Array(text.utf8), blockSize: blockSize, gzip: gzip)
    }

    private func read(_ bytes: [UInt8], blockSize: Int = 4 << 20, gzip: Bool = false) throws -> [String] {
        try TemporaryFolder.with(["data": bytes], gzip: gzip) { folder in
            var reader = try ResourceReader(
                path: folder + (gzip ? "/data.gz" : "/data"), blockSize: blockSize)
            var found: [String] = []
            while let block = try reader.next() {
                found += block.lines.map { line in
                    "\(line.position): "
                        + String(decoding: block.copy(line), as: UTF8.self).filter { !$0.isWhitespace }
                }
                found += block.faults.map { "\($0.position): \($0.reason.rawValue)" }
                found += block.deletions.map { "entry[\($0.entry)]: deletes \($0.reference)" }
            }
            return found
        }
    }

    private static let bundle = """
        {
          "resourceType": "Bundle",
          "type": "transaction",
          "link": [{"url": "entry", "entry": [1, {"resource": {}}]}],
          "entry": [
            { "fullUrl": "urn:uuid:1", "resource": { "resourceType": "Patient",
                "id": "a", "name": [{"family": "}]\\"{"}] }, "request": {"method": "PUT", "url": "Patient/a"} },
            { "request": { "method": "DELETE", "url": "Patient/b" } },
            { "response": { "status": "200" }, "resource": null },
            { "resource": { "resourceType": "Condition", "entry": [{"resource": {"id": "no"}}] } }
          ],
          "signature": { "resource": { "id": "no" } }
        }
        """

    private static let ofBundle = [
        #"entry[0]: {"resourceType":"Patient","id":"a","name":[{"family":"}]\"{"}]}"#,
        #"entry[3]: {"resourceType":"Condition","entry":[{"resource":{"id":"no"}}]}"#,
    ]

    @Test(arguments: [1, 3, 16, 4096, 1 << 20], [false, true])
    func entriesOfABundleBecomeResources(_ blockSize: Int, _ gzip: Bool) throws {
        let found = try read(Self.bundle, blockSize: blockSize, gzip: gzip)
        #expect(found.filter { !$0.contains("deletes") } == Self.ofBundle)
        #expect(found.filter { $0.contains("deletes") } == ["entry[1]: deletes Patient/b"])
    }

    @Test func aBundleOnOneLineAndNDJSONOfBundlesAreTakenApartToo() throws {
        let line = Self.bundle.split(separator: "\n").joined(separator: " ")
        #expect(try read(line).filter { !$0.contains("deletes") } == Self.ofBundle)
        let found = try read(line + "\n" + line + "\n" + #"{"resourceType":"Device"}"#)
        #expect(
            found.filter { !$0.contains("deletes") }
                == Self.ofBundle + Self.ofBundle + [#"line 3: {"resourceType":"Device"}"#])
    }

    @Test(arguments: [7, 1 << 20]) func theTypeOfABundleMayComeLast(_ blockSize: Int) throws {
        let text = """
            {"entry": [{"resource": {"resourceType": "Patient"}},
             {"resource": {"resourceType": "List", "entry": [{}]}}],
             "resourceType": "Bundle"}
            """
        #expect(
            try read(text, blockSize: blockSize) == [
                #"entry[0]: {"resourceType":"Patient"}"#,
                #"entry[1]: {"resourceType":"List","entry":[{}]}"#,
            ])
    }

    struct Sample: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let found: [String]
        var testDescription: String { name }
    }

    @Test(arguments: [
        Sample(name: "nothing", text: "", found: []), Sample(name: "blanks", text: " \n\n", found: []),
        Sample(
            name: "a resource over lines",
            text: "\u{FEFF}{\n \"resourceType\" : \"Patient\",\n \"x\": [\n{}]\n}\n",
            found: [#"line 1: {"resourceType":"Patient","x":[{}]}"#]),
        Sample(
            name: "two resources over lines",
            text: "{\n\"resourceType\":\"A\"\n}\n\n{\n\"resourceType\":\"B\"}",
            found: [#"line 1: {"resourceType":"A"}"#, #"line 5: {"resourceType":"B"}"#]),
        Sample(
            name: "a list is no bundle",
            text: "{\n\"resourceType\":\"List\",\"entry\":[{\"resource\":{\"a\":1}}]}",
            found: [#"line 1: {"resourceType":"List","entry":[{"resource":{"a":1}}]}"#]),
        Sample(
            name: "lines", text: "{\"resourceType\":\"A\"}\n{\"resourceType\":\"B\"}",
            found: [#"line 1: {"resourceType":"A"}"#, #"line 2: {"resourceType":"B"}"#]),
        Sample(
            name: "lines of which the first is cut off",
            text: "{\"resourceType\":\"A\",\n{\"resourceType\":\"B\"}\n",
            found: [#"line 1: {"resourceType":"A","#, #"line 2: {"resourceType":"B"}"#]),
        Sample(
            name: "lines of which the first is no JSON", text: "what?\n{\"resourceType\":\"B\"}\n",
            found: ["line 1: what?", #"line 2: {"resourceType":"B"}"#]),
        Sample(
            name: "a resource cut off", text: "{\n\"resourceType\":\"A\",\n\"x\": \"",
            found: [#"line 1: {"resourceType":"A","x":""#]),
        Sample(
            name: "a bundle cut off",
            text:
                "{\n\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"a\":1}},\n{\"resource\":{\"b\":",
            found: [#"entry[0]: {"a":1}"#, #"entry[1]: {"b":"#]),
        Sample(
            name: "words between documents", text: "{\n\"resourceType\":\"A\"\n}\nwhat? { \"no\"\n{\"b\":1}",
            found: [#"line 1: {"resourceType":"A"}"#, #"line 5: {"b":1}"#, "line 4: bad-json"]),
    ])
    func readsWhatAFileHolds(_ sample: Sample) throws { #expect(try read(sample.text) == sample.found) }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let bytes: [UInt8]
        let code: ReadFault.Code
        var testDescription: String { code.rawValue }
    }

    @Test(arguments: [
        Refusal(
            bytes: Array("<?xml version=\"1.0\"?><Patient xmlns=\"http://hl7.org/fhir\"/>".utf8), code: .isXML
        ),
        Refusal(bytes: Array("\u{FEFF}\n <Bundle/>".utf8), code: .isXML),
        Refusal(bytes: [0xFF, 0xFE, 0x7B, 0x00], code: .notText),
        Refusal(bytes: Array("PAR1".utf8) + [0, 1, 2], code: .notText),
        Refusal(bytes: Array("id,name\n1,x\n".utf8), code: .notResources),
        Refusal(bytes: Array("[{\"resourceType\":\"Patient\"}]".utf8), code: .notResources),
    ])
    func refusesWhatIsNotFHIRInJSON(_ refusal: Refusal) throws {
        let fault = #expect(throws: ReadFault.self) { try read(refusal.bytes) }
        #expect(fault?.code == refusal.code)
    }

    @Test func aResourceThatIsTooLongIsPassedOver() throws {
        let long = String(repeating: "x", count: NDJSONReader.lineLimit)
        let text =
            "{\n\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"a\":\"\(long)\"}},{\"resource\":{\"b\":1}}]}"
        #expect(try read(text) == [#"entry[1]: {"b":1}"#, "entry[0]: line-too-long"])
    }

    @Test func aLargeBundleComesInBlocks() throws {
        let padding = String(repeating: "y", count: 1000)
        let entries = (0..<20_000).map { "{\"resource\":{\"id\":\"\($0)\",\"p\":\"\(padding)\"}}" }
        let text = "{\n\"resourceType\":\"Bundle\",\"entry\":[\n" + entries.joined(separator: ",\n") + "]}"
        let (count, largest) = try TemporaryFolder.with(["data": Array(text.utf8)]) { folder in
            var reader = try ResourceReader(path: folder + "/data", blockSize: 1 << 18)
            var (count, largest) = (0, 0)
            while let block = try reader.next() {
                for line in block.lines {
                    #expect(line.entry == count)
                    count += 1
                }
                largest = max(largest, block.byteCount)
            }
            return (count, largest)
        }
        #expect(count == 20_000)
        #expect(largest < 1 << 20)
    }

    @Test func faultsOfViewsTellTheEntry() throws {
        let text = """
            {"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"a"}},
            {"resource":{"resourceType":"Patient","id":}}]}
            """
        let view =
            #"{"resource":"Patient","select":[{"column":[{"name":"id","path":"id"}]}]}"#
        let runner = try ViewRunner(view: ViewSource.decode(Data(view.utf8)))
        let faults = try TemporaryFolder.with(["data": Array(text.utf8)]) { folder in
            var reader = try ResourceReader(path: folder + "/data")
            let block = try #require(try reader.next())
            return runner.run(block).rows.faults
        }
        #expect(faults.map(\.position) == ["entry[1]"])
        #expect(faults.map(\.reason) == [.badJSON])
    }

    @Test func aFolderTellsWhatItsFilesAre() throws {
        let patient = Array("{\"resourceType\":\"Patient\"}\n".utf8)
        let event =
            #"{"exportId":"e","eventId":"kickoff","eventDetail":{"exportUrl":"https://a.example/$export"}}"#
        let end = #"{"exportId":"e","eventId":"export_complete","eventDetail":{"files":2,"resources":5}}"#
        let failed =
            #"{"exportId":"e","eventId":"download_error","eventDetail":{"transactionTime":"2024-01-01T00:00:00Z"}}"#
        let files: [String: [UInt8]] = [
            "a.ndjson": Array("{\"resourceType\":\"Condition\"}\n".utf8), "b.ndjson": patient,
            "log.ndjson": Array([event, failed, end].joined(separator: "\n").utf8),
            "manifest.json": Array("{\"output\":[]}".utf8), "README.md": Array("Hello".utf8),
            ".hidden": patient,
            "x.xml": Array("<Patient/>".utf8),
        ]
        try TemporaryFolder.with(files) { path in
            let folder = try ExportFolder(path: path)
            #expect(folder.files.map(\.name) == ["b.ndjson", "a.ndjson"])
            #expect(folder.passedOver.map(\.name) == ["README.md", "manifest.json", "x.xml"])
            let log = try #require(folder.log)
            #expect(log.exportId == "e" && log.url == "https://a.example/$export" && log.isComplete)
            #expect(log.files == 2 && log.resources == 5 && log.errors == 1)
            #expect(log.transactionTime == "2024-01-01T00:00:00Z")
        }
        #expect(throws: ReadFault.self) {
            try TemporaryFolder.with(["x.xml": Array("<Patient/>".utf8)]) { _ = try ExportFolder(path: $0) }
        }
    }

    @Test(.enabled(if: OutsideData.isHere, "CONCORDAT_OUTSIDE_DATA names no data"))
    func aGenuineExportIsRead() throws {
        let folder = try ExportFolder(path: OutsideData.path("fhir/bulk-export-layout"))
        #expect(folder.files.count == 12)
        #expect(folder.files.first?.name == "Patient.000.ndjson.gz")
        #expect(folder.passedOver.isEmpty)
        #expect(folder.log?.exportId == "export-10")
        #expect(folder.log?.transactionTime == "2024-08-06T18:12:57Z")
        var count = 0
        for file in folder.files {
            var reader = try ResourceReader(path: file.path)
            while let block = try reader.next() { count += block.lines.count }
        }
        #expect(count > 13)
    }
}

/// Files in a folder of their own that goes away with the test.
enum TemporaryFolder {
    static func with<Result>(
        _ files: [String: [UInt8]], gzip: Bool = false, _ body: (String) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, bytes) in files {
            let file = folder.appending(path: name)
            try Data(bytes).write(to: file)
            guard gzip else { continue }
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["gzip", file.path]
            try process.run()
            process.waitUntilExit()
        }
        return try body(folder.path)
    }
}
