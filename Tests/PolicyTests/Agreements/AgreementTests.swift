import Core
import Foundation
import Store
import Testing

@testable import Policy

@Suite struct AgreementTests {
    static let text = """
        id: demo-planning
        version: 1
        title: Planning for the demo federation
        requester: QWE
        controllers: [RJ1, RYJ, RAX]
        linker: X26
        purpose: planning
        legalContext:
          article6: e
          article9: h
          gateway: s251Reg5
          references: { cag: 23/CAG/0123, cagReviewDue: 2026-10-01, dpia: DPIA-7 }
        actions: [aggregate, link]
        datasets:
          patient: [sex, birth_date, lsoa]
          condition: ["*"]
        releaseForm: merged
        disclosureProfile: concordat
        honour: []
        releaseCap: 500
        validFrom: 2026-01-01
        validUntil: 2026-12-31
        approvers:
          - { organisation: RJ1, role: caldicottGuardian, name: Guardian of RJ1 }
        """

    /// What was signed before there were more fields; written by the program of that time.
    private static let signed =
        #"{"actions":["aggregate","link"],"approvers":[{"name":"Guardian of RJ1","organisation":"RJ1","#
        + #""role":"caldicottGuardian"}],"controllers":["RJ1","RYJ","RAX"],"datasets":{"condition":["*"],"#
        + #""patient":["sex","birth_date","lsoa"]},"disclosureProfile":"concordat","honour":[],"#
        + #""id":"demo-planning","legalContext":{"article6":"e","article9":"h","gateway":"s251Reg5","#
        + #""references":{"cag":"23/CAG/0123","cagReviewDue":"2026-10-01","dpia":"DPIA-7"}},"linker":"X26","#
        + #""purpose":"planning","releaseCap":500,"releaseForm":"merged","requester":"QWE","#
        + #""title":"Planning for the demo federation","validFrom":"2026-01-01","validUntil":"2026-12-31","#
        + #""version":1}"#

    @Test func whatIsNotWrittenIsNotInTheBytes() throws {
        let bytes = try Agreement(yaml: Self.text).canonicalJSON()
        #expect(String(decoding: bytes, as: UTF8.self) == Self.signed)
        #expect(try Agreement(canonicalJSON: Data(Self.signed.utf8)) == Agreement(yaml: Self.text))
    }

    /// A field of a later version may narrow what was agreed: it is not passed over.
    @Test func whatIsSignedAndNotUnderstoodIsRefused() {
        let later = Self.signed.replacing(#""version":1"#, with: #""version":1,"withholdAll":true"#)
        let fault = #expect(throws: AgreementFault.self) { try Agreement(canonicalJSON: Data(later.utf8)) }
        #expect(fault?.message.hasPrefix("holds fields that this version does not know") == true)
    }

    @Test func canonicalFormIsTheSameBytesEveryTime() throws {
        let agreement = try Agreement(yaml: Self.text)
        let bytes = try agreement.canonicalJSON()
        #expect(try Agreement(canonicalJSON: bytes) == agreement)
        #expect(try Agreement(canonicalJSON: bytes).canonicalJSON() == bytes)
        #expect(agreement.covers(column: "condition.anything") && agreement.covers(column: "patient.sex"))
        #expect(!agreement.covers(column: "patient.name") && !agreement.covers(column: "observation.code"))
    }

    @Test(arguments: [
        ("version: 1", "version: 0", "version: must be at least 1"),
        ("article6: e", "article6: f", "legalContext.article6: f is not open to public authorities"),
        ("article6: e", "article6: ea", "legalContext.article6: ea is not open to public authorities"),
        ("article6: e", "artcle6: e", "legalContext.artcle6: is not a field of an agreement"),
        ("title: Planning for the demo federation\n", "", "title: is missing"),
        ("gateway: s251Reg5", "gateway: impliedConsentDirectCare", "legalContext.gateway: implied consent"),
        ("gateway: s251Reg5", "gateway: notConfidential", "legalContext.gateway: link handles"),
        ("gateway: s251Reg5", "gateway: nod", "legalContext.gateway: cannot be read"),
        (", dpia: DPIA-7", "", "legalContext.references.dpia: link needs a DPIA"),
        ("cag: 23/CAG/0123", "cag: CAG-1", "legalContext.references.cag: must look like"),
        ("requester: QWE", "requester: qwe", "requester: cannot be read"),
        ("linker: X26", "linker: RJ1", "linker: must not be a controller"),
        ("linker: X26\n", "", "linker: is needed"),
        ("validUntil: 2026-12-31", "validUntil: 2025-02-30", "validUntil: cannot be read"),
        ("validUntil: 2026-12-31", "validUntil: 2025-12-31", "validUntil: lies before validFrom"),
        ("organisation: RJ1", "organisation: RZZ", "approvers: names an organisation that is not a party"),
        ("actions: [aggregate, link]", "actions: [aggregate, sell]", "actions.[1]: cannot be read"),
        (
            "actions: [aggregate, link]", "actions: [aggregate, ingest]",
            "actions.[1]: ingest is what a node's own operator does"
        ),
        ("actions: [aggregate, link]", "actions: [administer]", "actions.[0]: administer is what a node's own operator does"),
    ])
    func faultsNameTheField(old: String, new: String, expected: String) {
        let fault = #expect(throws: AgreementFault.self) {
            try Agreement(yaml: Self.text.replacing(old, with: new))
        }
        #expect(fault?.description.hasPrefix(expected) == true, "\(fault?.description ?? "")")
    }

    @Test func storeKeepsVersionsSignaturesAndRevocations() async throws {
        let path = NSTemporaryDirectory() + "agreements-\(UUID().uuidString).sqlite"
        let store = AgreementStore(
            store: try ControlStore(path: path, migrations: AgreementStore.migrations))
        let code = { (text: String) in try #require(OrganisationCode(text)) }
        let (icb, trust, other) = (try code("QWE"), try code("RJ1"), try code("RYJ"))
        let day = try #require(CivilDate("2026-06-01"))
        let first = try Agreement(yaml: Self.text)
        let second = try Agreement(yaml: Self.text.replacing("version: 1", with: "version: 2"))
        func state(_ controller: OrganisationCode) async throws -> String {
            let record = try await store.current("demo-planning", for: controller, on: day)
            return record.map { "\($0.agreement.version) \($0.state(for: controller, on: day).rawValue)" }
                ?? "none"
        }
        #expect(try await state(trust) == "none")
        try await store.put(first, signatures: [:])
        #expect(try await state(trust) == "1 draft")
        try await store.put(first, signatures: [icb: Data([1])])
        #expect(try await state(trust) == "1 partly signed")
        let all = Dictionary(uniqueKeysWithValues: first.parties.map { ($0, Data([2])) })
        try await store.put(first, signatures: all)
        #expect(try await state(trust) == "1 in force")
        try await store.put(second, signatures: [icb: Data([3])])
        #expect(try await state(trust) == "1 in force")
        try await store.suspend("demo-planning", by: other, reason: "review", at: Date())
        #expect(try await state(other) == "1 suspended")
        try await store.resume("demo-planning", by: other)
        try await store.put(second, signatures: all)
        #expect(try await state(trust) == "2 in force")
        try await store.revoke("demo-planning", by: trust, reason: "ended", at: Date())
        #expect(try await state(trust) == "2 revoked")
        #expect(try await state(other) == "2 in force")
        #expect(try await store.list().map(\.agreement.version) == [1, 2])
        #expect(try await store.signatures("demo-planning", version: 1).count == 4)
        await #expect(throws: AgreementFault.self) {
            try await store.put(
                try Agreement(yaml: Self.text.replacing("releaseCap: 500", with: "releaseCap: 5")),
                signatures: [:])
        }
    }
}
