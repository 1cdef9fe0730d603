internal import Catalog
internal import Core
internal import Policy

/// Which columns of a publication take restricted episodes out, or why that cannot be done.
///
/// A list that is excluded is never silently without effect: one that the node does not hold, that is empty, or
/// that the publication was not marked with as the node holds it now, is a refusal.
struct RestrictedFrame: Sendable {
    let context: NodeContext
    let publication: Publication

    static let oldLayout =
        "the controller's publication was made by an earlier version of the node: "
        + "it must run 'concordat publish'"

    /// - Throws: `SiteRefusal` with rule `restricted`, in words that depend on no data.
    func columns(excluding obligations: Obligations) throws -> [String] {
        var columns: [String] = []
        for name in Set(obligations.excludedCodelists.map(RestrictedName.bare)).sorted() {
            try context.requireHeld(restricted: name)
            guard publication.layout >= SiteSchema.layout else { throw refusal(Self.oldLayout) }
            guard let frozen = publication.restricted.lists.first(where: { $0.name == name }),
                frozen.digest == context.catalog.codelists[name]?.digest
            else {
                throw refusal(
                    "the controller's publication was made with another version of codelist.\(name): "
                        + "it must run 'concordat publish'")
            }
            guard publication.restricted.unjudged == 0 else {
                throw refusal(
                    "the controller holds records from before all their codes were kept: "
                        + "it must ingest them again and run 'concordat publish'")
            }
            columns.append(frozen.column)
        }
        return columns
    }

    private func refusal(_ words: String) -> SiteRefusal { SiteRefusal(rule: "restricted", words: words) }

    /// What the operator should know before a question is refused.
    var warnings: [String] {
        var warnings: [String] = []
        let frozen = publication.restricted.lists
        let now = context.restrictedLists.map(\.frozen)
        if publication.layout < SiteSchema.layout {
            warnings.append(
                "the publication was made by an earlier version: run 'concordat publish', or questions that link "
                    + "people or exclude restricted codes are refused")
        } else if Set(now.map { [$0.name, $0.digest] }) != Set(frozen.map { [$0.name, $0.digest] }) {
            warnings.append(
                "restricted codelists changed since the publication was made: questions that exclude them are "
                    + "refused until 'concordat publish'")
        }
        if publication.restricted.unjudged > 0 {
            warnings.append(
                "\(publication.restricted.unjudged) rows are from before all their codes were kept: ingest them "
                    + "again and run 'concordat publish', or questions that exclude restricted codes are refused"
            )
        }
        for name in context.policy.excludedCodelists.sorted() where context.catalog.codelists[name] == nil {
            warnings.append(
                "the policies exclude codelist.\(name), which this node does not hold: whatever they permit with "
                    + "it is refused; put \(name)@VERSION.csv into policies/restricted of the home")
        }
        return warnings
    }
}

extension NodeContext {
    /// A list that is to be excluded must be there, with codes in it.
    func requireHeld(restricted name: String) throws {
        guard let list = catalog.codelists[name], list.rows.rowCount > 0 else {
            throw SiteRefusal(
                rule: "restricted",
                words: "the controller's policies exclude codelist.\(name), which it does not hold")
        }
    }
}
