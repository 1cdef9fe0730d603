internal import Foundation
internal import Node

/// What somebody may object to at this node, as people know it: agreements and purposes by their titles.
struct ObjectionSubjects: Sendable {
    /// One of them, for a list to choose from.
    struct Subject: Sendable {
        let id: String
        let title: String
        /// As it stands in the list.
        let label: String

        func option(_ chosen: String?) -> [String: any Sendable] {
            ["id": id, "title": label, "isChosen": id == chosen]
        }
    }

    let agreements: [Subject]
    /// Uses beyond people's own care: an objection is about no other.
    let purposes: [Subject]
    private let broad: Set<String>

    init(_ call: ConsoleCall) async throws {
        var seen: Set<String> = []
        agreements = try await call.run(.listAgreements).records.compactMap { agreement in
            guard let id = agreement["id"], seen.insert(id).inserted else { return nil }
            let title = agreement["title"] ?? id
            return Subject(id: id, title: title, label: title)
        }
        let known = try await call.run(.inquire(.purposes)).decoded([PurposeLine].self)
        purposes = known.filter { !$0.isCare }.map { line in
            let label = String(repeating: "\u{2013} ", count: line.depth) + line.title
            return Subject(id: line.name, title: line.title, label: label)
        }
        broad = Set(known.filter(\.isBroad).map(\.name))
    }

    /// What was done, with what it is about as people say it.
    func plain(_ sentence: String) -> String {
        sentence.replacing(/\((all|agreement [^)]*|purpose [^)]*)\)/) {
            "about \(words(String($0.output.1)))"
        }
    }

    /// `all`, `agreement ID` or `purpose NAME` as people say it.
    func words(_ scope: String) -> String {
        let parts = scope.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return "all uses beyond their own care" }
        let list = parts[0] == "purpose" ? purposes : agreements
        let title = list.first { $0.id == parts[1] }?.title ?? parts[1]
        guard parts[0] == "purpose" else { return "the agreement \u{2018}\(title)\u{2019}" }
        return "the use \u{2018}\(title)\u{2019}" + (broad.contains(parts[1]) ? " and every kind of it" : "")
    }
}
