import Audit
import Core
import Policy
import Store
import Testing

@testable import Node

@Suite struct SignInDeskTests {
    private static let password = "correct horse battery"

    private func withNode(_ body: (NodeContext) async throws -> Void) async throws {
        try await withTemporaryDirectory { root in
            let organisation = try TestFailure.unwrap(OrganisationCode("QWE"), "no code")
            let node = try await NodeHome.make(at: root + "/home", organisation, roles: [.requester])()
            do {
                try await body(node)
            } catch {
                await node.close()
                throw error
            }
            await node.close()
        }
    }

    private func add(_ name: String, _ roles: [String] = ["analyst"], to node: NodeContext) async throws {
        try await node.run(.user(.add(name: name, roles: roles, password: Self.password)))
    }

    @Test func fiveWrongPasswordsLockAUser() async throws {
        try await withNode { node in
            try await add("ann", to: node)
            let desk = SignInDesk(context: node)
            for _ in 0..<4 { try await desk.fail("ann", "wrong password", from: "127.0.0.1") }
            #expect(try await desk.admit("ann", by: .password, from: "127.0.0.1") != nil)
            for _ in 0..<5 { try await desk.fail("ann", "wrong password", from: "127.0.0.1") }
            #expect(try await desk.admit("ann", by: .password, from: "127.0.0.1") == nil)
            #expect(try await desk.admit("ann", by: .certificate, from: "127.0.0.1") == nil)
            try await node.run(.user(.unlock(name: "ann")))
            #expect(try await desk.admit("ann", by: .password, from: "127.0.0.1")?.roles == [.analyst])

            let acts = try node.records().filter { $0.kind == .signIn }.compactMap { $0.details["act"] }
            #expect(
                acts == Array(repeating: "refused", count: 4) + ["signed in"]
                    + Array(repeating: "refused", count: 5) + ["locked", "refused", "refused", "signed in"])
        }
    }

    @Test func aSessionEndsWhereItsUserIsLockedOrRemoved() async throws {
        try await withNode { node in
            try await add("ann", to: node)
            let ann = try #require(
                try await SignInDesk(context: node).admit("ann", by: .password, from: "127.0.0.1"))
            let session = try await SQLSession(
                context: node, user: ann, database: "concordat", startup: [:])
            func state() async -> String? {
                do {
                    _ = try await session.run("SELECT count(*) FROM patient")
                    return nil
                } catch {
                    return (error as? StatementFault)?.fault.sqlstate.rawValue
                }
            }
            #expect(await state() == "55000", "no agreement is chosen")
            // Wrong passwords of somebody else do not end it.
            for _ in 0..<5 { _ = try await node.users.fail("ann", at: Clock.now) }
            #expect(await state() == "55000")
            try await node.run(.user(.lock(name: "ann")))
            #expect(await state() == "28000")
            try await node.run(.user(.unlock(name: "ann")))
            #expect(await state() == "55000")
            try await node.run(.user(.remove(name: "ann")))
            #expect(await state() == "28000")
        }
    }

    @Test func aLockEndsByItself() async throws {
        try await withNode { node in
            try await add("ann", to: node)
            let now = Clock.now
            for _ in 0..<5 { _ = try await node.users.fail("ann", at: now) }
            #expect(try await node.users.succeed("ann", at: now + UserStore.lockMilliseconds - 1) == nil)
            #expect(try await node.users.succeed("ann", at: now + UserStore.lockMilliseconds) != nil)
            // What an operator locks stays locked.
            try await node.run(.user(.lock(name: "ann")))
            #expect(try await node.users.succeed("ann", at: now + 10 * UserStore.lockMilliseconds) == nil)
        }
    }

    @Test func anUnknownUserLooksLikeAKnownOne() async throws {
        try await withNode { node in
            try await add("ann", to: node)
            let desk = SignInDesk(context: node)
            let known = try await desk.keys(of: "ann")
            let unknown = try await desk.keys(of: "bob")
            #expect(unknown.salt.count == known.salt.count && unknown.iterations == known.iterations)
            #expect(unknown.storedKey.count == 32 && unknown.serverKey.count == 32)
            #expect(try await desk.keys(of: "bob") == unknown)
            #expect(try await desk.keys(of: "eve").salt != unknown.salt)
            #expect(try await desk.admit("bob", by: .password, from: "127.0.0.1") == nil)
        }
    }

    /// The log has who and what, never a secret, and not what somebody typed in the place of a name.
    @Test func theLogBearsNoSecrets() async throws {
        try await withNode { node in
            try await add("ann", ["analyst", "auditor"], to: node)
            let desk = SignInDesk(context: node)
            try await desk.fail(Self.password, "wrong password", from: "127.0.0.1")
            try await node.run(.user(.password(name: "ann", password: "another long password")))
            try await node.run(.user(.remove(name: "ann")))
            let text = try node.records().map(\.canonicalJSON).joined()
            #expect(!text.contains(Self.password) && !text.contains("another long"))
            for act in ["user added", "user password changed", "user removed"] { #expect(text.contains(act)) }
            #expect(text.contains("\"roles\":\"analyst, auditor\""))
        }
    }

    @Test(
        arguments: [
            (UserCommand.add(name: "a b", roles: ["analyst"], password: password), "name"),
            (.add(name: "bob", roles: ["boss"], password: password), "--role"),
            (.add(name: "bob", roles: ["analyst"], password: "short"), "too short"),
            (.add(name: "ann", roles: ["analyst"], password: password), "already"),
            (.lock(name: "nobody"), "no user"), (.password(name: "nobody", password: password), "no user"),
        ])
    func commandsAreRefusedWithTheRemedy(_ command: UserCommand, _ words: String) async throws {
        try await withNode { node in
            try await add("ann", to: node)
            let error = await #expect(throws: TestFailure.self) { try await node.run(.user(command)) }
            #expect(error?.description.contains(words) == true)
        }
    }

    @Test func passwordsAreOneHoweverTheyAreTyped() throws {
        #expect(try PasswordText.prepared("ﬁve long\u{A0}words") == "five long words")
        #expect(try PasswordText.prepared("cafe\u{301}\u{AD} au lait x") == "café au lait x")
    }
}
