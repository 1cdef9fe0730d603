internal import Catalog
internal import Core

/// What of a dataset is looked at: told from its columns.
struct QualityFields: Sendable {
    /// A column of codes, and where their system is said.
    struct Codes: Hashable, Sendable {
        enum System: Hashable, Sendable {
            case column(String)
            case declared(String)
            case none
        }

        let column: String
        let system: System
        let isList: Bool
    }

    let dataset: Dataset
    /// As they are stored.
    let columns: [DatasetColumn]

    init(_ dataset: Dataset) {
        self.dataset = dataset
        columns = dataset.columns.filter { !$0.isPerson && $0.name != "site" }
    }

    private func has(_ name: String) -> Bool { columns.contains { $0.name == name } }

    /// Dates and moments.
    var dates: [String] { columns.filter { $0.type == .date || $0.type == .timestamp }.map(\.name) }

    /// When it happened: what a publication is sorted by.
    var event: String? { dataset.name == "patient" ? nil : dates.first }

    /// Columns of which one must not come before the other.
    var spans: [(start: String, end: String)] {
        [
            ("onset_date", "abatement_date"), ("start_at", "end_at"), ("performed_start", "performed_end"),
            ("admitted_at", "discharged_at"), ("arrived_at", "departed_at"), ("start_date", "end_date"),
            ("clock_start", "clock_stop"), ("birth_date", "deceased_date"),
            ("date_of_death", "registered_date"),
        ].filter { has($0.0) && has($0.1) }
    }

    /// Whether what has not happened yet belongs here: a booked appointment, a planned encounter.
    func mayBeAhead(_ column: String) -> Bool {
        column == "appointment_at" || (dataset.name == "registration" && column == "end_date")
    }

    /// Rows that are not events yet, by their status.
    var isPlanned: String? {
        columns.first { $0.name == "status" }?.domain?.contains("planned") == true
            ? "coalesce(d.status, '') = 'planned'" : nil
    }

    /// Texts of which the data model lists all.
    var domains: [(column: String, values: [String])] {
        columns.compactMap { column in
            guard column.type == .text, let domain = column.domain else { return nil }
            return (column.name, domain)
        }
    }

    /// Whether it has numbers with units by code.
    var hasMeasurements: Bool {
        ["code", "code_system", "value_quantity", "value_unit"].allSatisfy(has)
    }

    /// Columns whose values are codes. Areas, organisations and units are none.
    var codes: [Codes] {
        columns.compactMap { column in
            guard column.type == .text, column.domain == nil, column.columnClass != .identifier,
                column.columnClass != .quasiIdentifier, !column.name.hasSuffix("_system"),
                !column.name.hasSuffix("_unit")
            else { return nil }
            if let system = column.codeSystem {
                return Codes(column: column.name, system: .declared(system), isList: column.isList)
            }
            guard !column.isFreeText else { return nil }
            let beside = column.name + "_system"
            return Codes(
                column: column.name, system: has(beside) ? .column(beside) : .none, isList: column.isList)
        }
    }
}

extension Catalog {
    /// Code systems that the data model declares: views that prefer them, columns that are of them, bounds, codelists.
    var codeSystems: Set<String> {
        var systems = Set(bounds.map(\.system))
        for dataset in datasets.values { systems.formUnion(dataset.columns.compactMap(\.codeSystem)) }
        for view in views.values {
            let paths = view.select.flatMap(\.paths)
            for constant in view.constant {
                guard case .text(let uri, _) = constant.value else { continue }
                let use = "coding.where(system = %\(constant.name))"
                if paths.contains(where: { $0.contains(use) }) { systems.insert(uri) }
            }
        }
        for list in codelists.values {
            guard let column = list.rows.column("code_system")?.vector else { continue }
            for row in 0..<list.rows.rowCount where !column[row].isNull { systems.insert(column[row].text) }
        }
        return systems
    }

    /// Codes that are restricted by law.
    var restrictedCodes: Set<String> {
        Set(
            restricted.compactMap { codelists[$0] }.flatMap { list in
                (list.rows.column("code")?.vector).map { codes in
                    (0..<list.rows.rowCount).map { codes[$0].text }
                } ?? []
            })
    }
}

extension ViewDefinition.Select {
    fileprivate var paths: [String] {
        column.map(\.path) + [forEach, forEachOrNull].compactMap(\.self)
            + (select + unionAll).flatMap(\.paths)
    }
}
