internal import ArgumentParser
internal import Core
internal import Node
internal import Policy

extension PolicyCommands {
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff", abstract: "What a change of policies would change, over generated requests.",
            discussion: """
                Both folders decide the same requests, made of all that either mentions: for every permit a request that \
                it allows, and what differs from that in one or two facts. What becomes wider is printed first. That \
                nothing changed means: for none of these requests.

                Ends with 1 if anything becomes wider, with 0 if not, with 2 if a folder cannot be read.
                """, examples: ["concordat policy diff Policies policies"])

        @Argument(help: "Folder of policies as they are.", completion: .directory) var old: String
        @Argument(help: "Folder of policies as they would be.", completion: .directory) var new: String
        @Option(help: "The most changes of each kind that are printed.") var limit = 5
        @Option(help: "The most requests that are made.") var requests = RequestSpace.usualBound
        @OptionGroup var output: ToolFormatOption

        func validate() throws {
            if limit < 0 { throw ValidationError("--limit must not be negative") }
            if !(1...1_000_000).contains(requests) {
                throw ValidationError("--requests is a number from 1 to 1000000")
            }
        }

        private struct Document: Encodable {
            struct Group: Encodable {
                let kind: String
                let count: Int
                let dropped: [String]
                let added: [String]
                /// The first request of the group, in words and as it was decided.
                let request: String
                let old: Decision
                let new: Decision
            }

            let requests: Int
            let possible: Int
            let wider: Bool
            let counts: [String: Int]
            let changes: [Group]
        }

        func run() async throws {
            let diff = try ToolFault.unreadable {
                try PolicyDiff(old: try engine(old), new: try engine(new), bound: requests)
            }
            switch output.format {
            case .json: Terminal.print(try ScriptJSON.encode(document(diff)))
            case .table: show(diff)
            }
            if diff.isWider { throw ExitStatus.failure }
        }

        private func engine(_ directory: String) throws -> PolicyEngine {
            try PolicyEngine(files: PolicyFolder.files(directory, home: nil))
        }

        private func document(_ diff: PolicyDiff) -> Document {
            var counts: [String: Int] = [:]
            for kind in PolicyDiff.Kind.allCases {
                counts[kind.rawValue] = diff.changes.count { $0.kind == kind }
            }
            let groups = PolicyDiff.Kind.allCases.flatMap { diff.groups($0).prefix(limit) }
            return Document(
                requests: diff.requests, possible: diff.possible, wider: diff.isWider, counts: counts,
                changes: groups.map { group in
                    .init(
                        kind: group.first.kind.rawValue, count: group.count, dropped: group.dropped,
                        added: group.added, request: RequestText.line(group.first.request),
                        old: group.first.old, new: group.first.new)
                })
        }

        private func show(_ diff: PolicyDiff) {
            for kind in PolicyDiff.Kind.allCases {
                let groups = diff.groups(kind)
                guard !groups.isEmpty else { continue }
                Terminal.print("\(Self.title(kind)): \(diff.changes.count { $0.kind == kind })")
                for group in groups.prefix(limit) { Terminal.print(Self.text(group)) }
                if groups.count > limit {
                    Terminal.print("  \(groups.count - limit) more kinds of change: --limit shows more")
                }
                Terminal.print("")
            }
            let all =
                diff.possible > diff.requests
                ? " (of \(diff.possible); --requests for more)" : ""
            Terminal.print(
                "\(diff.changes.count) of \(diff.requests) generated requests\(all) change; "
                    + (diff.isWider ? Paint.bad("some are wider") : Paint.good("none is wider")))
        }

        /// What became of the requests of a group, and one of them as an example.
        private static func text(_ group: PolicyDiff.Group) -> String {
            let (old, new) = (group.first.old, group.first.new)
            var lines = ["  \(group.count)\u{00D7}  \(outcome(old)) -> \(outcome(new))"]
            lines += group.dropped.map { "      \(Paint.bad("-")) \($0)" }
            lines += group.added.map { "      \(Paint.good("+")) \($0)" }
            lines.append("      \(Paint.faint("e.g. \(RequestText.line(group.first.request))"))")
            return lines.joined(separator: "\n")
        }

        private static func outcome(_ decision: Decision) -> String {
            let by = decision.determining.isEmpty ? "" : " by \(decision.determining.joined(separator: ", "))"
            return (decision.isPermit ? "permitted" : "refused") + by
        }

        private static func title(_ kind: PolicyDiff.Kind) -> String {
            switch kind {
            case .nowPermitted: Paint.bad("WIDER: now permitted")
            case .fewerConditions: Paint.bad("WIDER: permitted under fewer or other conditions")
            case .moreConditions: Paint.good("Narrower: permitted under more conditions")
            case .nowRefused: Paint.good("Narrower: now refused")
            case .otherPolicies: "The same answer from other policies"
            }
        }
    }
}
