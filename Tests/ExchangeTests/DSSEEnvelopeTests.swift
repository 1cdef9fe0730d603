import Exchange
import Foundation
import Testing

@Suite("DSSE envelope")
struct DSSEEnvelopeTests {
    /// The protocol's own example (DSSE 1.0.2, protocol.md, "Test Vectors").
    @Test func encodesBeforeAuthentication() {
        let encoded = DSSEEnvelope.preAuthenticationEncoding(
            type: "http://example.com/HelloWorld", payload: Array("hello world".utf8))
        #expect(
            String(decoding: encoded, as: UTF8.self)
                == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    }

    @Test func acceptsBothAlphabets() throws {
        let key = try SigningKey()
        let payload: [UInt8] = [0xFB, 0xFF, 0xFE, 0x3E, 0x3F]
        let envelope = try DSSEEnvelope(signing: payload, type: "t", by: key)
        let standard = String(decoding: try envelope.serialised(), as: UTF8.self)
        let urlSafe = standard.replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        #expect(standard.contains("+//+"))
        for text in [standard, urlSafe] {
            let parsed = try DSSEEnvelope(parsing: Array(text.utf8))
            #expect(parsed == envelope)
            try parsed.verify(by: [key.verifying])
        }
    }

    @Test func bindsThePayloadType() throws {
        let key = try SigningKey()
        let envelope = try DSSEEnvelope(signing: [1], type: "a", by: key)
        let renamed = DSSEEnvelope(payloadType: "b", payload: [1], signatures: envelope.signatures)
        #expect(throws: ExchangeError.self) { try renamed.verify(by: [key.verifying]) }
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"payload":"!","payloadType":"t","signatures":[]}"#, #"{"payload":"""#,
    ])
    func refusesWhatIsNoEnvelope(text: String) {
        #expect(throws: ExchangeError(.malformed, "the JSON is not the document it should be")) {
            try DSSEEnvelope(parsing: Array(text.utf8))
        }
    }
}

@Suite("Base64")
struct Base64BytesTests {
    /// RFC 4648, section 10.
    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"]) func writesAsTheStandardSays(
        text: String
    ) {
        let bytes = Base64Bytes(text.utf8)
        #expect(bytes.text == Data(text.utf8).base64EncodedString())
        #expect(Base64Bytes(text: bytes.text) == bytes)
    }

    @Test func readsBackWhatItWrites() {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        for count in 0..<300 {
            let bytes = Base64Bytes((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
            #expect(bytes.text == Data(bytes.bytes).base64EncodedString(), "seed \(seed)")
            #expect(Base64Bytes(text: bytes.text) == bytes, "seed \(seed)")
        }
    }

    @Test(arguments: ["A", "AB=", "AB==C", "A===", "AB!=", "AB\n=", "Zh==", "Zm9="]) func refuses(
        text: String
    ) {
        #expect(Base64Bytes(text: text) == nil)
    }
}
