/// What every node agrees on: datasets, reference tables, codelists and the bounds of measurements.
package struct Catalog: Sendable {
    package let datasets: [String: Dataset]
    /// By name without schema.
    package let references: [String: ReferenceTable]
    /// By name without schema.
    package let codelists: [String: ReferenceTable]
    package let bounds: [MeasurementBound]
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
        restricted: Set<String> = []
    ) {
        self.datasets = Dictionary(datasets.map { ($0.name, $0) }) { first, _ in first }
        self.references = Dictionary(references.map { ($0.name, $0) }) { first, _ in first }
        self.codelists = Dictionary(codelists.map { ($0.name, $0) }) { first, _ in first }
        self.bounds = bounds
        self.digest = digest
        self.views = views
        self.restricted = restricted
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
