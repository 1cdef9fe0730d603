/// A node's home: the directory with everything that is the node's own.
package struct Home: Sendable {
    package let layout: HomeLayout
    package let configuration: NodeConfiguration

    /// Makes a new home: its directories and its configuration file. Keys, stores and log are made by those
    /// who own them (``KeyVault/create(_:environment:)`` and so on).
    ///
    /// - Throws: ``StoreError/Code/homeNotEmpty`` unless the directory is absent or empty.
    package static func create(at root: String, configuration: NodeConfiguration) throws -> Home {
        let layout = HomeLayout(root: root)
        try configuration.validate()
        if PrivateFile.exists(layout.root), try !PrivateFile.names(in: layout.root).isEmpty {
            throw StoreError(
                .homeNotEmpty,
                "\(layout.root) is not empty: name a new or empty directory for the home, or remove this one."
            )
        }
        try PrivateFile.makeDirectories(layout.root)
        for directory in layout.directories.dropFirst() { try PrivateFile.makeDirectory(directory) }
        try PrivateFile.restrict(layout.root)
        try PrivateFile.write(configuration.yaml.utf8, to: layout.configurationPath)
        return Home(layout: layout, configuration: configuration)
    }

    /// Opens an existing home and reads its settings; takes no lock (see ``HomeLock``).
    ///
    /// - Parameter environment: where `CONCORDAT_*` overrides come from; the process's own unless given.
    package static func open(
        at root: String, environment: [String: String] = ProcessEnvironment.current
    ) throws -> Home {
        let layout = HomeLayout(root: root)
        guard let content = try PrivateFile.read(layout.configurationPath) else {
            throw StoreError(
                .notAHome,
                "\(layout.root) is not a node's home (it has no concordat.yaml): make one with "
                    + "'concordat init --home \(layout.root) …'.")
        }
        let configuration = try NodeConfiguration(
            yaml: content, named: layout.configurationPath, environment: environment)
        return Home(layout: layout, configuration: configuration)
    }
}
