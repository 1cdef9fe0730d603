internal import ArgumentParser
internal import Catalog
internal import Core
internal import Node
internal import Policy

extension PolicyCommands {
    struct WhoCan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "who-can", abstract: "Who may do something with a dataset or a column.",
            discussion: """
                With --home: over the agreements that the node knows, each as it stands today. Without: over made-up \
                agreements in force, for every purpose and gateway, under the policies of --policies or the shipped \
                ones.

                Ends with 0; with 1 if nobody may, with 2 if something cannot be read.
                """,
            examples: [
                "concordat policy who-can aggregate patient.ethnic_category --home RJ1",
                "concordat policy who-can extract condition",
            ])

        @Argument(help: "aggregate, link, extract or readRecord.") var action: String
        @Argument(help: "DATASET or DATASET.COLUMN.") var subject: String
        @Option(help: "The node's home: its policies and agreements.") var home: String?
        @Option(help: "Folder of policies, instead of the home's.", completion: .directory) var policies:
            String?
        @OptionGroup var output: ToolFormatOption

        func run() async throws {
            let subject = try asked()
            let facts = home == nil ? nil : try await PolicyFolder.facts(HomeOption.at(home ?? ""))
            let files =
                try facts.flatMap { policies == nil ? $0.files : nil }
                ?? PolicyFolder.files(policies, home: nil)
            let who = try ToolFault.unreadable {
                let engine = try PolicyEngine(files: files)
                guard let facts else { return try Policy.WhoCan(subject, engine, on: PolicyFolder.today) }
                return Policy.WhoCan(
                    subject, engine, agreements: try facts.agreements(), controller: facts.organisation,
                    isSynthetic: facts.isSynthetic, on: PolicyFolder.today)
            }
            switch output.format {
            case .json: Terminal.print(try ScriptJSON.encode(who))
            case .table: show(who, subject)
            }
            if who.rows.isEmpty { throw ExitStatus.failure }
        }

        private static func roles(_ roles: [String]) -> String {
            roles.count == UserRole.allCases.count ? "in any role" : "as \(roles.joined(separator: ", "))"
        }

        private func asked() throws -> Policy.WhoCan.Subject {
            guard let action = AccessAction(rawValue: action), !action.isLocal else {
                throw ValidationError("'\(self.action)' is no action: aggregate, link, extract or readRecord")
            }
            let parts = subject.split(separator: ".", maxSplits: 1).map(String.init)
            let catalog = try ToolFault.unreadable { try Catalog.load(from: try SharedFiles.find().schemas) }
            guard let name = parts.first, let dataset = catalog.datasets[name] else {
                let known = catalog.datasets.keys.sorted().joined(separator: ", ")
                throw ValidationError("'\(parts.first ?? "")' is no dataset: \(known)")
            }
            let columns = dataset.columns.map(\.name)
            guard parts.count == 2 else {
                return .init(action: action, dataset: name, columns: columns.map { "\(name).\($0)" })
            }
            guard columns.contains(parts[1]) else {
                throw ValidationError(
                    "'\(parts[1])' is no column of \(name): \(columns.joined(separator: ", "))")
            }
            return .init(action: action, dataset: name, columns: [subject])
        }

        private func show(_ who: Policy.WhoCan, _ subject: Policy.WhoCan.Subject) {
            for row in who.rows {
                var lines: [(String, String)] = []
                func add(_ name: String, _ text: String) { if !text.isEmpty { lines.append((name, text)) } }
                let agreement = row.agreement.isEmpty ? "" : " under \(row.agreement)"
                Terminal.print(
                    Paint.strong(
                        "\(row.requester == "any" ? "any organisation with an agreement" : row.requester)"
                            + agreement) + ", \(Self.roles(row.roles))")
                add("for", row.purposes.joined(separator: ", "))
                add("resting on", row.gateways.joined(separator: ", "))
                add("care", row.care)
                let isWhole = row.columns.count == subject.columns.count
                add("columns", isWhole ? "" : row.columns.joined(separator: ", "))
                add("until", row.until)
                add("conditions", row.conditions)
                add("by", row.policies.joined(separator: ", "))
                for (name, text) in lines {
                    Terminal.print(
                        "  \(name)\(String(repeating: " ", count: max(1, 12 - name.count)))\(text)")
                }
                Terminal.print("")
            }
            for refused in who.refused {
                Terminal.print("\(refused.requester) under \(refused.agreement): nobody; \(refused.reason)")
            }
            if who.rows.isEmpty { Terminal.print("Nobody may \(action) \(self.subject).") }
        }
    }
}
