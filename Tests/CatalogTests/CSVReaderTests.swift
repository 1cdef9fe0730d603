import Catalog
import Testing

@Suite struct CSVReaderTests {
    struct Case: Sendable {
        let text: String
        let records: [[String]]
    }

    @Test(arguments: [
        Case(text: "a,b\r\nc,d", records: [["a", "b"], ["c", "d"]]),
        Case(text: "a,b\n\nc,\n", records: [["a", "b"], ["c", ""]]),
        Case(text: "\"a\"\"b\",\"c\nd\"\n", records: [["a\"b", "c\nd"]]),
        Case(text: "\"\"\n", records: [[""]]), Case(text: "", records: []),
        Case(text: ",\n", records: [["", ""]]),
    ])
    func reads(_ item: Case) throws {
        #expect(try CSVReader.records(item.text.utf8).map(\.fields) == item.records)
    }

    @Test(arguments: ["a\"b", "\"a\"b", "\"a"])
    func refuses(_ text: String) {
        #expect(throws: CatalogFault.self) { try CSVReader.records(text.utf8) }
    }

    /// The examples of FIPS 180-4, and one of two blocks.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func digests(_ item: (text: String, digest: String)) {
        #expect(SHA256.hex(item.text.utf8) == item.digest)
    }
}
