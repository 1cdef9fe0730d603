internal import ArgumentParser
internal import Core
internal import Foundation
internal import Node
internal import Policy

extension PolicyCommands {
    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "explain",
            abstract: "Why a request is permitted or refused, and what would have to change.",
            discussion: """
                A request is a file with 'agreement' and 'request' as a file of cases has them (and 'changes': what a \
                case has under 'agreement'); '-' is standard input. Or it is composed of options, under an agreement \
                that the home knows. The policies are the home's, those of --policies, or the shipped ones. Nothing is \
                asked and nothing is logged.

                Ends with 0 if it is permitted, 3 if it is refused, 2 if it cannot be read.
                """,
            examples: [
                "concordat policy explain request.yaml",
                "concordat policy explain Policies/planning.cases.yaml --case 'research is not planning'",
                "concordat policy explain --home RJ1 --agreement diabetes --action link --columns patient.sex",
            ])

        @Argument(help: "The request, as YAML.") var request: String?
        @Option(name: .customLong("case"), help: "Name of the case, where the file is one of cases.")
        var caseName: String?
        @Option(help: "The node's home: its policies and agreements.") var home: String?
        @Option(help: "Folder of policies, instead of the home's.", completion: .directory) var policies:
            String?
        @Option(help: "Name of an agreement of the home.") var agreement: String?
        @Option(help: "aggregate, link, extract or readRecord.") var action = "aggregate"
        @Option(help: "Purpose, if it is more specific than the agreement's.") var purpose: String?
        @Option(help: "Columns with commas between, as dataset.column.") var columns = ""
        @Option(help: "Codelists with commas between, as codelist.name.") var codelists = ""
        @Option(help: "ODS code of who asks; the agreement's requester if left out.") var requester: String?
        @Option(help: "ODS code of who is asked; the home's own organisation if left out.")
        var controller: String?
        @Option(name: [.customLong("role"), .customLong("user")], help: "The role of the person who asks.")
        var role = "analyst"
        @OptionGroup var output: ToolFormatOption

        func validate() throws {
            if (request == nil) == (agreement == nil) {
                throw ValidationError("give a file with the request, or --home and --agreement")
            }
            if agreement != nil, home == nil {
                throw ValidationError("--agreement names an agreement of a node: give its --home")
            }
        }

        func run() async throws {
            let facts = home == nil ? nil : try await PolicyFolder.facts(HomeOption.at(home ?? ""))
            let files =
                try facts.flatMap { policies == nil ? $0.files : nil }
                ?? PolicyFolder.files(policies, home: nil)
            let explanation = try ToolFault.unreadable {
                let engine = try PolicyEngine(files: files)
                let others = try facts?.agreements() ?? []
                let asked = try asked(facts, others)
                return (asked, PolicyExplanation(asked, engine, files: files, others: others))
            }
            switch output.format {
            case .json: Terminal.print(try ScriptJSON.encode(explanation.1))
            case .table: Terminal.print(ExplanationText.text(explanation.1, of: explanation.0))
            }
            if !explanation.1.decision.isPermit { throw ExitStatus.refused }
        }

        private func asked(_ facts: PolicyFacts?, _ agreements: [AgreementRecord]) throws -> AccessRequest {
            if let request {
                let text = request == "-" ? Self.standardInput() : try InputFile.read(request)
                let name = request == "-" ? "standard input" : URL(filePath: request).lastPathComponent
                return try ExplainedRequest.read(text, file: name, case: caseName)
            }
            guard let facts else { throw ValidationError("give --home") }
            let record = agreements.first { $0.agreement.id == agreement }
            guard let action = AccessAction(rawValue: action) else {
                throw ValidationError("'\(action)' is no action: aggregate, link, extract or readRecord")
            }
            guard let role = UserRole(rawValue: role) else {
                let known = UserRole.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("'\(self.role)' is no role: \(known)")
            }
            return ExplainedRequest.compose(
                requester: try requester.map { try Self.organisation($0) } ?? record?.agreement.requester
                    ?? facts.organisation,
                controller: try controller.map { try Self.organisation($0) } ?? facts.organisation,
                roles: [role], action: action, agreement: record,
                purpose: try purpose.map { name in
                    guard let purpose = Purpose(name) else {
                        throw ValidationError("'\(name)' cannot be a purpose: see purposes.yaml")
                    }
                    return purpose
                }, columns: Self.items(columns), codelists: Self.items(codelists),
                isSynthetic: facts.isSynthetic, day: PolicyFolder.today)
        }

        private static func organisation(_ text: String) throws -> OrganisationCode {
            guard let code = OrganisationCode(text) else {
                throw ValidationError("'\(text)' is no ODS code")
            }
            return code
        }

        private static func items(_ text: String) -> Set<String> {
            Set(text.split(separator: ",").map { $0.filter { !$0.isWhitespace } })
        }

        private static func standardInput() -> String {
            String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
        }
    }
}

extension HomeOption {
    /// The home at a path, where it was not given as an option group.
    static func at(_ path: String) throws -> HomeOption { try HomeOption.parse(["--home", path]) }
}
