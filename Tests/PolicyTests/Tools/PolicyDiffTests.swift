import Core
import Foundation
import Testing

@testable import Policy

/// What a change of policies changes, and who may do what.
@Suite struct PolicyDiffTests {
    private func diff(_ new: PolicyFiles, bound: Int = 1500) throws -> PolicyDiff {
        try PolicyDiff(
            old: try PolicyEngine(files: try PolicyFolderFixture.shipped()),
            new: try PolicyEngine(files: new),
            bound: bound)
    }

    @Test func theSameFolderChangesNothing() throws {
        let same = try diff(try PolicyFolderFixture.shipped())
        #expect(same.changes.isEmpty)
        #expect(same.requests > 500)
    }

    @Test func fewerPeopleIsWiderAndMoreIsNot() throws {
        let fewer = try diff(
            try PolicyFolderFixture.shipped(
                "planning.cedar", "@minimum_people(\"10\")", "@minimum_people(\"5\")"))
        #expect(fewer.isWider)
        #expect(Set(fewer.changes.map(\.kind)) == [.fewerConditions])
        let group = try #require(fewer.groups(.fewerConditions).first)
        #expect(group.dropped == ["every number stands for at least 10 people"])
        #expect(group.added == ["every number stands for at least 5 people"])
        let more = try diff(
            try PolicyFolderFixture.shipped(
                "planning.cedar", "@minimum_people(\"10\")", "@minimum_people(\"12\")"))
        #expect(!more.isWider)
        #expect(Set(more.changes.map(\.kind)) == [.moreConditions])
    }

    @Test func oneMoreForbidIsNeverWider() throws {
        var texts = try PolicyFolderFixture.shipped().texts
        texts["more.cedar"] = """
            @id("no-clinicians") @reason("no") forbid (principal in Role::"clinician", action, resource);
            """
        let found = try diff(PolicyFiles(name: "more", texts: texts))
        #expect(!found.isWider)
        #expect(found.changes.contains { $0.kind == .nowRefused })
    }

    @Test func oneForbidLessIsWider() throws {
        for id in ["not-the-requester", "purpose-outside-agreement", "action-outside-agreement"] {
            var texts = try PolicyFolderFixture.shipped().texts
            let parts = try #require(texts["baseline.cedar"]).components(separatedBy: "@id(\"")
            let kept = parts.filter { !$0.hasPrefix("\(id)\"") }
            #expect(kept.count == parts.count - 1)
            texts["baseline.cedar"] = kept.joined(separator: "@id(\"")
            let found = try diff(PolicyFiles(name: "less", texts: texts))
            #expect(found.changes.first?.kind == .nowPermitted, "\(id)")
        }
    }

    @Test func theBoundHoldsAndIsSaid() throws {
        let engine = try PolicyEngine(files: try PolicyFolderFixture.shipped())
        let small = try RequestSpace([engine], bound: 500)
        #expect((300...500).contains(small.count))
        #expect(small.possible > 500)
        let again = try RequestSpace([engine], bound: 500)
        #expect(zip(small.members, again.members).allSatisfy { $0.situation == $1.situation })
    }

    /// For every shipped permit there is a generated request that it allows.
    @Test func everyShippedPermitIsReached() throws {
        let engine = try PolicyEngine(files: try PolicyFolderFixture.shipped())
        let space = try RequestSpace([engine], bound: 300)
        let determining = Set(space.members.flatMap { engine.decide($0.facts).determining })
        let permits = engine.policies.policies.filter { $0.effect == .permit }.map(\.id)
        #expect(permits.filter { !determining.contains($0) } == [])
    }
}
