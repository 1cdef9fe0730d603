import Core
import Foundation
import Testing

@testable import PostgresWire

@Suite struct FrontendDecoderTests {
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let bindBody =
        bytes("p\0s\0") + [0, 1, 0, 1, 0, 2, 0, 0, 0, 2, 7, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0, 2, 0, 0, 0, 1]

    private static let messages: [(frame: [UInt8], message: FrontendMessage)] = [
        (frame("Q", bytes("SELECT 'é'\0")), .query("SELECT 'é'")),
        (
            frame("P", bytes("s\0SELECT $1\0") + [0, 1, 0, 0, 0, 23]),
            .parse(name: "s", sql: "SELECT $1", types: [23])
        ),
        (
            frame("B", bindBody),
            .bind(
                .init(
                    portal: "p", statement: "s", formats: [1], values: [[7, 8], nil], resultFormats: [0, 1]))
        ),
        (frame("D", bytes("Ss\0")), .describeStatement("s")), (frame("D", bytes("P\0")), .describePortal("")),
        (frame("C", bytes("Ss\0")), .closeStatement("s")), (frame("C", bytes("Pp\0")), .closePortal("p")),
        (frame("E", bytes("p\0") + [0, 0, 0, 5]), .execute(portal: "p", limit: 5)), (frame("S", []), .sync),
        (frame("H", []), .flush), (frame("p", [1, 2]), .authentication([1, 2])),
        (frame("d", [1]), .copyInput),
        (frame("F", []), .unsupported(UInt8(ascii: "F"))), (frame("X", []), .terminate),
    ]

    @Test func messagesArriveByteByByte() throws {
        var decoder = FrontendDecoder()
        var seen: [FrontendMessage] = []
        for byte in startupFrame + Self.messages.flatMap(\.frame) {
            decoder.feed([byte])
            while let message = try decoder.next() { seen.append(message) }
        }
        #expect(
            seen == [.startup(minor: 0, parameters: ["user": "ann", "database": "demo"])]
                + Self.messages.map(\.message))
    }

    @Test(
        arguments: [
            ([0, 0, 0, 3], FrameError.badLength), ([0x7F, 0, 0, 0], .badLength),
            ([0, 0, 0, 8, 0, 2, 0, 0], .badVersion), ([0, 0, 0, 9, 0, 3, 0, 0, 0x41], .unterminated),
            (frame(nil, [0x04, 0xD2, 0x16, 0x2E, 0, 0, 0, 1]), .badLength),
        ] as [([UInt8], FrameError)])
    func badFirstFramesAreRefused(_ bytes: [UInt8], _ error: FrameError) {
        var decoder = FrontendDecoder()
        decoder.feed(bytes)
        #expect(throws: error) { try decoder.next() }
    }

    @Test(
        arguments: [
            (frame("Q", [0x41]), FrameError.unterminated), (frame("Q", [0xFF, 0]), .notUTF8),
            (frame("Q", [0x41, 0, 0x42]), .badLength), (frame("D", [0x58, 0]), .badLength),
            (frame("B", [0, 0, 0xFF, 0xFF]), .badLength), (frame("P", [0, 0, 0]), .badLength),
            (frame("E", [0]), .badLength), (frame("B", [0, 0, 0, 0, 0, 1, 0x7F, 0, 0, 0]), .badLength),
        ] as [([UInt8], FrameError)])
    func badFramesAreRefused(_ bytes: [UInt8], _ error: FrameError) throws {
        var decoder = FrontendDecoder()
        decoder.feed(startupFrame)
        _ = try decoder.next()
        decoder.feed(bytes)
        #expect(throws: error) { try decoder.next() }
    }

    @Test func longMessagesAreForThoseWhoSignedIn() throws {
        let long = frame("Q", Self.bytes(String(repeating: " ", count: 20_000)) + [0])
        var stranger = FrontendDecoder()
        stranger.feed(startupFrame + long)
        _ = try stranger.next()
        #expect(throws: FrameError.badLength) { try stranger.next() }
        var known = FrontendDecoder()
        known.feed(startupFrame + long)
        _ = try known.next()
        known.isTrusted = true
        #expect(try known.next() == .query(String(repeating: " ", count: 20_000)))
    }

    @Test func cancelKeysOfBothProtocolsAreRead() throws {
        for secret in [[1, 2, 3, 4], Array(0..<32)] as [[UInt8]] {
            var decoder = FrontendDecoder()
            decoder.feed(frame(nil, [0x04, 0xD2, 0x16, 0x2E, 0, 0, 0, 9] + secret))
            #expect(try decoder.next() == .cancelRequest(process: 9, secret: secret))
        }
    }
}

/// Bytes of whoever comes, and of clients that lie: the decoder answers, asks for more or refuses, and the session
/// keeps its order. A failing seed replays.
@Suite struct WireFuzzTests {
    private static let rounds = Int(ProcessInfo.processInfo.environment["FUZZ_ROUNDS"] ?? "") ?? 2_000

    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) ^ state
        }
    }

    private func randomBytes(_ count: Int, _ generator: inout Seeded) -> [UInt8] {
        (0..<count).map { _ in
            Bool.random(using: &generator)
                ? UInt8.random(in: 0...3, using: &generator) : .random(in: 0...255, using: &generator)
        }
    }

    /// A frame of a real type, with a body that is random, or cut from a right one.
    private func randomFrame(_ generator: inout Seeded) -> [UInt8] {
        let type = "QPBDECSHXpdcfFZ".randomElement(using: &generator) ?? "Q"
        var body = randomBytes(Int.random(in: 0...40, using: &generator), &generator)
        if Bool.random(using: &generator) {
            body = Array("s\0SELECT $1\0".utf8) + [0, 1, 0, 0, 0, 23]
            body = Array(body.prefix(Int.random(in: 0...body.count, using: &generator)))
        }
        return frame(type, body)
    }

    @Test func noBytesTrapDecoderOrSession() {
        for seed in 0..<UInt64(Self.rounds) {
            var generator = Seeded(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
            var decoder = FrontendDecoder()
            decoder.isTrusted = seed % 2 == 0
            decoder.feed(seed % 3 == 0 ? [] : startupFrame)
            var session = started()
            for _ in 0..<20 {
                decoder.feed(
                    seed % 5 == 0
                        ? randomBytes(Int.random(in: 0...64, using: &generator), &generator)
                        : randomFrame(&generator))
                var messages = 0
                while messages < 1_000, let message = try? decoder.next() {
                    messages += 1
                    step(&session, message, &generator)
                }
                #expect(messages < 1_000, "seed \(seed)")
            }
            // Whatever came, a Sync is answered once work is over, or the session has ended.
            settle(&session, &generator)
            let lines = words(session.receive(.sync))
            #expect(
                session.isClosed || lines.last?.hasPrefix("ReadyForQuery") == true, "seed \(seed): \(lines)")
        }
    }

    private func step(
        _ session: inout SessionStateMachine, _ message: FrontendMessage, _ generator: inout Seeded
    ) {
        for action in session.receive(message) {
            if case .send(let message) = action { #expect(message.encoded.count >= 5) }
        }
        if Bool.random(using: &generator) { settle(&session, &generator) }
    }

    /// Work ends in one way or another, until none is left.
    private func settle(_ session: inout SessionStateMachine, _ generator: inout Seeded) {
        for _ in 0..<200 {
            if session.isStreaming {
                _ = session.rows(most: Int.random(in: 1...3, using: &generator))
                continue
            }
            guard case .working(let task) = session.state else { return }
            switch (task, Bool.random(using: &generator)) {
            case (_, false):
                _ = session.fail(StatementFault(SQLFault(.internalError, "no")), .idle)
            case (.parse, _), (.describePortal, _), (.describeCursor, _):
                _ = session.prepared(StatementShape(parameters: [23], columns: people.columns), .idle)
            default: _ = session.finish(StatementOutcome(.rows(people, tag: "SELECT")), .idle)
            }
        }
    }

    @Test func noParameterTraps() {
        let types: [Int32] = [
            0, 16, 20, 21, 23, 25, 26, 700, 701, 1043, 1082, 1114, 1184, 1186, 1700, 2950, 17, 1007,
        ]
        for seed in 0..<UInt64(Self.rounds) {
            var generator = Seeded(state: seed &+ 77)
            let bytes = randomBytes(Int.random(in: 0...24, using: &generator), &generator)
            for oid in types {
                let text = try? ParameterDecoding.decode(bytes, oid: oid, .binary)
                // A number that is read is written the same again.
                if oid == 1700, let text, text.contains(where: \.isNumber) {
                    var reader = WireReader(Decimals.binary(text))
                    #expect((try? Decimals.text(&reader)) == text, "seed \(seed): \(text)")
                }
            }
        }
    }
}
