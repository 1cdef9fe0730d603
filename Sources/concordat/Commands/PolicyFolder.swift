internal import ArgumentParser
internal import Catalog
internal import Core
internal import Disclosure
internal import Foundation
internal import Node
internal import Policy
internal import Store

/// Which policies a tool works on: a folder, those in a home's own folder, or the shipped ones.
enum PolicyFolder {
    static func files(_ directory: String?, home: String?) throws -> PolicyFiles {
        try ToolFault.unreadable {
            if let directory { return try PolicyFiles(directory: URL(filePath: directory)) }
            let shared = try SharedFiles.find()
            guard let home else {
                return try PolicyFiles(directory: URL(filePath: shared.root + "/Policies"))
            }
            return try PolicyFiles(directory: shared.policies(try Home.open(at: home)))
        }
    }

    /// Names that policies may use: of the shared files, and of a home's own ones.
    static func names() throws -> PolicyCheck.Names {
        try ToolFault.unreadable {
            let catalog = try Catalog.load(from: try SharedFiles.find().schemas)
            return PolicyCheck.Names(
                profiles: Set([DisclosureProfile.concordat, .hes2018, .none].map(\.name)),
                codelists: Set(catalog.codelists.keys.map { "codelist.\($0)" }),
                datasets: catalog.datasets.mapValues { Set($0.columns.map(\.name)) })
        }
    }

    static var today: CivilDate {
        CivilDate(days: Int((Date().timeIntervalSince1970 / 86_400).rounded(.down)))
    }

    /// What a node decides by, whether it serves or not.
    static func facts(_ home: HomeOption) async throws -> PolicyFacts {
        switch try await home.run(.policyFacts) {
        case .document(let text):
            return try ToolFault.unreadable {
                try JSONDecoder().decode(PolicyFacts.self, from: Data(text.utf8))
            }
        case let other:
            try ReplyPrinter.print(other, format: .table)
            throw ExitStatus.failure
        }
    }
}

/// Input that a tool cannot read: said in one line, exit code 2.
enum ToolFault {
    static func unreadable<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let code as ExitCode {
            throw code
        } catch let fault as any CustomStringConvertible & Error {
            Terminal.error("concordat: \(fault.description)")
        } catch {
            Terminal.error("concordat: \(error.localizedDescription)")
        }
        throw ExitStatus.unsupported
    }
}

/// `--format` of the tools, which print no rows.
enum ToolFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}

struct ToolFormatOption: ParsableArguments {
    @Option(help: "How to print: table or json.") var format: ToolFormat = .table
}
