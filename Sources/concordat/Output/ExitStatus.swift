internal import ArgumentParser

/// The exit codes that scripts rely on.
enum ExitStatus {
    /// Something went wrong that is no refusal.
    static let failure = ExitCode(1)
    /// Bad usage, or a statement that is not supported.
    static let unsupported = ExitCode(2)
    /// Refused by policy at every site that was asked.
    static let refused = ExitCode(3)
    /// Answered, but a site that was asked is missing.
    static let partial = ExitCode(4)
}
