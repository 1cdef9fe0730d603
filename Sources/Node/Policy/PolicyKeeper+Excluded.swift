internal import Policy

extension PolicyKeeper {
    /// The codelists that the policies in force leave out somewhere; none where no policies are in force, and so
    /// nothing is permitted.
    var excludedCodelists: Set<String> { (try? current())?.engine.excludedCodelists ?? [] }
}
