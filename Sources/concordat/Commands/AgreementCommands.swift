internal import ArgumentParser
internal import Core
internal import Foundation
internal import Node

struct AgreementCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agreement",
        abstract: "Data sharing agreements: what a controller lets whom ask for what.",
        discussion: """
            An agreement goes round as one file: made by the requester, signed by it, countersigned by every \
            controller, imported by all (and by the linker).

              concordat agreement make        --home ICB --id diabetes --controller RJ1 … > agreement.json
              concordat agreement sign        --home ICB agreement.json > signed.json
              concordat agreement countersign --home RJ1 signed.json > countersigned.json
              concordat agreement import      --home RJ1 countersigned.json
            """,
        subcommands: [
            Make.self, Check.self, Rehearse.self, Sign.self, Countersign.self, Import.self, List.self,
            Show.self, Amend.self, Diff.self, Suspend.self, Resume.self, Revoke.self,
        ])

    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make", abstract: "Make a draft, from a YAML file or from options, and print it.",
            examples: [
                "concordat agreement make --home demo/QWE --id waits-2026 --controller RJ1 --dataset encounter > waits-2026.json"
            ])

        @OptionGroup var home: HomeOption
        @Option(help: "Name of the agreement.") var id: String?
        @Option(help: "What it is about, in a few words.") var title = "Data sharing agreement"
        @Option(help: "Version; a change is a new version.") var version = 1
        @Option(help: "ODS code of the requester; this node's own if left out.") var requester: String?
        @Option(help: "ODS code of a controller; may be repeated.") var controller: [String] = []
        @Option(help: "ODS code of the linker.") var linker: String?
        @Option(help: "Purpose, e.g. planning.") var purpose = "planning"
        @Option(help: "UK GDPR Article 6(1) letter.") var article6 = "e"
        @Option(help: "UK GDPR Article 9(2) letter.") var article9 = "h"
        @Option(help: "Confidentiality gateway, e.g. s251Reg5.") var gateway = "s251Reg5"
        @Option(help: "Reference of the Confidentiality Advisory Group, YY/CAG/NNNN.") var cag: String?
        @Option(help: "Reference of the data protection impact assessment; linking needs one.") var dpia:
            String?
        @Option(help: "Reference of the data sharing agreement on paper.") var dsa: String?
        @Option(help: "aggregate or link; may be repeated.") var action: [String] = []
        @Option(help: "DATASET or DATASET=COLUMN,COLUMN; may be repeated; all of them if left out.")
        var dataset: [String] = []
        @Option(help: "site (merged is not supported yet).") var releaseForm = "site"
        @Option(help: "Disclosure profile.") var profile = "concordat"
        @Option(help: "Opt-out scheme to honour; may be repeated.") var honour: [String] = []
        @Option(help: "The most questions that each controller answers.") var releaseCap: Int?
        @Option(help: "First day, YYYY-MM-DD; today if left out.") var validFrom: String?
        @Option(help: "Last day, YYYY-MM-DD; in a year if left out.") var validUntil: String?
        @Argument(help: "YAML file, instead of options.", completion: .file()) var file: String?

        func run() async throws {
            let yaml: String
            if let file {
                yaml = try InputFile.read(file)
            } else {
                yaml = try document()
            }
            try ReplyPrinter.print(try await home.run(.draftAgreement(yaml: yaml)), format: .table)
        }

        /// The options as the YAML that a person would write.
        private func document() throws -> String {
            guard let id else { throw ValidationError("give --id, or a YAML file") }
            guard !controller.isEmpty else { throw ValidationError("give at least one --controller") }
            let today = Day.text(.now)
            let year = Day.text(.now.addingTimeInterval(365 * 86_400))
            let owner = try requester ?? home.organisation()
            var lines = [
                "id: \(quote(id))", "version: \(version)", "title: \(quote(title))",
                "requester: \(quote(owner))",
                "controllers: \(list(controller))", "purpose: \(quote(purpose))", "legalContext:",
                "  article6: \(quote(article6))", "  article9: \(quote(article9))",
                "  gateway: \(quote(gateway))",
                "  references: {\(references)}", "actions: \(list(action.isEmpty ? ["aggregate"] : action))",
                "datasets:",
            ]
            lines += try datasets().map { "  \(quote($0.name)): \(list($0.columns))" }
            lines += [
                "releaseForm: \(quote(releaseForm))", "disclosureProfile: \(quote(profile))",
                "honour: \(list(honour))", "validFrom: \(quote(validFrom ?? today))",
                "validUntil: \(quote(validUntil ?? year))", "approvers: []",
            ]
            if let linker { lines.append("linker: \(quote(linker))") }
            if let releaseCap { lines.append("releaseCap: \(releaseCap)") }
            return lines.joined(separator: "\n") + "\n"
        }

        private func datasets() throws -> [(name: String, columns: [String])] {
            guard !dataset.isEmpty else {
                return try SharedFiles.find().datasetNames().map { ($0, ["*"]) }
            }
            return dataset.map { text in
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                return (parts[0], parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : ["*"])
            }
        }

        private var references: String {
            [("cag", cag), ("dpia", dpia), ("dsa", dsa)].compactMap { name, value in
                value.map { "\(name): \(quote($0))" }
            }.joined(separator: ", ")
        }

        /// In YAML's single quotes, where nothing but the quote itself is special, and is doubled (YAML 1.2.2, 7.3.2): as in
        /// SQL's.
        private func quote(_ text: String) -> String { SQLQuoting.literal(text) }

        private func list(_ items: [String]) -> String {
            "[" + items.map(quote).joined(separator: ", ") + "]"
        }
    }

    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sign", abstract: "Sign as the requester; prints the signed file.",
            examples: ["concordat agreement sign --home demo/QWE waits-2026.json > waits-2026.signed"])
        @OptionGroup var home: HomeOption
        @Argument(help: "The agreement.", completion: .file()) var file: String

        func run() async throws {
            let text = try InputFile.read(file)
            try ReplyPrinter.print(try await home.run(.signAgreement(document: text)), format: .table)
        }
    }

    struct Countersign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "countersign",
            abstract:
                "Sign as a controller; prints the signed file, with sealed linkage shares for the others.",
            examples: ["concordat agreement countersign --home demo/RJ1 waits-2026.signed > waits-2026.rj1"])
        @OptionGroup var home: HomeOption
        @Argument(help: "The agreement.", completion: .file()) var file: String

        func run() async throws {
            let text = try InputFile.read(file)
            try ReplyPrinter.print(try await home.run(.signAgreement(document: text)), format: .table)
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Take an agreement over; it is in force once every party has signed.",
            examples: ["concordat agreement import --home demo/QWE waits-2026.rj1"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The agreement.", completion: .file()) var file: String

        func run() async throws {
            let text = try InputFile.read(file)
            try ReplyPrinter.print(
                try await home.run(.importAgreement(document: text)), format: output.format)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List agreements with their state.",
            examples: ["concordat agreement list --home demo/RJ1"])
        @OptionGroup var home: HomeOption
        @OptionGroup var output: FormatOption

        func run() async throws {
            try ReplyPrinter.print(try await home.run(.listAgreements), format: output.format)
        }
    }
}

/// Calendar days as people write them.
private enum Day {
    static func text(_ date: Date) -> String { String(date.ISO8601Format().prefix(10)) }
}
