import Core
import PostgresWire
import Testing

@Suite struct SessionStateMachineTests {
    private func started() -> SessionStateMachine {
        var session = SessionStateMachine(process: 7, secret: 9)
        _ = session.receive(.startup(parameters: ["user": "analyst"]))
        return session
    }

    @Test func aSimpleQueryReadsAsATranscript() {
        var session = started()
        #expect(session.receive(.query("SELECT 1")) == [.run("SELECT 1")])
        let table = Table(
            [("sex", .text), ("people", .bigint)], rows: [[.text("female"), .integer(120)], [.null, .null]])
        #expect(
            session.finish(table) == [
                .send(
                    .rowDescription([.init(name: "sex", type: .text), .init(name: "people", type: .bigint)])),
                .send(.dataRow(["female", "120"])), .send(.dataRow([nil, nil])),
                .send(.commandComplete(tag: "SELECT 2")), .send(.readyForQuery),
            ])
    }

    @Test func aFaultLeavesTheSessionReady() {
        var session = started()
        _ = session.receive(.query("SELECT x"))
        let fault = SQLFault(.undefinedColumn, "column \"x\" does not exist", position: 8)
        #expect(session.fail(fault) == [.send(.errorResponse(fault)), .send(.readyForQuery)])
        #expect(session.receive(.query(" ; ")) == [.send(.emptyQueryResponse), .send(.readyForQuery)])
    }

    @Test func messagesOutOfPlaceEndTheSession() {
        var session = SessionStateMachine(process: 1, secret: 1)
        let actions = session.receive(.query("SELECT 1"))
        #expect(actions.last == .close)
        #expect(session.receive(.sync) == [])
    }

    @Test func encryptionIsDeclinedAndCancelIsPassedOn() {
        var session = SessionStateMachine(process: 1, secret: 1)
        #expect(session.receive(.sslRequest) == [.send(.encryptionDeclined)])
        #expect(
            session.receive(.cancelRequest(process: 4, secret: 5)) == [
                .cancel(process: 4, secret: 5), .close,
            ])
    }
}

@Suite struct FrontendDecoderTests {
    private func frame(_ type: Character?, _ body: [UInt8]) -> [UInt8] {
        let length = UInt32(body.count + 4)
        let head = type.map { [$0.asciiValue ?? 0] } ?? []
        return head + withUnsafeBytes(of: length.bigEndian) { Array($0) } + body
    }

    private var startup: [UInt8] { frame(nil, [0, 3, 0, 0] + Array("user\0ann\0database\0demo\0\0".utf8)) }

    @Test func messagesArriveByteByByte() throws {
        var decoder = FrontendDecoder()
        var seen: [FrontendMessage] = []
        for byte in startup + frame("Q", Array("SELECT 'é'\0".utf8)) + frame("X", []) {
            decoder.feed([byte])
            while let message = try decoder.next() { seen.append(message) }
        }
        #expect(
            seen == [
                .startup(parameters: ["user": "ann", "database": "demo"]), .query("SELECT 'é'"), .terminate,
            ])
    }

    @Test(
        arguments: [
            ([0, 0, 0, 3], FrameError.badLength), ([0x7F, 0, 0, 0], .badLength),
            ([0, 0, 0, 8, 0, 2, 0, 0], .badVersion),
            ([0, 0, 0, 9, 0, 3, 0, 0, 0x41], .unterminated),
        ] as [([UInt8], FrameError)])
    func badFramesAreRefused(_ bytes: [UInt8], _ error: FrameError) {
        var decoder = FrontendDecoder()
        decoder.feed(bytes)
        #expect(throws: error) { try decoder.next() }
    }

    /// Whatever the bytes, the decoder answers, asks for more or refuses: seeds are printed on failure.
    @Test(arguments: 0..<200) func randomBytesNeverTrap(_ seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        var decoder = FrontendDecoder()
        decoder.feed(seed % 2 == 0 ? [] : startup)
        for _ in 0..<400 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            decoder.feed([UInt8(truncatingIfNeeded: state >> 40) & (seed % 3 == 0 ? 0x0F : 0xFF)])
        }
        var messages = 0
        while messages < 1_000, (try? decoder.next()) != nil { messages += 1 }
        #expect(messages < 1_000, "seed \(seed)")
    }
}
