import Testing

@testable import Node

@Suite struct GateTests {
    /// Holds whoever enters until it is opened.
    private actor Latch {
        private var isOpen = false
        private var waiting: [CheckedContinuation<Void, Never>] = []
        private(set) var entered = 0

        func enter() async {
            entered += 1
            if !isOpen { await withCheckedContinuation { waiting.append($0) } }
        }

        func open() {
            isOpen = true
            for one in waiting { one.resume() }
            waiting = []
        }
    }

    private func until(_ isTrue: () async -> Bool) async throws {
        while !(await isTrue()) { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func whoeverIsCancelledNoLongerWaits() async throws {
        let (gate, latch) = (Gate(width: 1), Latch())
        let first = Task { try await gate.pass { await latch.enter() } }
        try await until { await latch.entered == 1 }
        let second = Task { try await gate.pass { await latch.enter() } }
        let third = Task { try await gate.pass { await latch.enter() } }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        await latch.open()
        try await first.value
        try await third.value
        #expect(await latch.entered == 2)
    }

    @Test func aFullQueueIsBusy() async throws {
        let (gate, latch) = (Gate(width: 1, longestQueue: 0), Latch())
        let first = Task { try await gate.pass { await latch.enter() } }
        try await until { await latch.entered == 1 }
        await #expect(throws: NodeError.self) { try await gate.pass {} }
        await latch.open()
        try await first.value
        try await gate.pass {}
    }
}
