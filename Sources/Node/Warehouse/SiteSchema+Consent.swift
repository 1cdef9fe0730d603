internal import Catalog
internal import Core
internal import Foundation

/// Consents in the warehouse: kept by ingest like a dataset, but none that a question can name.
///
/// `live.consent`: a row a FHIR Consent. `snapshot_N.consent_form`: each text of terms once; `snapshot_N.consent`: which
/// person has which form. `governance.study_consent`: per study, as its team lists it; in force at once.
extension SiteSchema {
    static let consent = Dataset(
        name: "consent", summary: "A FHIR Consent", columns: [column("terms"), column("body")],
        resource: "Consent")

    private static func column(_ name: String) -> DatasetColumn {
        DatasetColumn(name: name, type: .text, columnClass: .sensitive)
    }

    /// What ingest takes in: the datasets, and consents.
    var kept: [Dataset] { datasets + [Self.consent] }

    func kept(_ name: String) -> Dataset? {
        name == Self.consent.name ? Self.consent : catalog.datasets[name]
    }

    /// Reads who a Consent is from; what it says is read by `Policy`.
    static var consentView: ViewDefinition {
        get throws {
            try ViewDefinition.decode(
                Data(
                    """
                    {"resourceType": "ViewDefinition", "name": "consent", "status": "active", "resource": "Consent",
                     "constant": [{"name": "nhs_number", "valueUri": "https://fhir.nhs.uk/Id/nhs-number"}],
                     "select": [{"column": [
                      {"name": "person", "path": "patient.getReferenceKey(Patient)", "type": "string"},
                      {"name": "resource_id", "path": "getResourceKey()", "type": "string"},
                      {"name": "subject_nhs_number", "type": "string",
                       "path": "patient.identifier.where(system = %nhs_number).value.first()"},
                      {"name": "last_updated", "path": "meta.lastUpdated", "type": "instant"}]}]}
                    """.utf8))
        }
    }

    var consentDefinitions: String {
        let text = columnSQL(.text)
        return """
            CREATE TABLE IF NOT EXISTS governance.asked (scheme \(text) NOT NULL, person \(text) NOT NULL);
            CREATE TABLE IF NOT EXISTS governance.study_consent (study \(text) NOT NULL, person \(text) NOT NULL,
              day DATE NOT NULL, given BOOLEAN NOT NULL, PRIMARY KEY (study, person));
            """
    }

    /// Freezes consents in a publication: terms that many people signed stand there once.
    static func freezeConsents(in name: String, of controller: OrganisationCode) -> String {
        let ours = controller.ownership(of: "c")
        return """
            CREATE TABLE \(name).consent_form AS
            SELECT CAST(row_number() OVER (ORDER BY terms) AS INTEGER) AS form, terms
            FROM (SELECT DISTINCT c.terms FROM live.consent c JOIN \(name).person p ON p.person_id = c.person_id
              WHERE \(ours)) t;
            CREATE TABLE \(name).consent AS
            SELECT DISTINCT c.person_id, f.form FROM live.consent c JOIN \(name).person p ON p.person_id = c.person_id
            JOIN \(name).consent_form f ON f.terms = c.terms WHERE \(ours) ORDER BY 1, 2
            """
    }
}
