internal import Core
internal import Foundation
internal import Node

/// For whoever runs the node: how it does, what came in, who is there.
enum OperationsPages {
    static let operators = APIRoute.Access.people([.operator])

    static let section = ConsoleSection(
        name: "Operations", roles: [.operator],
        tabs: [
            .init(name: "How the node does", path: "/operations"),
            .init(name: "Data taken in", path: "/operations/data"),
            .init(name: "Data quality", path: "/operations/quality"),
            .init(name: "Peers, keys and dates", path: "/operations/peers"),
        ],
        pages: [overview, peers] + IngestPages.all + [QualityPages.show, QualityPages.make])

    // MARK: How it does

    private static let overview = ConsolePage.show("/operations", "status", operators) { call in
        guard case .status(let status) = try await call.run(.status) else { throw APIFailure.anotherReply }
        let note = try await call.run(.inquire(.operations)).decoded(OperationsNote.self)
        let values: ConsoleValues = [
            "status": Self.status(status), "warnings": status.warnings.map(sentence),
            "hasWarnings": !status.warnings.isEmpty, "activity": activity(note.activity),
            "log": log(note.log),
            "rows": ConsoleTable.values(
                "What questions are answered from", ["Records", "Rows"],
                status.rows.sorted { $0.key < $1.key }.map {
                    [$0.key.replacing("_", with: " "), ConsoleWords.grouped($0.value)]
                }, labels: 1),
        ]
        return .page("operations", title: "How the node does", values)
    }

    static func sentence(_ words: String) -> String {
        words.prefix(1).uppercased() + words.dropFirst() + (words.hasSuffix(".") ? "" : ".")
    }

    private static func status(_ status: NodeStatus) -> [String: any Sendable] {
        let snapshot = status.snapshot
        let values: ConsoleValues = [
            "name": "\(status.name) (\(status.organisation))", "roles": status.roles.joined(separator: ", "),
            "synthetic": status.synthetic ? "Made-up people only" : "People's own data",
            "listen": status.listen, "warehouse": status.warehouse == "duckdb" ? "DuckDB" : "PostgreSQL",
            "directory": status.directory,
            "agreements": ConsoleWords.count(status.agreements, "agreement") + " in force",
            "publication": snapshot.map {
                "Copy \($0.id) of \(ConsoleWords.time($0.publishedAt)), "
                    + ($0.ageDays == 0 ? "made today" : "\(ConsoleWords.count($0.ageDays, "day")) old")
            },
            "isStale": snapshot.map { !$0.stale.isEmpty },
            "next": status.nextPublication.map(ConsoleWords.time),
            "policies": status.policy?.version,
            "lists": status.optOutLists.map {
                "\($0.scheme.replacing("-", with: " ")): of \(ConsoleWords.day($0.listedAt)), "
                    + ($0.ageDays == 0 ? "made today" : "\(ConsoleWords.count($0.ageDays, "day")) old")
            },
        ]
        return values.members
    }

    private static func activity(_ activity: OperationsNote.Activity) -> [String: any Sendable] {
        let words = [
            "answered": "answered", "refused": "not answered", "waiting": "waiting for a person",
            "unanswered": "broken off",
        ]
        let asked = activity.askedToday.map {
            "\(ConsoleWords.grouped($0.count)) \(words[$0.name] ?? $0.name)"
        }
        let values: ConsoleValues = [
            "running": String(activity.running), "most": String(activity.mostAtOnce),
            "queued": String(activity.queued), "asked": asked.joined(separator: ", "),
            "askedTotal": ConsoleWords.grouped(activity.askedToday.reduce(0) { $0 + $1.count }),
            "memory": activity.memoryMegabytes.map(size),
            "load": activity.loadAverage.map(ConsoleWords.number),
            "cores": String(activity.cores), "free": activity.freeDiskMegabytes.map(size),
            "home": activity.homeMegabytes.map(size), "since": activity.startedAt.map(ConsoleWords.time),
        ]
        return values.members
    }

    /// Of megabytes.
    private static func size(_ megabytes: Int) -> String {
        megabytes < 1_024
            ? "\(megabytes) MB" : "\(ConsoleWords.number((Double(megabytes) / 102.4).rounded() / 10)) GB"
    }

    private static func log(_ log: OperationsNote.Log) -> [String: any Sendable] {
        let open = log.entries - log.signedEntries
        let witnesses =
            log.witnesses.isEmpty
            ? "The federation has no witness."
            : "Witnesses of the federation: \(log.witnesses.joined(separator: ", "))."
        let values: ConsoleValues = [
            "origin": log.origin,
            "entries": ConsoleWords.grouped(log.entries) + (log.entries == 1 ? " entry" : " entries"),
            "signed": log.signedAt.map {
                "\(ConsoleWords.time($0)), over \(ConsoleWords.grouped(log.signedEntries)) entries"
            },
            "open": open == 0
                ? nil : "\(ConsoleWords.grouped(open)) since then; the head is signed once a minute.",
            "witnesses": log.cosigners.isEmpty
                ? "Nobody beside this node has signed the head. \(witnesses)"
                : "Also signed by \(ConsoleWords.list(log.cosigners)). \(witnesses)",
        ]
        return values.members
    }

    // MARK: Who is there

    private static let peers = ConsolePage.show("/operations/peers", "listPeers", operators) { call in
        let note = try await call.run(.inquire(.operations)).decoded(OperationsNote.self)
        return .page(
            "operations-peers", title: "Peers, keys and dates",
            [
                "dated": note.dated.map(dated), "peers": note.peers.map(peer),
                "hasPeers": !note.peers.isEmpty,
                "isLooking": note.isLooking,
            ])
    }

    private static let soon = 30

    private static func left(_ days: Int) -> String {
        days == 0 ? "over" : "\(ConsoleWords.count(days, "day")) left"
    }

    private static func dated(_ dated: OperationsNote.Dated) -> [String: any Sendable] {
        let values: ConsoleValues = [
            "what": dated.what, "from": dated.from.map(ConsoleWords.day),
            "until": ConsoleWords.day(dated.until),
            "left": left(dated.daysLeft), "isSoon": dated.daysLeft < soon && dated.daysLeft > 0,
            "isOver": dated.daysLeft == 0, "isFine": dated.daysLeft >= soon, "remedy": sentence(dated.remedy),
        ]
        return values.members
    }

    private static func latency(_ latency: PeerNote.Latency, _ note: PeerNote) -> String {
        let words =
            switch latency {
            case .fast: "fast"
            case .fair: "fair"
            case .slow: "slow"
            case .verySlow: "very slow"
            }
        let time = note.roundTripMilliseconds.map {
            $0 == 0 ? "less than 1 ms" : "\(ConsoleWords.grouped($0)) ms"
        }
        return time.map { "there and back in \($0) (\(words))" } ?? words
    }

    private static func fault(_ fault: PeerNote.Fault) -> String {
        switch fault {
        case .connection:
            "Nothing answers at this address: the node is off, has moved, or a firewall is between."
        case .certificate:
            "Something answers, but not with the certificate that the directory has, or it does not take ours: ask its "
                + "operator, and whether both have the newest directory."
        case .time: "It did not answer within \(PeerNote.patienceSeconds) seconds."
        case .answer: "Something answers, but not as a node does."
        case .directory: "The directory here has no keys of it that hold today: take over the newest one."
        }
    }

    private static func peer(_ peer: OperationsNote.Peer) -> [String: any Sendable] {
        let note = peer.note
        let values: ConsoleValues = [
            "name": note.name, "organisation": note.organisation, "roles": note.roles.joined(separator: ", "),
            "endpoint": note.endpoint, "synthetic": note.isSynthetic ? "made-up people" : nil,
            "from": note.cardFrom.map(ConsoleWords.day), "until": note.cardUntil.map(ConsoleWords.day),
            "certificate": note.certificateUntil.map(ConsoleWords.day),
            "soon": note.daysLeft.flatMap { $0 < soon ? left($0) : nil },
            "isReached": note.isReached == true, "isMissed": note.isReached == false,
            "isUnknown": note.isReached == nil, "latency": note.latency.map { latency($0, note) },
            "fault": note.fault.map(fault), "checked": note.checkedAt.map(ConsoleWords.time),
            "missed": note.unseenSince.map {
                "not since \(ConsoleWords.time($0)); "
                    + (note.seenAt.map { "last reached \(ConsoleWords.time($0))" } ?? "never reached yet")
            },
            "asked": peer.lastAsked.map(ConsoleWords.time) ?? "never",
            "waiting": peer.noticesWaiting == 0
                ? nil : "\(ConsoleWords.count(peer.noticesWaiting, "notice")) not delivered yet",
        ]
        return values.members
    }
}
