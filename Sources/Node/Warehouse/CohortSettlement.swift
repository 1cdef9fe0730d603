internal import Core
internal import Disclosure
internal import Foundation
internal import Logging
internal import Store
internal import Synchronization
internal import Warehouse

/// Finds who was counted in each release while the publication it was made from is still there.
///
/// Runs beside questions and after the next publication is in force. What fails is reported, keeps its
/// publication from being dropped, and is tried again at the next publication.
struct CohortSettlement: Sendable {
    /// What a settlement came to.
    struct Outcome: Sendable {
        var settled = 0
        var lost = 0
        /// In all sets together.
        var people = 0
        /// Of the sets before they were sealed.
        var bytes = 0
        /// Publications that still have cohorts to settle.
        var unsettled: Set<Int> = []
    }

    let context: NodeContext

    /// Settles the releases of every publication up to `last`, or of all.
    func settle(upTo last: Int = .max) async throws -> Outcome {
        guard let warehouse = context.warehouse else { return Outcome() }
        let cohorts = context.ledger.cohorts
        var outcome = Outcome()
        let waiting = try await cohorts.waiting().filter { (Int($0.snapshot) ?? 0) <= last }
        guard !waiting.isEmpty else { return outcome }
        let there = try await warehouse.publications()
        for cohort in waiting {
            guard let id = Int(cohort.snapshot), there.contains(id) else {
                try await cohorts.lose(cohort)
                outcome.lost += 1
                continue
            }
            do {
                let people = try await people(of: cohort, warehouse)
                let isExact = cohort.tables.allSatisfy { (context.referenceDigest($0.key) ?? "") == $0.value }
                try await cohorts.settle(cohort, people, isExact: isExact)
                outcome.settled += 1
                outcome.people += people.count
                outcome.bytes += people.bytes.count
            } catch {
                outcome.unsettled.insert(id)
                context.log.error(
                    "who was counted in a release could not be settled; its publication is kept",
                    metadata: ["snapshot": "\(id)", "error": "\(type(of: error))"])
            }
        }
        if outcome.lost > 0 {
            context.log.warning(
                "releases of publications that are gone: who was counted in them cannot be told",
                metadata: ["releases": "\(outcome.lost)"])
        }
        return outcome
    }

    /// Settles the releases of publications that are to go.
    /// - Returns: those that may not go yet: nothing that fails here undoes the publication that is in force.
    func settleBeforeDropping(upTo last: Int) async -> Set<Int> {
        do {
            return try await settle(upTo: last).unsettled
        } catch {
            context.log.error(
                "who was counted could not be settled; no publication is dropped",
                metadata: ["error": "\(type(of: error))"])
            return Set(0...max(0, last))
        }
    }

    private func people(
        of cohort: ReleaseCohorts.Open, _ warehouse: SiteWarehouse
    ) async throws -> PersonSet {
        let found = FoundPeople()
        // As long as a question may take: it was one.
        try await Deadline.run(.seconds(context.configuration.queryTimeoutSeconds)) {
            let engine = try await warehouse.questions(about: Int(cohort.snapshot) ?? 0)
            try await engine.withSession { session in
                try await session.stream(cohort.statement, parameters: []) { try found.add($0) }
            }
        }
        return PersonSet(found.numbers)
    }

    /// What the status of the node says.
    func warnings() async throws -> [String] {
        guard context.warehouse != nil, let current = try context.publications.current() else { return [] }
        // Those of the last two publications wait for the next one.
        let late = try await context.ledger.cohorts.waiting().count {
            (Int($0.snapshot) ?? 0) < current.id - 1
        }
        return late == 0
            ? []
            : [
                "who was counted could not be settled for \(late) questions: see the log; "
                    + "'concordat publish' tries again, and their publications are kept until then"
            ]
    }
}

/// Gathers a column of numbers from batches, on the session's thread.
private final class FoundPeople: Sendable {
    private let state = Mutex<[UInt32]>([])

    var numbers: [UInt32] { state.withLock { $0 } }

    func add(_ batch: Table) throws {
        guard let column = batch.columns.first else { return }
        guard batch.rowCount > 0 else { return }
        guard case .int64(let numbers) = column.vector.storage, column.vector.nulls?.contains(true) != true,
            numbers.allSatisfy({ (0...Int64(UInt32.max)).contains($0) })
        else { throw SQLFault(.internalError, "a person of a cohort has no number") }
        state.withLock { state in
            for number in numbers { state.append(UInt32(truncatingIfNeeded: number)) }
        }
    }
}

extension SiteWarehouse {
    /// The publications that the engine holds.
    func publications() async throws -> Set<Int> {
        let prefix = SiteSchema.snapshotPrefix
        let names = try await engine.withSession { session in
            try await session.query("SELECT schema_name FROM information_schema.schemata")
        }
        return Set(
            (0..<names.rowCount).compactMap { row in
                let name = names.row(row)[0].text
                return name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
            })
    }
}
