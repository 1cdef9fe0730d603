internal import Core
internal import Node

/// The node's log, for whoever checks it: nothing here changes anything.
enum LogPages {
    private static let readers = APIRoute.Access.people([.auditor, .governance])

    static let section = ConsoleSection(
        name: "Log", roles: [.auditor, .governance],
        tabs: [
            .init(name: "Entries", path: "/log"), .init(name: "Check the log", path: "/log/verification"),
        ],
        pages: [list, entry, verification, verify])

    private static let kinds: [(id: String, words: String)] = [
        ("release", "Numbers left"), ("decision", "A question, and nothing left"),
        ("agreement", "About an agreement"), ("administration", "Done by a person here"),
        ("signIn", "Signing in and out"), ("publish", "A copy for questions was made"),
        ("ingest", "Data were taken in"), ("optOutList", "About an opt-out list"),
        ("refusedMessage", "A message was turned away"), ("key", "About a key"),
    ]

    private static func words(_ kind: String) -> String { kinds.first { $0.id == kind }?.words ?? kind }

    // MARK: Entries

    private static let perPage = 50

    private static let list = ConsolePage.show("/log", "listAuditEntries", readers) { call in
        let kind = call.query["kind"].flatMap { kind in kinds.contains { $0.id == kind } ? kind : nil }
        let entries = try await call.run(
            .inquire(
                .logEntries(
                    kinds: [kind].compactMap(\.self), before: call.query.number("before"), limit: perPage))
        ).tree.elements
        let head = try await call.run(.inquire(.logHead)).tree
        let last = entries.last?["index"]?.integer ?? 0
        let values: ConsoleValues = [
            "entries": entries.map(line), "hasEntries": !entries.isEmpty, "head": Self.head(head),
            "older": entries.count == perPage && last > 0 ? older(kind, last) : nil,
            "kinds": kinds.map {
                ["id": $0.id, "words": $0.words, "isChosen": $0.id == kind] as [String: any Sendable]
            },
        ]
        return .page("log", title: "The log", values)
    }

    private static func older(_ kind: String?, _ last: Int) -> String {
        "/log?" + AddressText.pairs((kind.map { [("kind", $0)] } ?? []) + [("before", String(last))])
    }

    private static func head(_ head: JSONTree) -> [String: any Sendable] {
        [
            "origin": head["origin"]?.text ?? "", "size": ConsoleWords.grouped(head["size"]?.integer ?? 0),
            "root": head["root_hash"]?.text ?? "", "note": head["checkpoint"]?.text ?? "",
        ]
    }

    private static func line(_ entry: JSONTree) -> [String: any Sendable] {
        let details = pairs(entry)
        func detail(_ name: String) -> String? { details.first { $0.0 == name }?.1 }
        let parts = [
            detail("act"), detail("operation"), detail("outcome"), detail("rule"), detail("user"),
            detail("requester"), detail("agreement"),
        ]
        let values: ConsoleValues = [
            "index": String(entry["index"]?.integer ?? 0), "kind": entry["kind"]?.text.map(words) ?? "Erased",
            "at": entry["at"]?.text.map(ConsoleWords.time),
            "about": parts.compactMap(\.self).map(VisibleText.of).joined(separator: " · "),
        ]
        return values.members
    }

    private static func pairs(_ entry: JSONTree) -> [(String, String)] {
        (entry["details"]?.elements ?? []).map { ($0["name"]?.text ?? "", $0["value"]?.text ?? "") }
    }

    // MARK: One entry

    /// What the details of an entry are called; those that are not here are called as they are written.
    private static let names = [
        "act": "Act", "operation": "Operation", "user": "User, or a pseudonym", "by": "Known by",
        "door": "Door",
        "from": "From", "outcome": "Outcome", "rule": "Rule that refused", "requester": "Requester",
        "agreement": "Agreement", "version": "Version", "purpose": "Purpose", "query": "Question",
        "question": "Digest of the question", "policies": "Policies that decided",
        "policyVersion": "Version of the policies",
        "policyDigest": "Digest of the policies", "input": "Digest of what was decided on",
        "decidedAt": "Time that the policies saw, in ms", "decision": "Decision", "obligations": "Conditions",
        "snapshot": "Copy of the data", "profile": "Disclosure profile",
        "cells": "Groups of which something left",
        "tables": "Reference tables and codelists read", "state": "State", "scheme": "Opt-out scheme",
        "digest": "Digest", "format": "Form", "questions": "Questions", "release": "Answer",
    ]

    private static let entry = ConsolePage.show("/log/{index}", "showAuditEntry", readers) { call in
        guard let index = Int(call.item("index")), (0...Int(Int32.max)).contains(index) else {
            throw Problem.notFound
        }
        let entry = try await call.run(.inquire(.logEntry(index))).tree
        let proof = entry["proof"]?.elements.compactMap(\.text) ?? []
        // What this node was asked, not what it asked or linked for others.
        let names = Set(pairs(entry).map(\.0))
        let isQuestion =
            ["release", "decision"].contains(entry["kind"]?.text)
            && names.isSuperset(of: ["requester", "outcome"])
        let isLead = try call.caller.roles.contains(APIRoute.Role.governance.rawValue)
        let values: ConsoleValues = [
            "index": String(index), "kind": entry["kind"]?.text.map(words),
            "at": entry["at"]?.text.map(ConsoleWords.time), "leaf": entry["leaf_hash"]?.text,
            "details": pairs(entry).map { name, value in
                ["name": Self.names[name] ?? name, "value": VisibleText.of(value)]
                    as [String: any Sendable]
            },
            "isProven": entry["is_proven"] == .boolean(true),
            "size": ConsoleWords.grouped(entry["tree_size"]?.integer ?? 0), "proof": proof,
            "steps": ConsoleWords.grouped(proof.count),
            "question": isQuestion && isLead ? "/desk/questions/\(index)" : nil,
        ]
        return .page("log-entry", title: "Log entry \(index)", values)
    }

    // MARK: Verification

    private static let verification = ConsolePage.show("/log/verification", "verifyAudit", readers) { call in
        let head = try await call.run(.inquire(.logHead)).tree
        return .page("log-verification", title: "Check the log", ["head": Self.head(head)])
    }

    private static let verify = ConsolePage.act("/log/verification", "verifyAudit", readers) { call in
        let head = try await call.run(.inquire(.logHead)).tree
        var values: ConsoleValues = ["head": Self.head(head)]
        switch await result(call) {
        case .success(let words): values["sound"] = OperationsPages.sentence(words)
        case .failure(let fault): values["fault"] = OperationsPages.sentence(fault.words)
        }
        return .page("log-verification", title: "Check the log", values)
    }

    private struct Unsound: Error { let words: String }

    private static func result(_ call: ConsoleCall) async -> Result<String, Unsound> {
        do {
            switch try await call.run(.verifyAudit) {
            case .done(let words): return .success(words)
            case .failed(let words): return .failure(Unsound(words: words))
            default: return .failure(Unsound(words: "the log could not be checked"))
            }
        } catch let error as any CustomStringConvertible & Error {
            return .failure(Unsound(words: error.description))
        } catch {
            return .failure(Unsound(words: "the log could not be checked"))
        }
    }
}
