internal import Audit
internal import Crypto
internal import Foundation
internal import Logging
internal import Store

/// Who may come in. What it does and how long it takes is the same for a user who is unknown, locked or wrong, so
/// that nobody learns who is known here; the log has every attempt.
package struct SignInDesk: Sendable {
    package enum Method: String, Sendable {
        case password
        case certificate
        case openID
    }

    private let context: NodeContext
    /// Where people come in, in the log's words.
    private let door: String
    /// Attempts of users that are unknown: too many would fill the log.
    private let strangers: StrangerRecords

    package init(context: NodeContext, door: String = "sql") {
        self.context = context
        self.door = door
        strangers = StrangerRecords()
    }

    /// What a client's proof is checked against; for an unknown user something that fits no password, and that is the
    /// same each time (RFC 5802, 5.1; PostgreSQL's mock authentication).
    package func keys(of name: String) async throws -> SCRAMKeys {
        let record = try await context.users.password(of: name)
        let secret = SymmetricKey(data: context.vault.derive(label: "sign-in of unknown users"))
        let mock = Array(HMAC<SHA256>.authenticationCode(for: Array(name.utf8), using: secret))
        return record?.scram
            ?? SCRAMKeys(
                salt: Array(mock.prefix(SCRAMKeys.saltSize)), iterations: SCRAMKeys.iterations,
                storedKey: Array(SHA256.hash(data: mock)), serverKey: mock)
    }

    /// Whoever has shown the password, or the certificate.
    /// - Returns: nil where there is no such user, or it is locked.
    package func admit(_ name: String, by method: Method, from address: String) async throws -> NodeUser? {
        let user = try await context.users.succeed(name, at: Clock.now)
        if let user {
            try await record(["act": "signed in", "user": user.name], method, address)
        } else {
            try await refuse(name, "locked or unknown", method, address)
        }
        return user
    }

    /// A wrong password, or an exchange that broke.
    package func fail(_ name: String, _ why: String, from address: String) async throws {
        guard let isLocked = try await context.users.fail(name, at: Clock.now) else {
            return try await refuse(name, why, .password, address)
        }
        try await refuse(name, why, .password, address)
        guard isLocked else { return }
        context.log.warning("a user was locked after wrong passwords", metadata: ["user": "\(name)"])
        try await record(["act": "locked", "user": name], .password, address)
    }

    /// Somebody whom a provider has sent here, and who was found.
    func admitted(_ user: NodeUser, from address: String) async throws -> NodeUser {
        let roles = UserAdministration.words(user.roles)
        try await record(["act": "signed in", "user": user.name, "roles": roles], .openID, address)
        return user
    }

    /// Somebody whom a provider has sent here, or who says so.
    func refuseStranger(_ why: String, from address: String) async throws {
        guard let unrecorded = strangers.mayRecord("openid", at: Clock.now) else { return }
        var details = ["act": "refused", "why": why]
        if unrecorded > 0 { details["unrecorded"] = "\(unrecorded)" }
        try await record(details, .openID, address)
    }

    /// Somebody who signed in and has ended the session.
    func leave(_ name: String, from address: String) async throws {
        let details = ["act": "signed out", "user": name, "door": door, "from": address]
        _ = try await context.audit.append(AuditRecord(kind: .signIn, at: Clock.now, details: details))
    }

    private func refuse(_ name: String, _ why: String, _ method: Method, _ address: String) async throws {
        var details = ["act": "refused", "why": why]
        if try await context.users.find(name) != nil {
            details["user"] = name
        } else {
            // People type passwords where names belong: an unknown name is not written down.
            guard let unrecorded = strangers.mayRecord("sign-in", at: Clock.now) else { return }
            if unrecorded > 0 { details["unrecorded"] = "\(unrecorded)" }
        }
        try await record(details, method, address)
    }

    private func record(_ details: [String: String], _ method: Method, _ address: String) async throws {
        var details = details
        details["door"] = door
        details["method"] = method.rawValue
        details["from"] = address
        _ = try await context.audit.append(AuditRecord(kind: .signIn, at: Clock.now, details: details))
    }
}
