import Audit
import Catalog
import Core
import Foundation
import GRDB
import Logging
import Store
import TestSupport
import Testing
import Warehouse

@testable import Node

/// A temporary directory that is removed when the body has ended.
func withTemporaryDirectory<T>(_ body: (String) async throws -> T) async throws -> T {
    let path = FileManager.default.temporaryDirectory.appending(path: "concordat-node-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: path) }
    return try await body(path.path(percentEncoded: false))
}

/// The engines that a controller's warehouse can stand in, each opened for real.
enum WarehouseKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case duckdb
    case postgresql

    var testDescription: String { rawValue }

    /// The setting in the home; PostgreSQL's real address is given to the engine by the test.
    var setting: String { self == .duckdb ? "duckdb" : "postgresql://given-by-the-test" }

    /// What opens the engine of a home; a PostgreSQL home gets a new database of the suite's server.
    func opener() async throws -> @Sendable (Home) async throws -> any Engine {
        guard self == .postgresql else {
            return { home in
                var settings = DuckDBSettings()
                settings.threads = 1
                let engine = try await DuckDBEngine(path: home.layout.warehousePath, settings: settings)
                try await engine.lockDown()
                return engine
            }
        }
        let cluster = try TestFailure.unwrap(PostgreSQLCluster.current, "the suite lacks .postgreSQLCluster")
        let name = "n" + UUID().uuidString.lowercased().replacing("-", with: "")
        let address = try await cluster.makeDatabase(name)
        return { _ in PostgreSQLEngine(connectionString: address) }
    }
}

/// Why a fixture could not be made.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    static func unwrap<T>(_ value: T?, _ words: String) throws -> T {
        guard let value else { throw TestFailure(description: words) }
        return value
    }
}

/// Makes homes in this process.
enum NodeHome {
    /// The repository: `Schemas/` and `Policies/` are read from it.
    static let shared = SharedFiles(
        root: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false))

    /// What is shipped.
    static func catalog() throws -> Catalog { try Catalog.load(from: shared.schemas) }

    typealias Opener = @Sendable () async throws -> NodeContext

    /// Makes a new home with its keys.
    /// - Returns: what opens it; the one before must be closed and let go of.
    static func make(
        at root: String, _ organisation: OrganisationCode, roles: [NodeRole], synthetic: Bool = true,
        warehouse: WarehouseKind = .duckdb, hasSnapshots: Bool = false,
        unknownUnits: UnknownUnits = .quarantine, requesterBudget: Int? = nil
    ) async throws -> Opener {
        var configuration = NodeConfiguration(
            organisation: organisation, name: "Organisation \(organisation)", roles: roles,
            warehouse: warehouse.setting, isSynthetic: synthetic)
        configuration.memoryLimitMegabytes = 512
        configuration.warehouseSnapshot = hasSnapshots
        configuration.unknownUnits = unknownUnits
        if let requesterBudget { configuration.requesterBudget = requesterBudget }
        // Only a controller opens an engine.
        let engine = try await (roles.contains(.controller) ? warehouse : .duckdb).opener()
        let open: @Sendable (Home) async throws -> NodeContext = { home in
            try await NodeContext(home: home, shared: shared, log: logger, engine: engine)
        }
        _ = try await HomeMaker.make(at: root, configuration: configuration, open: open)
        return { try await open(try Home.open(at: root, environment: [:])) }
    }

    /// Gives a home policies of its own: the shipped ones and one file more.
    static func addPolicies(_ text: String, to home: String) throws {
        let own = home + "/policies"
        try FileManager.default.copyItem(atPath: shared.root + "/Policies", toPath: own)
        try text.write(toFile: own + "/tests.cedar", atomically: true, encoding: .utf8)
    }

    /// A new home, opened for the body and closed however it ends.
    static func with(
        _ organisation: OrganisationCode, at root: String, synthetic: Bool = true,
        warehouse: WarehouseKind = .duckdb, unknownUnits: UnknownUnits = .quarantine,
        _ body: (NodeContext) async throws -> Void
    ) async throws {
        let node = try await make(
            at: root, organisation, roles: [.controller], synthetic: synthetic, warehouse: warehouse,
            unknownUnits: unknownUnits)()
        do {
            try await body(node)
        } catch {
            await node.close()
            throw error
        }
        await node.close()
    }

    private static var logger: Logger {
        var logger = Logger(label: "node-tests") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        return logger
    }
}

extension NodeContext {
    /// Every record of the log, oldest first.
    func records() throws -> [AuditRecord] {
        try store.read { db in
            try String.fetchAll(
                db, sql: "SELECT record FROM audit_record WHERE record IS NOT NULL ORDER BY position")
        }.map { try JSON.decode(AuditRecord.self, from: Array($0.utf8)) }
    }

    /// Runs a command as a person at this node would.
    /// - Returns: the document or the sentence that it replies.
    @discardableResult
    func run(_ command: NodeCommand) async throws -> String {
        switch await CommandRunner(context: self, isServing: false).run(command, progress: { _, _, _, _ in })
        {
        case .document(let text), .done(let text): return text
        case .failed(let text): throw TestFailure(description: text)
        case .fault(let fault): throw fault
        default: return ""
        }
    }

    /// Takes files or folders in.
    func ingest(_ paths: [String]) async throws -> IngestReport {
        try await ControllerAdministration(context: self).ingest(paths) { _, _, _, _ in }
    }

    /// What the warehouse holds, read as it is.
    func rows(_ sql: String) async throws -> [[Value]] {
        let warehouse = try TestFailure.unwrap(warehouse, "not a controller")
        return try await warehouse.engine.withSession { try await $0.query(sql) }.rows
    }
}
