/// What every node agrees on: datasets, reference tables, codelists and the bounds of measurements.
package struct Catalog: Sendable {
    package let datasets: [String: Dataset]
    /// The version that a bare name means, by name without schema: a node's own before the shipped one, the
    /// newest before older ones.
    package let references: [String: ReferenceTable]
    /// As `references`.
    package let codelists: [String: ReferenceTable]
    /// Every version of every reference table and codelist, in order of kind and key.
    package let tables: [ReferenceTable]
    /// Every version of every terminology, the newest of each name first.
    package let terminologies: [Terminology]
    package let bounds: [MeasurementBound]
    /// Which unit of the bounds is meant, however it is written.
    package let spellings: UnitSpellings
    /// SHA-256 over what is shared (`Schemas/`), hex; a request made against another catalog is refused.
    /// Tables that
    /// a node adds have digests of their own and do not count here.
    package let digest: String
    /// The views that fill datasets from FHIR, by name of the dataset.
    package let views: [String: ViewDefinition]
    /// Names of the codelists whose codes are restricted by law: their episodes are marked when data are
    /// published.
    package let restricted: Set<String>

    package init(
        datasets: [Dataset], references: [ReferenceTable], codelists: [ReferenceTable],
        bounds: [MeasurementBound], digest: String, views: [String: ViewDefinition] = [:],
        restricted: Set<String> = [], terminologies: [Terminology] = [], spellings: UnitSpellings = .none
    ) {
        self.datasets = Dictionary(datasets.map { ($0.name, $0) }) { first, _ in first }
        self.references = Dictionary(references.map { ($0.name, $0) }) { first, _ in first }
        self.codelists = Dictionary(codelists.map { ($0.name, $0) }) { first, _ in first }
        byKey = Dictionary((references + codelists).map { (Self.place($0.kind, $0.key), $0) }) { first, _ in
            first
        }
        tables = byKey.sorted { $0.key < $1.key }.map(\.value)
        self.terminologies = terminologies
        self.bounds = bounds
        self.spellings = spellings
        self.digest = digest
        self.views = views
        self.restricted = restricted
    }

    /// `kind.NAME@VERSION` -> table.
    private let byKey: [String: ReferenceTable]

    private static func place(_ kind: ReferenceTable.Kind, _ key: String) -> String {
        "\(kind.rawValue).\(key)"
    }

    /// A table by `NAME`, which means one version, or by `NAME@VERSION`.
    package func table(_ kind: ReferenceTable.Kind, _ name: String) -> ReferenceTable? {
        byKey[Self.place(kind, name)] ?? (kind == .codelist ? codelists[name] : references[name])
    }

    /// The versions that are there of a table, in their order.
    package func versions(_ kind: ReferenceTable.Kind, _ name: String) -> [String] {
        tables.filter { $0.kind == kind && $0.name == name }.map(\.version)
    }

    /// A terminology by `NAME`, the newest, or by `NAME@VERSION`.
    package func terminology(_ name: String) -> Terminology? {
        terminologies.first { $0.key == name || $0.name == name }
    }
}

/// The plausible range of a measurement: what lies outside is quarantined on ingest.
package struct MeasurementBound: Hashable, Sendable, Codable {
    package let system: String
    package let code: String
    /// UCUM.
    package let unit: String
    package let lower: Double
    package let upper: Double
    package let name: String

    package init(system: String, code: String, unit: String, lower: Double, upper: Double, name: String) {
        self.system = system
        self.code = code
        self.unit = unit
        self.lower = lower
        self.upper = upper
        self.name = name
    }
}
