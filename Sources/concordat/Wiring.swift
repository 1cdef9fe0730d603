internal import Foundation
internal import Logging
internal import Node
internal import Server
internal import Store
internal import Warehouse

/// Ties concrete engines to a node: the only place that knows both.
enum Wiring {
    @Sendable static func open(_ home: Home) async throws -> NodeContext {
        try await NodeContext(home: home, shared: try SharedFiles.find(), log: logger(home)) { home in
            try await engine(home)
        }
    }

    private static func engine(_ home: Home) async throws -> any Engine {
        let configuration = home.configuration
        guard configuration.warehouse == "duckdb" else {
            return PostgreSQLEngine(connectionString: configuration.warehouse)
        }
        var settings = DuckDBSettings()
        settings.memoryLimitMegabytes = configuration.memoryLimitMegabytes
        if configuration.engineThreads > 0 { settings.threads = configuration.engineThreads }
        if !configuration.duckdbLibrary.isEmpty { settings.library = configuration.duckdbLibrary }
        let engine = try await DuckDBEngine(path: home.layout.warehousePath, settings: settings)
        try await engine.lockDown()
        return engine
    }

    /// Logs go to standard error, a line each; nothing of a person or a statement is ever logged.
    private static func logger(_ home: Home) -> Logger {
        var logger = Logger(label: "concordat") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: home.configuration.logLevel) ?? .info
        return logger
    }

    static func serve(_ root: String) async throws {
        let context = try await open(try Home.open(at: root))
        try await NodeService(context: context).run()
    }
}
