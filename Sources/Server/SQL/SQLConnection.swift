internal import Core
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Node
internal import PostgresWire
internal import Store
internal import Synchronization

/// One client's connection: what it sends goes through the session's state machine, and what that wants is done here.
final class SQLConnection: Sendable {
    let house: SQLHouse
    let encryption: EncryptionGate.Outcome
    let mailbox = SQLMailbox()
    let statement = RunningStatement()
    let waiting = WaitingBytes()
    let watch: SQLWatch
    let process = Int32.random(in: 1 ... .max)
    let secret = (0..<32).map { _ in UInt8.random(in: 0...255) }
    private let trusted = Mutex(false)

    init(house: SQLHouse, encryption: EncryptionGate.Outcome) {
        self.house = house
        self.encryption = encryption
        watch = SQLWatch(idle: .seconds(house.settings.idleTimeoutSeconds))
    }

    var isTrusted: Bool {
        get { trusted.withLock { $0 } }
        set { trusted.withLock { $0 = newValue } }
    }

    /// Returns when the connection has ended; never throws, for a client that goes is no failure.
    func serve(_ channel: SQLListener.Connection) async {
        let controls = SQLConnections.Controls(
            cancel: { [statement] in statement.cancel(.user) },
            end: { [statement, mailbox] in
                mailbox.put(.shutdown)
                statement.cancel(.shutdown)
            })
        guard let count = house.connections.add(process, secret: secret, controls) else {
            channel.channel.close(promise: nil)
            try? await channel.executeThenClose { _, _ in }
            return
        }
        defer { house.connections.remove(process) }
        let isCrowded = count > house.settings.maximumConnections
        let address = channel.channel.remoteAddress?.ipAddress ?? "unknown"
        let link = channel.channel
        try? await channel.executeThenClose { inbound, outbound in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in
                    await mailbox.read(inbound, waiting: waiting) { self.isTrusted }
                    statement.cancel(.gone)
                }
                group.addTask { [self] in await watch.run(mailbox: mailbox, channel: link) }
                var conversation = SQLConversation(
                    connection: self, outbound: outbound, channel: link, address: address,
                    isCrowded: isCrowded)
                await conversation.run()
                outbound.finish()
                group.cancelAll()
                link.close(promise: nil)
            }
        }
    }
}

/// Ends sessions that do nothing for too long, or take too long to sign in or to take what they are sent.
final class SQLWatch: Sendable {
    enum Phase: Sendable, Equatable {
        case signingIn
        case waiting
        case working
        case writing
    }

    /// As PostgreSQL's authentication_timeout, but shorter: nobody types here.
    private static let signIn = Duration.seconds(30)

    private let idle: Duration
    private let state = Mutex<(phase: Phase, since: ContinuousClock.Instant)>((.signingIn, .now))

    init(idle: Duration) { self.idle = idle }

    var phase: Phase { state.withLock { $0.phase } }

    func enter(_ phase: Phase) { state.withLock { $0 = (phase, .now) } }

    /// Until cancelled.
    func run(mailbox: SQLMailbox, channel: any Channel) async {
        while !Task.isCancelled {
            let (phase, since) = state.withLock { $0 }
            let limit = phase == .signingIn ? Self.signIn : idle
            let end = since + limit
            if phase != .working, ContinuousClock.now >= end {
                // One who takes nothing would not take a farewell either.
                if phase == .writing { return channel.close(promise: nil) }
                return mailbox.put(.idle)
            }
            let pause = phase == .working ? limit : end - .now
            try? await Task.sleep(for: min(max(pause, .milliseconds(10)), .seconds(5)))
        }
    }
}
