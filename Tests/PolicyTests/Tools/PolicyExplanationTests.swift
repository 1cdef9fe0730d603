import Core
import Foundation
import Testing

@testable import Policy

/// Why, why not, and what would have to change.
@Suite struct PolicyExplanationTests {
    /// The request of one of the shipped cases.
    private func explain(_ file: String, _ name: String) throws -> (
        AccessRequest, PolicyExplanation, PolicyEngine
    ) {
        let files = try PolicyFolderFixture.shipped()
        let text = try #require(files.texts[file])
        let request = try ExplainedRequest.read(text, file: file, case: name)
        let engine = try PolicyEngine(files: files)
        return (request, PolicyExplanation(request, engine, files: files), engine)
    }

    @Test func aPermitNamesItsConditionsWithTheirValues() throws {
        let (_, explanation, _) = try explain(
            "planning.cases.yaml", "a purpose below the agreement's is covered")
        #expect(explanation.decision.isPermit)
        let rule = try #require(explanation.determining.first)
        #expect(rule.id == "planning-aggregate")
        #expect(rule.description.contains("ten people"))
        let clause = try #require(rule.clauses.first { $0.text.contains("Purpose::") })
        #expect(clause.value == "true")
        #expect(clause.facts == [.init(name: "context.purpose", value: "commissioning")])
        let people = try #require(explanation.obligations.first { $0.field == "minimumPeople" })
        #expect(people.from == ["planning-aggregate"])
        #expect(explanation.changes.isEmpty)
    }

    @Test func aMissingSignatureIsAskedOfWhoHasNotSigned() throws {
        let (_, explanation, _) = try explain("baseline.cases.yaml", "half signed permits nothing")
        #expect(explanation.determining.map(\.id) == ["agreement-not-in-force"])
        #expect(explanation.changes == [[.init(who: .party, words: "RJ1 must sign the agreement")]])
    }

    @Test func columnsOutsideMayBeLeftOutOrAgreedOn() throws {
        let (_, explanation, _) = try explain("baseline.cases.yaml", "a column the agreement does not name")
        #expect(explanation.changes.first?.map(\.who) == [.requester])
        #expect(explanation.changes.first?.first?.words.hasPrefix("leave out the columns ") == true)
        #expect(
            explanation.changes.contains {
                $0.contains { $0.who == .both && $0.words.contains("to name the columns") }
            })
    }

    @Test func whoAsksAndWhoIsAskedAreNeverChanged() throws {
        for name in ["another organisation's agreement is of no use", "a controller that is not named"] {
            let (_, explanation, _) = try explain("baseline.cases.yaml", name)
            #expect(!explanation.decision.isPermit)
            #expect(explanation.changes.isEmpty, "\(explanation.changes)")
        }
    }

    @Test func aRevocationIsForGood() throws {
        let (_, explanation, _) = try explain("baseline.cases.yaml", "revoked by this controller")
        #expect(explanation.changes.isEmpty, "\(explanation.changes)")
    }

    /// Over every shipped case that is refused: no more than two changes, never two where one would do.
    @Test func changesAreSmallest() throws {
        let files = try PolicyFolderFixture.shipped()
        let engine = try PolicyEngine(files: files)
        var (found, pairs) = (0, 0)
        for (name, text) in files.ending(in: ".cases.yaml") {
            for test in try PolicyCases(yaml: text, file: name).cases {
                let changes = ChangeFinder.changes(for: test.request, engine)
                #expect(Set(changes.map(\.count)).count <= 1, "\(test.name): \(changes)")
                #expect(changes.allSatisfy { (1...2).contains($0.count) })
                if engine.decide(test.request).isPermit { continue }
                found += changes.isEmpty ? 0 : 1
                pairs += changes.first?.count == 2 ? 1 : 0
            }
        }
        #expect(found > 10)
        #expect(pairs > 0)
    }

    @Test func aRequestOfItsOwnIsRead() throws {
        let text = PolicyCasesFormTests.head.replacing(
            "cases:\n", with: "changes: { gateway: notConfidential }\n")
        let request = try ExplainedRequest.read(text, file: "r.yaml", case: nil)
        #expect(request.agreement?.agreement.legalContext.gateway == .notConfidential)
        let misspelt = text.replacing("changes:", with: "chnages:")
        let fault = #expect(throws: PolicyFault.self) {
            try ExplainedRequest.read(misspelt, file: "r.yaml", case: nil)
        }
        #expect(fault?.description == "r.yaml: 18: 'chnages' is not a field; did you mean 'changes'?")
    }

    @Test func aCaseThatIsNotThereIsNamed() throws {
        let text = try #require(try PolicyFolderFixture.shipped().texts["planning.cases.yaml"])
        let fault = #expect(throws: PolicyFault.self) {
            try ExplainedRequest.read(text, file: "planning.cases.yaml", case: nil)
        }
        #expect(fault?.message.contains("research is not planning") == true)
    }
}
