internal import Foundation
internal import Logging
internal import Node
internal import Server
internal import Store
internal import Warehouse

/// Ties concrete engines to a node: the only place that knows both.
enum Wiring {
    /// What the embedded engine needs to take in records, in MB. It keeps what it has written in memory as long as it
    /// may: a load has no use for that.
    private static let loadingMemory = 384

    @Sendable static func open(_ home: Home) async throws -> NodeContext {
        try await open(home, memory: home.configuration.memoryLimitMegabytes)
    }

    /// Opens a home for a load by this process alone, which takes the same memory whatever the size of the input.
    @Sendable static func openForLoading(_ home: Home) async throws -> NodeContext {
        try await open(home, memory: min(loadingMemory, home.configuration.memoryLimitMegabytes))
    }

    private static func open(
        _ home: Home, memory: Int, patience: HomeLock.Patience = .init()
    ) async throws -> NodeContext {
        try await NodeContext(
            home: home, shared: try SharedFiles.find(), log: logger(home), command: command,
            patience: patience
        ) { home in
            try await engine(home, memory: memory)
        }
    }

    /// What this process does, for others who want the home: the command's name and nothing that stands behind it.
    private static var command: String {
        let name = CommandLine.arguments.dropFirst().first ?? ""
        return name.allSatisfy { $0.isASCII && ($0.isLowercase || $0 == "-") } ? name : ""
    }

    private static func engine(_ home: Home, memory: Int) async throws -> any Engine {
        let configuration = home.configuration
        guard configuration.warehouse == "duckdb" else {
            return PostgreSQLEngine(connectionString: configuration.warehouse)
        }
        var settings = DuckDBSettings()
        settings.memoryLimitMegabytes = memory
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

    /// - Parameter seconds: how long another command on the home is given to end.
    static func serve(_ root: String, waiting seconds: Int) async throws {
        let home = try Home.open(at: root)
        let patience = HomeLock.Patience(longest: .seconds(seconds)) { holder in
            Terminal.error(
                "concordat: waiting for \(holder.words), which has the home \(home.layout.root); \(seconds) s at most"
            )
        }
        let context = try await open(
            home, memory: home.configuration.memoryLimitMegabytes, patience: patience)
        try await NodeService(context: context).run()
    }
}
