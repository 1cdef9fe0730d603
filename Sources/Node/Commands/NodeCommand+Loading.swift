extension NodeCommand {
    /// Whether the command takes records in: a process that runs nothing else needs the memory of a load, whatever the
    /// size of its input.
    package var loads: Bool {
        switch self {
        case .ingest, .ingestTables, .bulk, .quarantineRetry: true
        case .hosted(_, let command): command.loads
        default: false
        }
    }
}
