internal import ArgumentParser
internal import Foundation

@main
struct Concordat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "concordat",
        abstract: "The node of a health data federation: the question travels, the data stay.",
        discussion: """
            A trust's node keeps the trust's records where they are, decides for itself who may ask what, and \
            answers with sums over groups of people. An ICB's node turns SQL into questions for the trusts, \
            merges their answers and shows them with a receipt.

            See the whole of it on one machine:      concordat demo
            Ask your first question afterwards:      concordat query --home demo/QWE --agreement demo-planning \\
                                                       'SELECT sex, count(*) FROM patient GROUP BY sex'

            Exit codes: 0 answered, 1 failure, 2 usage or unsupported SQL, 3 refused by policy at every asked \
            site, 4 answered but a site that was asked is missing.
            """,
        version: "0.1.0",
        subcommands: [
            Initialise.self, FederationCommands.self, AgreementCommands.self, ReleaseCommands.self,
            OptOutCommands.self, ConsentCommands.self, ObjectionCommands.self, PersonCommands.self,
            Serve.self,
            Ingest.self, BulkCommands.self, QuarantineCommands.self, IdentityCommands.self,
            QualityCommand.self, Publish.self, RecordCommands.self,
            RelationshipCommands.self, AlertCommands.self, ReviewCommands.self, QueryCommand.self,
            ExplainCommand.self, SavedCommands.self, MeasureCommands.self, ReferenceCommands.self,
            CodelistCommands.self,
            UserCommands.self, TokenCommands.self, OpenIDCommands.self, AuditCommands.self,
            Status.self, PolicyCommands.self, ViewCommands.self,
            Synthesise.self, Demo.self,
        ])

    /// Usage faults end with 2, whatever the library's own code for them is.
    static func main() async {
        // Whatever file is made, it is this user's alone.
        umask(0o077)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            exit(withError: code)
        } catch {
            let isUsage = exitCode(for: error) == .validationFailure
            guard isUsage else { exit(withError: error) }
            Terminal.error(fullMessage(for: error))
            exit(withError: ExitStatus.unsupported)
        }
    }
}
