internal import ArgumentParser
internal import Core
internal import Foundation

/// The person whom a command is about.
struct PersonOption: ParsableArguments {
    @Option(
        help: """
            The person's NHS number; '-' reads it from standard input, so that it is in no history and no list \
            of processes.
            """)
    var nhsNumber: String

    /// - Throws: a usage fault that does not say the number.
    func number() throws -> String {
        let given = nhsNumber == "-" ? readLine() ?? "" : nhsNumber
        let text = given.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let number = NHSNumber(text) else {
            throw ValidationError(
                "that is not an NHS number: ten digits of which the last checks the others (modulus 11)")
        }
        return number.digits
    }
}
