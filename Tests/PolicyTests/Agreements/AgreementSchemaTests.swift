import Foundation
import Testing

@testable import Policy

/// `Schemas/agreement.schema.json` says what the code takes: no field more, none less, and the same documents.
@Suite struct AgreementSchemaTests {
    private static let place = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Schemas/agreement.schema.json")

    /// Every field there is, once.
    static let whole = """
        id: respiratory-winter
        version: 2
        title: Winter pressure, respiratory
        requester: QWE
        controllers: [RJ1, RYJ]
        linker: X26
        purpose: planning
        purposeText: To plan beds for people with COPD.
        fiveSafes:
          project: Approved by the ICB's board on 3 November 2026
          people: Four analysts, accredited
          settings: The ICB's node; answers only
          data: Sums over groups of people
          outputs: Counts of ten people or more, rounded
        legalContext:
          article6: e
          article9: h
          gateway: s251Reg5
          dpa2018Schedule1: Part 1, paragraph 2 (health or social care purposes)
          references:
            cag: 26/CAG/0002
            cagReviewDue: 2027-11-01
            dars: DARS-NIC-123456-A1B2C-v1.0
            dsa: DSA-12
            dpia: DPIA-7
            study: winter-study
        dpia:
          title: Impact assessment of the winter dashboard
          reference: DPIA-7
          text: Risks were found to be low.
        exemptions:
          nationalDataOptOut: { reason: CAG advised so, cagFlow: Flow 2 }
          withoutNHSNumber: Few, and known to be duplicates.
        actions: [aggregate, link]
        datasets:
          patient: [person, sex, birth_date]
          condition: ["*"]
        releaseForm: site
        disclosureProfile: concordat
        honour: [type-1]
        releaseCap: 200
        cadence:
          questions: { most: 20, per: week }
          snapshots: month
        pendingReview: 3
        examples:
          - SELECT count(DISTINCT person) FROM patient
        validFrom: 2026-11-01
        validUntil: 2027-10-31
        reviewDate: 2027-06-01
        approvers:
          - { organisation: QWE, role: author, name: Analyst in charge, date: 2026-10-01 }
          - { organisation: RJ1, role: caldicottGuardian, name: Guardian of RJ1 }
        """

    @Test func theFileIsWhatTheCodeComesTo() throws {
        let text = try AgreementSchema.text()
        if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
            try Data(text.utf8).write(to: Self.place)
        }
        #expect(try String(contentsOf: Self.place, encoding: .utf8) == text)
    }

    /// The description of the fields and the type that is signed: the same names at every level.
    @Test func everyFieldOfTheTypeIsDescribedAndNoOther() throws {
        let bytes = try Agreement(yaml: Self.whole).canonicalJSON()
        let document = try JSONSerialization.jsonObject(with: bytes)
        #expect(Self.paths(of: document, AgreementFields.whole) == Self.paths(AgreementFields.whole))
    }

    private static func paths(_ shape: FieldShape, _ path: String = "") -> Set<String> {
        switch shape {
        case .record(let fields):
            fields.reduce(into: []) { $0.formUnion(paths($1.shape, "\(path).\($1.name)")) }
        case .list(let item, _, _): paths(item, path)
        default: [path]
        }
    }

    /// A dataset's name is the writer's own and ends its path.
    private static func paths(of value: Any, _ shape: FieldShape?, _ path: String = "") -> Set<String> {
        if case .mapping = shape { return [path] }
        if let object = value as? [String: Any] {
            var fields: [AgreementField] = []
            if case .record(let known) = shape { fields = known }
            return object.reduce(into: []) { result, member in
                let own = fields.first { $0.name == member.key }?.shape
                result.formUnion(paths(of: member.value, own, "\(path).\(member.key)"))
            }
        }
        guard let list = value as? [Any] else { return [path] }
        var item: FieldShape?
        if case .list(let inner, _, _) = shape { item = inner }
        return list.reduce(into: []) { $0.formUnion(paths(of: $1, item, path)) }
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let old: String
        let new: String
        let isTaken: Bool
        var testDescription: String { "\(old) -> \(new)" }
    }

    private static func taken(_ old: String, _ new: String) -> Change {
        Change(old: old, new: new, isTaken: true)
    }

    private static func refused(_ old: String, _ new: String) -> Change {
        Change(old: old, new: new, isTaken: false)
    }

    @Test(arguments: [
        taken("", ""), taken("version: 2\n", ""), taken("releaseForm: site\n", ""),
        taken("honour: [type-1]\n", ""), taken("disclosureProfile: concordat\n", ""),
        taken("  text: Risks were found to be low.\n", ""),
        taken("    dars: DARS-NIC-123456-A1B2C-v1.0\n", ""),
        taken("DARS-NIC-123456-A1B2C-v1.0", "dars-nic-12345-a1b2c"), taken("most: 20", "most: 1"),
        taken("  snapshots: month\n", ""), taken("[\"*\"]", "[code, onset_date]"),
        refused("id: respiratory-winter", "id: Respiratory"),
        refused("title: Winter pressure, respiratory\n", ""),
        refused("requester: QWE", "requester: qwe"), refused("controllers: [RJ1, RYJ]", "controllers: []"),
        refused("controllers: [RJ1, RYJ]", "controllers: [RJ1, RJ1]"), refused("linker: X26\n", ""),
        refused("article6: e", "article6: f"), refused("article6: e", "article6: ea"),
        refused("article6: e", "article6: z"), refused("article9: h", "article9: k"),
        refused("gateway: s251Reg5", "gateway: s251"),
        refused("gateway: s251Reg5", "gateway: notConfidential"),
        refused("gateway: s251Reg5", "gateway: legalObligation"), refused("cag: 26/CAG/0002", "cag: CAG 2"),
        refused("    cag: 26/CAG/0002\n", ""), refused("    dpia: DPIA-7\n", ""),
        refused("    dsa: DSA-12\n", "    dsa: DSA-12\n    dsr: x\n"),
        refused("actions: [aggregate, link]", "actions: []"),
        refused("actions: [aggregate, link]", "actions: [aggregate, sell]"),
        refused("actions: [aggregate, link]", "actions: [link, link]"), refused("[\"*\"]", "[]"),
        refused("releaseForm: site", "releaseForm: rows"), refused("honour: [type-1]", "honour: [type-2]"),
        refused("releaseCap: 200", "releaseCap: 0"), refused("releaseCap: 200", "releaseCap: many"),
        refused("most: 20", "most: 0"), refused("per: week", "per: fortnight"),
        refused("pendingReview: 3", "pendingReview: -1"), refused("validFrom: 2026-11-01", "validFrom: soon"),
        refused("role: author", "role: auther"), refused("name: Guardian of RJ1", "nmae: Guardian of RJ1"),
        refused(
            "title: Impact assessment of the winter dashboard\n  reference: DPIA-7\n  text: Risks were found to be low.",
            "title: x"),
        refused("reason: CAG advised so, ", ""), refused("  people: Four analysts, accredited\n", ""),
        refused("purposeText: To plan beds for people with COPD.", "purposeText: \" \""),
    ])
    func schemaAndCodeJudgeAlike(_ change: Change) throws {
        let text = change.old.isEmpty ? Self.whole : Self.whole.replacing(change.old, with: change.new)
        #expect(change.old.isEmpty || text != Self.whole, "the change changes nothing")
        let faults = Agreement.faults(inYAML: text)
        #expect(faults.isEmpty == change.isTaken, "\(faults)")
        #expect(faults.allSatisfy { $0.line != nil && $0.column != nil })
        let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: Self.place))
        #expect(try SchemaCheck.accepts(try YAMLDocument.value(text), schema) == change.isTaken)
    }
}
