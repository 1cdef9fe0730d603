internal import Catalog
internal import Core
internal import Disclosure
internal import Foundation
internal import Policy

/// Checks the text of an agreement against everything that a node of this version knows, without a home: the form,
/// the rules, and the names of purposes, datasets, columns and disclosure profiles.
package struct AgreementCheck: Sendable {
    package struct Fault: Hashable, Sendable {
        /// From 1.
        package let line: Int
        package let column: Int
        package let field: String
        package let message: String
    }

    private let catalog: Catalog
    private let purposes: PurposeHierarchy

    /// - Throws: what reading the shared files throws.
    package init(shared: SharedFiles) throws {
        catalog = try Catalog.load(from: shared.schemas)
        purposes = try PolicyEngine(directory: URL(filePath: shared.root + "/Policies")).purposes
    }

    /// Everything that is wrong, in the order of the text.
    package func faults(in yaml: String) -> [Fault] {
        var faults = Agreement.faults(inYAML: yaml)
        if faults.isEmpty, let agreement = try? Agreement(yaml: yaml) {
            faults = Agreement.located(nameFaults(agreement), inYAML: yaml)
        }
        return faults.map {
            Fault(line: $0.line ?? 1, column: $0.column ?? 1, field: $0.field, message: $0.message)
        }.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    private func nameFaults(_ agreement: Agreement) -> [AgreementFault] {
        var faults: [AgreementFault] = []
        if !purposes.contains(agreement.purpose) {
            faults.append(
                AgreementFault("purpose", "is not in the hierarchy of purposes (Policies/purposes.yaml)"))
        }
        if DisclosureProfile.named(agreement.disclosureProfile) == nil {
            faults.append(AgreementFault("disclosureProfile", "no profile has that name"))
        }
        for (name, columns) in agreement.datasets {
            guard let dataset = catalog.datasets[name] else {
                let known = catalog.datasets.keys.sorted().joined(separator: ", ")
                faults.append(AgreementFault("datasets.\(name)", "is not a dataset (\(known))"))
                continue
            }
            for (place, column) in columns.enumerated()
            where column != "*" && dataset.column(column) == nil {
                faults.append(
                    AgreementFault("datasets.\(name).[\(place)]", "\(column) is not a column of \(name)"))
            }
        }
        return faults
    }
}
