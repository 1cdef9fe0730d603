internal import Core
internal import Crypto
internal import Foundation
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Node
internal import PostgresWire
internal import Store

/// What is said on one connection, one thing after the other.
struct SQLConversation {
    let connection: SQLConnection
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    let channel: any Channel
    let address: String
    let isCrowded: Bool
    private var machine: SessionStateMachine
    private var session: SQLSession?
    private var output = ByteBuffer()
    private let began = ContinuousClock.now

    /// Bytes that are gathered before they are written, unless the client waits for them.
    private static let gathered = 64 << 10
    private static let rowsAtOnce = 256
    /// Whoever is refused hears it after so long, whatever the reason was.
    private static let refusal = Duration.seconds(1)

    init(
        connection: SQLConnection, outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, channel: any Channel,
        address: String, isCrowded: Bool
    ) {
        self.connection = connection
        self.outbound = outbound
        self.channel = channel
        self.address = address
        self.isCrowded = isCrowded
        let nonce = Data(SymmetricKey(size: .init(bitCount: 144)).withUnsafeBytes { Array($0) })
        machine = SessionStateMachine(
            seed: SessionSeed(
                process: connection.process, secret: connection.secret, nonce: nonce.base64EncodedString(),
                endpoint: connection.house.transport.endpoint))
    }

    private var house: SQLHouse { connection.house }

    /// Returns when the client or the node has ended it.
    mutating func run() async {
        do {
            for await event in connection.mailbox.events {
                connection.waiting.forget()
                try await carryOut(actions(for: event))
                guard !machine.isClosed else { return }
            }
        } catch {
            // The client has gone while it was written to.
        }
    }

    private mutating func actions(for event: SQLMailbox.Event) -> [SessionStateMachine.Action] {
        switch event {
        case .message(let message):
            if case .startup = message, let fault = refusedAtTheDoor { return machine.end(fault) }
            return machine.receive(message)
        case .broken(let error):
            return machine.end(SQLFault(SQLState(rawValue: "08P01"), "invalid message (\(error))"))
        case .overflow:
            return machine.end(SQLFault(.programLimitExceeded, "too much was sent while a statement ran"))
        case .idle:
            let isInside = connection.isTrusted
            return machine.end(
                SQLFault(
                    SQLState(rawValue: isInside ? "57P05" : "08006"),
                    "terminating connection due to \(isInside ? "idle-session" : "sign-in") timeout"))
        case .shutdown:
            return machine.end(
                SQLFault(
                    SQLState(rawValue: "57P01"), "terminating connection due to administrator command"))
        }
    }

    private var refusedAtTheDoor: SQLFault? {
        guard connection.encryption.isEncrypted else {
            return SQLFault(
                SQLState(rawValue: "28000"), "this node takes encrypted connections only",
                hint: "connect with sslmode=verify-full and sslrootcert")
        }
        guard isCrowded else { return nil }
        return SQLFault(SQLState(rawValue: "53300"), "sorry, too many clients already")
    }

    // MARK: Actions

    private mutating func carryOut(_ first: [SessionStateMachine.Action]) async throws {
        var queue = first[...]
        while true {
            guard let action = queue.popFirst() else {
                guard machine.isStreaming else { break }
                queue = machine.rows(most: Self.rowsAtOnce)[...]
                continue
            }
            switch action {
            case .send(let message):
                output.writeBytes(message.encoded)
                if output.readableBytes >= Self.gathered { try await flush() }
            case .flush: try await flush()
            case .perform(let work): queue = (await perform(work))[...] + queue
            case .lookUp(let request): queue = (await lookUp(request))[...] + queue
            case .settle(let request): queue = (await settle(request))[...] + queue
            case .failed(let request, let fault): await fail(request, fault)
            case .cancel(let process, let secret): house.connections.cancel(process, secret: secret)
            case .close: try await flush()
            }
        }
        connection.watch.enter(connection.isTrusted ? .waiting : .signingIn)
    }

    private mutating func flush() async throws {
        guard output.readableBytes > 0 else { return }
        if connection.isTrusted { connection.watch.enter(.writing) }
        let bytes = output
        output = ByteBuffer()
        // Waits while the client takes nothing.
        try await outbound.write(bytes)
    }

    // MARK: Signing in

    private mutating func lookUp(_ request: StartupRequest) async -> [SessionStateMachine.Action] {
        if let certificate = try? await channel.nioSSL_peerCertificate().get() {
            guard SQLTransport.commonName(certificate) == request.user else {
                await fail(request, .wrongPassword, "another's certificate")
                return machine.refuse()
            }
            return machine.foundCertificate()
        }
        do {
            let keys = try await house.desk.keys(of: request.user)
            return machine.found(
                SCRAMVerifier(
                    salt: keys.salt, iterations: keys.iterations, storedKey: keys.storedKey,
                    serverKey: keys.serverKey))
        } catch {
            return broken(error)
        }
    }

    private mutating func settle(_ request: StartupRequest) async -> [SessionStateMachine.Action] {
        do {
            let hasCertificate = (try? await channel.nioSSL_peerCertificate().get()) != nil
            guard
                let user = try await house.desk.admit(
                    request.user, by: hasCertificate ? .certificate : .password, from: address)
            else {
                await wait()
                return machine.refuse()
            }
            let session = try await SQLSession(
                context: house.context, user: user, database: request.database, startup: request.settings,
                process: connection.process, local: house.local)
            self.session = session
            connection.isTrusted = true
            return machine.admit(greeting: await session.greeting)
        } catch let fault as SQLFault {
            return machine.end(fault)
        } catch {
            return broken(error)
        }
    }

    private mutating func fail(
        _ request: StartupRequest, _ fault: SignInFault, _ why: String? = nil
    ) async {
        let words = why ?? (fault == .wrongPassword ? "wrong password" : "\(fault)")
        do {
            try await house.desk.fail(request.user, words, from: address)
        } catch {
            house.context.log.error("a sign-in could not be written down", metadata: ["error": "\(error)"])
        }
        await wait()
    }

    /// So that nobody learns from the time what was wrong, and guesses are slow.
    private func wait() async {
        try? await Task.sleep(until: began + Self.refusal, clock: .continuous)
    }

    private mutating func broken(_ error: any Error) -> [SessionStateMachine.Action] {
        house.context.log.error("a session could not begin", metadata: ["error": "\(error)"])
        return machine.end(
            SQLFault(.internalError, "the session could not begin", hint: "ask the node's operator"))
    }

    // MARK: Statements

    private mutating func perform(_ work: SessionStateMachine.Work) async -> [SessionStateMachine.Action] {
        guard let session else { return machine.end(SQLFault(.internalError, "there is no session")) }
        connection.watch.enter(.working)
        let result = await SQLWork(session: session, house: house, statement: connection.statement).run(work)
        let status = await session.transaction
        switch result {
        case .success(.outcome(let outcome)): return machine.finish(outcome, status)
        case .success(.shape(let shape)): return machine.prepared(shape, status)
        case .failure(let fault): return machine.fail(fault, status)
        }
    }
}

/// One piece of a session's work, with its time-out, and open to be broken off.
struct SQLWork: Sendable {
    enum Product: Sendable {
        case outcome(StatementOutcome)
        case shape(StatementShape)
    }

    let session: SQLSession
    let house: SQLHouse
    let statement: RunningStatement

    func run(_ work: SessionStateMachine.Work) async -> Result<Product, StatementFault> {
        let task = Task { try await product(work) }
        statement.begin { task.cancel() }
        let clock = await timer()
        let result = await task.result
        clock?.cancel()
        let reason = statement.end()
        // Whoever breaks a question off hears that it was, even where some sites had answered.
        if let reason {
            await session.abandon()
            return .failure(Self.fault(reason))
        }
        switch result {
        case .success(let product): return .success(product)
        case .failure(let error):
            let fault = SQLFault(.internalError, "the statement could not be answered")
            return .failure(error as? StatementFault ?? StatementFault(fault))
        }
    }

    private func product(_ work: SessionStateMachine.Work) async throws -> Product {
        switch work {
        case .run(let sql): .outcome(try await session.run(sql))
        case .execute(let sql, let parameters): .outcome(try await session.run(sql, parameters))
        case .prepare(let sql, let types): .shape(try await session.shape(sql, types: types))
        case .describeCursor(let name): .shape(try await session.shape(ofCursor: name))
        case .describe(let sql, let parameters): .shape(try await session.shape(sql, parameters))
        }
    }

    /// The shorter of what client and node allow.
    private func timer() async -> Task<Void, Never>? {
        let own = house.settings.statementTimeoutSeconds
        let limits = [await session.statementTimeout, own > 0 ? .seconds(own) : nil].compactMap(\.self)
        guard let limit = limits.min() else { return nil }
        return Task { [statement] in
            try? await Task.sleep(for: limit)
            if !Task.isCancelled { statement.cancel(.timeout) }
        }
    }

    private static func fault(_ reason: RunningStatement.Reason) -> StatementFault {
        let words =
            switch reason {
            case .user: "canceling statement due to user request"
            case .timeout: "canceling statement due to statement timeout"
            case .gone, .shutdown: "canceling statement because the session ends"
            }
        return StatementFault(SQLFault(.queryCanceled, words))
    }
}
