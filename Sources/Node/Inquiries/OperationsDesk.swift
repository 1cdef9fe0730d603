internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import NIOSSL
internal import Store

/// Gathers how the node runs.
struct OperationsDesk: Sendable {
    let context: NodeContext

    /// Loads that are shown.
    private static let mostLoads = 30

    func note() async throws -> OperationsNote {
        let peers = try await peers()
        return OperationsNote(
            loads: try context.loads.recent(Self.mostLoads).map { load in
                OperationsNote.Load(
                    source: load.load.source, controller: load.controller,
                    startedAt: Clock.text(load.load.startedAt), endedAt: load.load.endedAt.map(Clock.text),
                    outcome: load.load.outcome?.rawValue, records: load.records, setAside: load.setAside)
            }, dated: dated(), log: try await log(), peers: peers.list, isLooking: peers.isLooking,
            activity: try await activity())
    }

    // MARK: What ends on a day

    private func dated() -> [OperationsNote.Dated] {
        let keys = context.keys.publicKeys
        var list = [
            dated(
                "Keys and certificate for other nodes, generation \(keys.generation)",
                from: keys.validFrom.milliseconds, until: keys.validUntil.milliseconds,
                "make a new node key, and have a steward put it into the directory before then")
        ]
        if let directory = context.directory.current {
            list.append(
                dated(
                    "Directory of the federation, version \(directory.version)",
                    from: directory.issuedAt.milliseconds, until: directory.expiresAt.milliseconds,
                    "ask a steward for the next one: concordat federation join"))
        }
        let doors: [(String, DoorCertificate?)] = [
            (
                "Certificate for this console and the HTTP API",
                try? context.configuration.web.map(context.webCertificate)
            ),
            ("Certificate for SQL clients", try? context.configuration.sql.map(context.sqlCertificate)),
        ]
        for (what, certificate) in doors {
            guard let certificate, let until = Self.end(of: certificate) else { continue }
            list.append(
                dated(
                    what, from: nil, until: until,
                    certificate.isPEM
                        ? "put the new certificate into its file and restart the node"
                        : "restart the node in its last month: it makes a new one"))
        }
        return list.sorted { $0.until < $1.until }
    }

    private func dated(_ what: String, from: Int64?, until: Int64, _ remedy: String) -> OperationsNote.Dated {
        OperationsNote.Dated(
            what: what, from: from.map(Clock.text), until: Clock.text(until), daysLeft: Clock.daysLeft(until),
            remedy: remedy)
    }

    private static func end(of certificate: DoorCertificate) -> Int64? {
        let chain = try? NIOSSLCertificate.fromPEMBytes(certificate.certificates)
        return chain?.first.map { Int64($0.notValidAfter) * 1000 }
    }

    // MARK: The log

    private func log() async throws -> OperationsNote.Log {
        let origin = NodeContext.origin(context.organisation)
        let path = context.home.layout.logDirectory + "/checkpoint"
        let note =
            FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let signed = try? Checkpoint(parsing: note)
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let signedAt = (attributes?[.modificationDate] as? Date).map {
            Int64($0.timeIntervalSince1970 * 1000)
        }
        // Signature lines of a note (C2SP signed-note): "— NAME SIGNATURE".
        let signers = note.split(separator: "\n").filter { $0.hasPrefix("\u{2014} ") }
            .compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
        return OperationsNote.Log(
            origin: origin, entries: await context.audit.size, signedEntries: signed?.size ?? 0,
            signedAt: signedAt.map(Clock.text), cosigners: signers.filter { $0 != origin },
            witnesses: (context.directory.current?.members ?? []).filter { $0.roles.contains(.witness) }
                .map(\.organisation.text).sorted())
    }

    // MARK: Others

    private func peers() async throws -> (list: [OperationsNote.Peer], isLooking: Bool) {
        let asked = try await context.asked.lastAsked()
        let waiting = try await context.notices.undelivered().values.flatMap { $0 }
        let (notes, isLooking) = try await context.peerNotes()
        let list = notes.filter { $0.organisation != context.organisation.text }.map { note in
            OperationsNote.Peer(
                note: note, lastAsked: asked[note.organisation].map(Clock.text),
                noticesWaiting: waiting.count { $0.text == note.organisation })
        }
        return (list, isLooking)
    }

    // MARK: Now

    private func activity() async throws -> OperationsNote.Activity {
        let gate = await context.gate.state
        let home = context.home.layout.root
        let counts = try await context.asked.counts(since: Clock.now - 86_400_000)
        let disk = try? FileManager.default.attributesOfFileSystem(forPath: home)
        let process = ProcessFigures()
        return OperationsNote.Activity(
            running: gate.inside, mostAtOnce: gate.width, queued: gate.waiting,
            askedToday: AskedQuestion.Outcome.allCases.map {
                OperationsNote.Count(name: $0.rawValue, count: counts[$0] ?? 0)
            }, memoryMegabytes: process.memoryMegabytes, loadAverage: process.loadAverage,
            cores: ProcessInfo.processInfo.activeProcessorCount,
            freeDiskMegabytes: (disk?[.systemFreeSize] as? NSNumber).map { $0.intValue >> 20 },
            homeMegabytes: ProcessFigures.megabytes(below: home), startedAt: process.startedAt.map(Clock.text)
        )
    }
}

/// What the operating system says of this process and its machine; nil where it does not (proc(5)).
struct ProcessFigures {
    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Resident: the second number of `statm`, in pages.
    var memoryMegabytes: Int? {
        Self.text("/proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
            .map { ($0 * Int(sysconf(Int32(_SC_PAGESIZE)))) >> 20 }
    }

    var loadAverage: Double? {
        Self.text("/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) }
    }

    /// Milliseconds since 1970: field 22 of `stat`, in ticks since the machine began (`btime`).
    var startedAt: Int64? {
        guard let stat = Self.text("/proc/self/stat"), let end = stat.lastIndex(of: ")"),
            let boot = Self.text("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }
            ),
            let began = Int64(boot.dropFirst("btime ".count))
        else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let ticks = Int64(fields[19]) else { return nil }
        return (began + ticks / Int64(sysconf(Int32(_SC_CLK_TCK)))) * 1000
    }

    /// Of all files below a folder.
    static func megabytes(below root: String) -> Int? {
        guard
            let files = FileManager.default.enumerator(
                at: URL(filePath: root), includingPropertiesForKeys: [.fileSizeKey])
        else { return nil }
        var bytes = 0
        for case let file as URL in files {
            bytes += (try? file.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0
        }
        return bytes >> 20
    }
}
