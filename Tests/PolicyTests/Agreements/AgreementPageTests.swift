import Core
import Foundation
import Testing

@testable import Policy

@Suite struct AgreementPageTests {
    private func page(_ yaml: String) throws -> AgreementPage {
        let agreement = try Agreement(yaml: yaml)
        let code = { (text: String) in try #require(OrganisationCode(text)) }
        return AgreementPage(
            agreement,
            AgreementPage.Facts(
                names: [try code("QWE"): "An ICB & its <partners>", try code("RJ1"): "Trust A"],
                columns: ["condition": ["code", "onset_date"]],
                profileRules: ["No number stands for fewer than 10 people."],
                digest: String(repeating: "ab", count: 32),
                signatures: [
                    AgreementPage.Signature(
                        organisation: try code("QWE"), role: "recipient", at: "2026-11-01T09:00:00Z")
                ], state: "partly signed",
                halts: [
                    AgreementHalt(
                        organisation: try code("RJ1"), act: .suspended, reason: "an incident", at: 0)
                ]))
    }

    /// Everything that a person signs for is on the page, in words, in both forms.
    @Test func nothingThatMattersIsLeftOut() throws {
        let page = try page(AgreementSchemaTests.whole)
        let expected = [
            "Winter pressure, respiratory", "version 2", "Trust A (RJ1)", "RYJ",
            "Counts people across controllers",
            "To plan beds for people with COPD.", "Four analysts, accredited",
            "Article 6(1)(e): a task in the public interest", "Article 9(2)(h): health or social care",
            "section 251 of the NHS Act 2006: regulation 5", "26/CAG/0002", "2027-11-01",
            "DARS-NIC-123456-A1B2C-v1.0", "DSA-12", "DPIA-7", "Part 1, paragraph 2",
            "Impact assessment of the winter dashboard", "Risks were found to be low.", "Flow 2",
            "Few, and known to be duplicates.", "all: code, onset_date", "person, sex, birth_date",
            "Counting people once", "No number stands for fewer than 10 people.", "type-1", "at most 200",
            "at most 20 questions in any week", "at least once a month", "the first 3 answers",
            "SELECT count(DISTINCT person) FROM patient", "2026-11-01", "2027-10-31", "by 2027-06-01",
            "Analyst in charge, Author", "2026-10-01", "Guardian of RJ1, Caldicott Guardian",
            "2026-11-01T09:00:00Z", String(repeating: "ab", count: 32),
            "Not signed yet by Trust A (RJ1), RYJ.",
            "suspended it on 1970-01-01: an incident",
        ]
        let html = page.html
        let text = page.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for words in expected {
            #expect(html.contains(words), "the page lacks '\(words)'")
            #expect(text.contains(words), "the text lacks '\(words)'")
        }
        #expect(html.contains("An ICB &amp; its &lt;partners&gt; (QWE)"))
        for form in [html, page.text] { #expect(!form.contains("permit (") && !form.contains("Cedar")) }
    }

    /// A signature line for every party and every approver.
    @Test func everybodyHasALineToSignOn() throws {
        let html = try page(AgreementSchemaTests.whole).html
        #expect(html.components(separatedBy: "<td class=\"line\"></td>").count - 1 == 3)
    }

    /// It stands alone: nothing is run or fetched, wherever it is opened.
    @Test func nothingRunsAndNothingIsFetched() throws {
        let html = try page(AgreementSchemaTests.whole).html
        for forbidden in ["<script", "src=", "href=", "url(", "@import", "http:", "https:", "<iframe", " on"]
        {
            #expect(
                !html.replacing(#/>[^<]*</#, with: "><").contains(forbidden), "the page has '\(forbidden)'")
        }
        #expect(html.contains("default-src 'none'") && html.contains("size: A4"))
    }

    @Test(arguments: [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onload=\"x", "&quot; onload=&quot;x"), ("'&amp;'", "&#39;&amp;amp;&#39;"),
        ("a\u{202E}b\u{0}c\u{1B}[2J", "a\u{FFFD}b\u{FFFD}c\u{FFFD}[2J"), ("caf\u{E9}", "caf\u{E9}"),
    ])
    func textIsEscaped(text: String, expected: String) { #expect(HTMLText.escaped(text) == expected) }

    @Test func hostileTextStaysText() throws {
        let yaml = AgreementSchemaTests.whole
            .replacing("title: Winter pressure, respiratory", with: "title: \"</title><script>x</script>\"")
            .replacing("reason: CAG advised so", with: "reason: \"<img src=x>\\e[2J\"")
        let page = try page(yaml)
        #expect(!page.html.contains("<script") && !page.html.contains("<img"))
        #expect(!page.text.contains("\u{1B}"))
    }
}

@Suite struct AgreementDifferenceTests {
    @Test func changesAreSaidInWords() throws {
        let old = try Agreement(yaml: AgreementSchemaTests.whole)
        let new = try Agreement(
            yaml: AgreementSchemaTests.whole
                .replacing("version: 2", with: "version: 3")
                .replacing("patient: [person, sex, birth_date]", with: "patient: [person, sex, lsoa]")
                .replacing("controllers: [RJ1, RYJ]", with: "controllers: [RJ1, RYJ, RAX]")
                .replacing("releaseCap: 200", with: "releaseCap: 500")
                .replacing("pendingReview: 3\n", with: "")
                .replacing("validUntil: 2027-10-31", with: "validUntil: 2028-10-31")
                .replacing("article9: h", with: "article9: i"))
        #expect(
            AgreementDifference(from: old, to: new).lines == [
                "controllers: adds RAX", "UK GDPR Article 9(2): was h, is now i",
                "columns of patient: adds lsoa; drops birth_date",
                "most questions answered by each controller: was 200, is now 500",
                "first releases that wait for a person: no longer there (was 3)",
                "last day: was 2027-10-31, is now 2028-10-31",
            ])
        #expect(AgreementDifference(from: old, to: old).lines == [])
    }

    /// No field can change without a word: each is taken away or changed in turn.
    @Test func noFieldIsPassedOver() throws {
        let whole = try Agreement(yaml: AgreementSchemaTests.whole)
        let changes = [
            "title: Winter pressure, respiratory", "linker: X26", "purpose: planning",
            "purposeText: To plan beds for people with COPD.",
            "  project: Approved by the ICB's board on 3 November 2026",
            "  people: Four analysts, accredited", "  settings: The ICB's node; answers only",
            "  data: Sums over groups of people", "  outputs: Counts of ten people or more, rounded",
            "  article6: e", "  article9: h", "  gateway: s251Reg5", "    cag: 26/CAG/0002",
            "    cagReviewDue: 2027-11-01", "    dars: DARS-NIC-123456-A1B2C-v1.0", "    dsa: DSA-12",
            "    dpia: DPIA-7", "  title: Impact assessment of the winter dashboard", "  reference: DPIA-7",
            "  text: Risks were found to be low.", "  withoutNHSNumber: Few, and known to be duplicates.",
            "disclosureProfile: concordat", "honour: [type-1]", "releaseCap: 200", "  snapshots: month",
            "pendingReview: 3", "  - SELECT count(DISTINCT person) FROM patient", "validFrom: 2026-11-01",
            "validUntil: 2027-10-31", "reviewDate: 2027-06-01",
        ]
        let other = [
            "X26": "X27", "planning": "research", "e": "c", "h": "i", "s251Reg5": "s251Reg2",
            "26/CAG/0002": "27/CAG/0002", "2027-11-01": "2027-11-02", "2026-11-01": "2026-11-02",
            "2027-10-31": "2027-10-30", "2027-06-01": "2027-06-02", "200": "201", "3": "4", "month": "week",
            "DARS-NIC-123456-A1B2C-v1.0": "DARS-NIC-123456-A1B2C-v1.1", "[type-1]": "[]",
            "concordat": "hes-2018",
        ]
        for line in changes {
            let parts = line.split(separator: ": ", maxSplits: 1).map(String.init)
            let changed =
                parts.count == 2 ? "\(parts[0]): \(other[parts[1]] ?? parts[1] + " too")" : line + " x"
            let new = try Agreement(
                yaml: AgreementSchemaTests.whole.replacing(line + "\n", with: changed + "\n"))
            #expect(new != whole, "\(line)")
            #expect(!AgreementDifference(from: whole, to: new).lines.isEmpty, "\(line)")
        }
    }
}
