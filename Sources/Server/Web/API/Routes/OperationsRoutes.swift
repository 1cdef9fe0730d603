internal import Hummingbird
internal import Node

/// How the node and its data are.
enum OperationsRoutes {
    static let all = [status, peers, quality, quarantine, records, record, retry]

    private static let operators = APIRoute.Access.roles([.operator], .quarantine)

    private static let status = APIRoute(
        method: .get, path: "/status", operation: "status", summary: "How the node is, with warnings.",
        access: .roles([.operator, .governance, .auditor], .operations),
        outcomes: [.ok("The status.")]
    ) { call in
        guard case .status(let status) = try await call.run(.status) else { throw APIFailure.anotherReply }
        return try .encoded(status)
    }

    private static let peers = APIRoute(
        method: .get, path: "/peers", operation: "listPeers",
        summary:
            "Members of the directory in force, and whether they answered when they were last looked for.",
        access: .roles(Set(APIRoute.Role.allCases), .operations), query: APIPage.parameters,
        outcomes: [.ok("A page of members.", APIPage.schema(of: peer))]
    ) { call in
        // Whoever waits for the page does not wait for peers: they are looked for after it.
        let notes = try await call.run(.inquire(.peers)).decoded([PeerNote].self)
        return try APIPage.of(notes.map(item), call) { $0["organisation"] ?? .null }
    }

    private static let peer = Schema.object(
        [
            ("organisation", .text), ("name", .text), ("roles", .text), ("endpoint", .text),
            ("synthetic", .text), ("keys_until", .text), ("keys_from", .text), ("certificate_until", .text),
            ("reached", .boolean), ("round_trip_ms", .integer(0...Int(Int32.max))),
            ("latency", .oneOf(PeerNote.Latency.allCases.map(\.rawValue))),
            ("fault", .oneOf(PeerNote.Fault.allCases.map(\.rawValue))), ("checked_at", .text),
            ("seen_at", .text), ("unseen_since", .text),
        ],
        optional: [
            "keys_from", "certificate_until", "reached", "round_trip_ms", "latency", "fault", "checked_at",
            "seen_at", "unseen_since",
        ])

    private static func item(_ note: PeerNote) -> JSONTree {
        let texts: [String: String?] = [
            "organisation": note.organisation, "name": note.name, "roles": note.roles.joined(separator: " "),
            "endpoint": note.endpoint, "synthetic": String(note.isSynthetic),
            "keys_until": note.cardUntil ?? "", "keys_from": note.cardFrom,
            "certificate_until": note.certificateUntil, "latency": note.latency?.rawValue,
            "fault": note.fault?.rawValue, "checked_at": note.checkedAt, "seen_at": note.seenAt,
            "unseen_since": note.unseenSince,
        ]
        var members = texts.compactMapValues { $0.map(JSONTree.text) }
        members["reached"] = note.isReached.map(JSONTree.boolean)
        members["round_trip_ms"] = note.roundTripMilliseconds.map { .integer(Int64($0)) }
        return .object(members)
    }

    private static let quality = APIRoute(
        method: .get, path: "/quality", operation: "quality", summary: "How good the data here are.",
        access: .roles([.operator, .governance], .operations), isPrivileged: true,
        query: [
            .init(
                name: "dataset", schema: .text(pattern: "^[a-z][a-z0-9_]{0,62}$"),
                summary: "One dataset; all if left out."),
            .init(
                name: "of_publication", schema: .boolean,
                summary: "Of the publication that questions are answered from, not of what is live."),
        ],
        outcomes: [.ok("The report.")]
    ) { call in
        let request = QualityRequest(
            datasets: [call.query["dataset"]?.text].compactMap(\.self),
            ofPublication: call.query["of_publication"] == .boolean(true))
        return .json(try await call.run(.quality(request)).document)
    }

    // MARK: What was set aside

    private static let quarantine = APIRoute(
        method: .get, path: "/quarantine", operation: "quarantineSummary",
        summary: "How many records were set aside, for which reasons.", access: operators,
        query: APIPage.parameters,
        outcomes: [
            .ok("A page of counts.", APIPage.schema(["file", "dataset", "reasons", "records"]))
        ]
    ) { call in
        try APIPage.of(try await call.run(.quarantineList(entries: false)), call)
    }

    private static let records = APIRoute(
        method: .get, path: "/quarantine/records", operation: "listQuarantine",
        summary: "Each record that was set aside; says nothing of what they hold.", access: operators,
        query: APIPage.parameters,
        outcomes: [
            .ok(
                "A page of records.",
                APIPage.schema([
                    "id", "file", "position", "dataset", "reasons", "column", "bytes", "set_aside_at",
                ]))
        ]
    ) { call in
        try APIPage.of(try await call.run(.quarantineList(entries: true)), call)
    }

    private static let record = APIRoute(
        method: .get, path: "/quarantine/records/{id}", operation: "showQuarantined",
        summary: "One record with what it holds: a person's data. The log bears that it was shown.",
        access: operators, isPrivileged: true,
        items: [
            .init(
                name: "id", schema: .text(pattern: "^[0-9a-f]{8,64}$"),
                summary: "Of the record, or its beginning.")
        ],
        outcomes: [.ok("The record.")]
    ) { call in
        .json(try await call.run(.quarantineShow(id: call.item("id"), json: true)).document)
    }

    private static let retry = APIRoute(
        method: .post, path: "/quarantine/retry", operation: "retryQuarantine",
        summary: "Take in again what was set aside.", access: .roles([.operator], .quarantineWrite),
        isPrivileged: true,
        outcomes: [.ok("What came of it.")]
    ) { call in
        guard case .ingested(let report) = try await call.run(.quarantineRetry) else {
            throw APIFailure.anotherReply
        }
        return try .encoded(report)
    }
}
