internal import Core
internal import Exchange
internal import Foundation
internal import Logging
internal import Policy
internal import Store
internal import Synchronization

/// The policies that one question is decided under, from its decision to its end.
struct PolicyInForce: Sendable {
    let engine: PolicyEngine
    let origin: PolicyOrigin
    let version: String
    let digest: Digest
    /// Milliseconds since 1970, UTC.
    let since: Int64
}

/// Hands out the policies in force, and changes them while the node runs: all or nothing.
///
/// A node goes by the newest bundle that its own organisation signed or, as long as it has had none, by a folder. What
/// cannot be taken over changes nothing: the last good policies stay in force, and `status` says so. Where
/// none are good, every question is refused; there is no fallback to anything that the controller did not choose.
///
/// INVARIANT: a set of policies is handed out only after it is kept in the control store.
final class PolicyKeeper: Sendable {
    private struct State {
        var inForce: PolicyInForce?
        var refusal: PolicyRefusal?
    }

    private let records: PolicyRecords
    let signature: BundleSignature
    /// Asked anew at every reading: a controller may give the home a folder of its own while the node runs.
    private let findFolder: @Sendable () -> URL
    private let findOrigin: @Sendable () -> PolicyOrigin
    /// Folders of the restricted codelists that this node goes by.
    private let restricted: [String]
    private let state: Mutex<State>

    /// Finds what is in force: see `start`.
    init(
        records: PolicyRecords, signature: BundleSignature,
        folder: @autoclosure @escaping @Sendable () -> URL,
        folderOrigin: @autoclosure @escaping @Sendable () -> PolicyOrigin,
        restricted: [String] = []
    ) throws {
        self.records = records
        self.signature = signature
        findFolder = folder
        findOrigin = folderOrigin
        self.restricted = restricted
        state = Mutex(State())
        try start()
    }

    private var folder: URL { findFolder() }
    private var folderOrigin: PolicyOrigin { findOrigin() }

    /// What decides now. Taken once a question: what is under way ends under the policies it began with.
    /// - Throws: `NodeError` where no policies are in force.
    func current() throws -> PolicyInForce {
        guard let inForce = state.withLock(\.inForce) else {
            throw NodeError(
                .policy,
                "no policies are in force here: see 'concordat policy status', then load a bundle or mend the folder"
            )
        }
        return inForce
    }

    /// The texts of what decides now.
    func filesInForce() throws -> PolicyFiles {
        let inForce = try current()
        guard let record = try records.all().first(where: { $0.digest == inForce.digest }) else {
            throw NodeError(.policy, "the texts of the policies in force are not kept: reload them")
        }
        return try files(of: record)
    }

    /// The codelists that the policies in force exclude; none without policies, for then nothing is answered.
    var excludedCodelists: Set<String> { state.withLock(\.inForce)?.engine.excludedCodelists ?? [] }

    /// What stands in `status`.
    var note: PolicyNote {
        let now = state.withLock { $0 }
        return PolicyNote(
            version: now.inForce?.version, digest: now.inForce?.digest.description,
            origin: now.inForce?.origin.rawValue, since: now.inForce.map { Clock.text($0.since) },
            refused: now.refusal.map {
                .init(version: $0.version, at: Clock.text($0.at), reason: $0.reason)
            })
    }

    /// The number that the next bundle takes if it is given none.
    func nextNumber() throws -> Int { (try records.all().compactMap(\.number).max() ?? 0) + 1 }

    /// Takes a signed bundle over. Questions under way end under the policies they began with.
    /// - Returns: what is in force then, and whether it was before.
    /// - Throws: `NodeError` with the remedy; what was in force stays.
    func load(_ text: String, at now: Int64) throws -> (policy: PolicyInForce, isNew: Bool) {
        var version = "unknown"
        do {
            let (bundle, document) = try signature.open(text, at: WireInstant(milliseconds: now))
            version = String(bundle.version)
            let history = try records.all()
            let digest = bundle.files.digest
            if let inForce = state.withLock(\.inForce), inForce.origin == .bundle,
                inForce.version == version, inForce.digest == digest
            {
                return (inForce, false)
            }
            if let newest = history.compactMap(\.number).max(), bundle.version <= newest {
                throw NodeError(.policy, PolicyRecords.tooOld(bundle.version, newest))
            }
            try PolicyTrial.checkRestricted(bundle.files, heldIn: restricted)
            let engine = try PolicyTrial.engine(bundle.files)
            let record = PolicyRecord(
                origin: .bundle, version: version, number: bundle.version, digest: digest,
                document: Data(try document.serialised()), loadedAt: now)
            return (try take(record, engine), true)
        } catch {
            throw try refused(version, error, at: now)
        }
    }

    /// Reads the folder again.
    /// - Returns: what is in force then, and whether it was before.
    /// - Throws: `NodeError`; what was in force stays.
    func reload(at now: Int64) throws -> (policy: PolicyInForce, isNew: Bool) {
        let history = try records.all()
        guard !history.contains(where: { $0.origin == .bundle }) else {
            throw NodeError(
                .policy,
                "this node goes by signed bundles, not by a folder: sign the folder, then load the bundle")
        }
        do {
            let files = try PolicyFiles(directory: folder)
            if let inForce = state.withLock(\.inForce), inForce.digest == files.digest {
                try records.forgetRefusal()
                state.withLock { $0.refusal = nil }
                return (inForce, false)
            }
            let engine = try PolicyTrial.engine(files)
            return (try take(try record(files, at: now), engine), true)
        } catch {
            throw try refused(folderOrigin.rawValue, error, at: now)
        }
    }

    /// Keeps it, then hands it out, unless something newer was taken over meanwhile.
    private func take(_ record: PolicyRecord, _ engine: PolicyEngine) throws -> PolicyInForce {
        try records.put(record)
        let new = PolicyInForce(
            engine: engine, origin: record.origin, version: record.version, digest: record.digest,
            since: record.loadedAt)
        return state.withLock {
            if let number = record.number, let other = $0.inForce, other.origin == .bundle,
                Int(other.version) ?? 0 > number
            {
                return other
            }
            $0 = State(inForce: new)
            return new
        }
    }

    /// Keeps that something was refused, and makes the error that says so.
    private func refused(_ version: String, _ error: any Error, at now: Int64) throws -> NodeError {
        let reason = (error as? NodeError)?.description ?? PolicyWords.of(error)
        try note(PolicyRefusal(version: version, reason: reason, at: now))
        let stays = state.withLock(\.inForce).map { "; version \($0.version) stays in force" }
        return NodeError(
            .policy,
            "the policies were not taken over: \(reason)\(stays ?? "; no policies are in force")")
    }

    private func note(_ refusal: PolicyRefusal) throws {
        try records.put(refusal)
        state.withLock { $0.refusal = refusal }
    }

    private func record(_ files: PolicyFiles, at now: Int64) throws -> PolicyRecord {
        PolicyRecord(
            origin: folderOrigin, version: "\(folderOrigin.rawValue)-\(files.digest.description.prefix(12))",
            number: nil, digest: files.digest, document: Data(try JSON.encode(files.texts)), loadedAt: now)
    }
}

// MARK: when the node starts

extension PolicyKeeper {
    /// The newest bundle that verifies and can be read; where there never was a bundle the folder, else the newest
    /// texts of that very folder that could be read. Nothing else: a controller's own folder that is broken does not
    /// bring the shipped policies back.
    func start() throws {
        let refusal = try records.refusal()
        state.withLock { $0 = State(refusal: refusal) }
        let history = try records.all()
        let bundles = history.filter { $0.origin == .bundle }
        if !bundles.isEmpty {
            try takeFirstGood(of: bundles)
        } else if try takeFolder(known: history) == nil {
            try takeFirstGood(of: history.filter { $0.origin == folderOrigin })
        }
    }

    /// - Returns: nil where the folder cannot be taken over.
    private func takeFolder(known history: [PolicyRecord]) throws -> PolicyInForce? {
        let now = Clock.now
        do {
            let files = try PolicyFiles(directory: folder)
            let engine = try PolicyEngine(files: files, profiles: .disclosure)
            guard let last = history.first, last.digest == files.digest, last.origin == folderOrigin else {
                return try take(try record(files, at: now), engine)
            }
            // As it was, or mended back to what it was: nothing is refused any more.
            try records.forgetRefusal()
            state.withLock {
                $0 = State(
                    inForce: PolicyInForce(
                        engine: engine, origin: last.origin, version: last.version, digest: last.digest,
                        since: last.loadedAt))
            }
            return state.withLock(\.inForce)
        } catch {
            _ = try refused(folderOrigin.rawValue, error, at: now)
            return nil
        }
    }

    /// What was in force before is verified and read again: a newer program may refuse what an older one took.
    private func takeFirstGood(of history: [PolicyRecord]) throws {
        for (place, record) in history.enumerated() {
            do {
                let engine = try PolicyEngine(
                    files: try files(of: record), profiles: .disclosure)
                state.withLock {
                    $0.inForce = PolicyInForce(
                        engine: engine, origin: record.origin, version: record.version, digest: record.digest,
                        since: record.loadedAt)
                }
                return
            } catch {
                guard place == 0 else { continue }
                try note(
                    PolicyRefusal(
                        version: record.version,
                        reason: (error as? NodeError)?.description ?? PolicyWords.of(error), at: Clock.now))
            }
        }
    }

    fileprivate func files(of record: PolicyRecord) throws -> PolicyFiles {
        guard record.origin == .bundle else {
            let texts = try JSON.decode([String: String].self, from: Array(record.document))
            return PolicyFiles(name: record.origin.rawValue, texts: texts)
        }
        return try signature.reopen(record.document).files
    }
}

/// What `status` says of the policies.
package struct PolicyNote: Codable, Hashable, Sendable {
    /// The last policies that were not taken over.
    package struct Refused: Codable, Hashable, Sendable {
        package let version: String
        package let at: String
        package let reason: String
    }

    /// Nil where none are in force: then every question is refused.
    package let version: String?
    package let digest: String?
    package let origin: String?
    package let since: String?
    package let refused: Refused?

    /// What a person should look after.
    package var warnings: [String] {
        guard let version else {
            let why = refused.map { ": version \($0.version) was refused: \($0.reason)" } ?? ""
            return ["NO POLICIES ARE IN FORCE, every question is refused\(why)"]
        }
        return refused.map {
            ["policies \($0.version) were refused: \($0.reason); \(version) stays in force"]
        } ?? []
    }
}
