import Core
import Foundation
import Testing

@testable import Policy

/// Nobody widens what the controller narrowed: property tests over the shipped policies and rules added to them.
@Suite struct NarrowingTests {
    /// SplitMix64: one seed, one run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }

        mutating func one<Element>(of all: [Element]) -> Element {
            all[Int.random(in: 0..<all.count, using: &self)]
        }

        mutating func some(of all: [String]) -> [String] { all.filter { _ in Bool.random(using: &self) } }
    }

    private static func engine(adding policy: String = "") throws -> PolicyEngine {
        var texts = try PolicyFiles(directory: PolicyCasesTests.directory).texts
        if !policy.isEmpty { texts["own.cedar"] = policy }
        return try PolicyEngine(files: PolicyFiles(name: "shipped and own", texts: texts))
    }

    private static let scopes = [
        "principal, action, resource", "principal, action == Action::\"aggregate\", resource",
        "principal in Role::\"analyst\", action in Action::\"useOfData\", resource",
        "principal, action, resource == Controller::\"RJ1\"",
        "principal in Organisation::\"X26\", action == Action::\"extract\", resource",
        "principal, action in [Action::\"link\", Action::\"readRecord\"], resource",
    ]
    private static let conditions = [
        "true", "context.isSynthetic", "context has purpose && context.purpose in Purpose::\"planning\"",
        "context has legalContext && context.legalContext.gateway == \"s251Reg5\"",
        "context has legalContext && context.legalContext has dsa",
        "context has columnClasses && context.columnClasses.contains(ColumnClass::\"geography\")",
        "context has datasets && context.datasets.contains(Dataset::\"condition\")",
        "context has care && context.care.isBreakGlass", "context has agreement",
        "context.now > datetime(\"2026-03-01\")",
    ]

    private static func annotations(_ random: inout Generator) -> String {
        let all = [
            "@minimum_people(\"\(Int.random(in: 1...40, using: &random))\")", "@profile(\"hes-2018\")",
            "@honour(\"type-1\")", "@honour(\"national-data-opt-out, study-consent\")",
            "@columns(\"patient.*\")", "@columns(\"patient.sex, condition.*\")",
            "@exclude(\"codelist.asthma\")", "@valid_until(\"2026-09-01\")",
            "@release_cap(\"\(Int.random(in: 1...9, using: &random))\")",
        ]
        var seen: Set<String> = []
        return random.some(of: all).filter { seen.insert(String($0.prefix { $0 != "(" })).inserted }
            .joined(separator: " ")
    }

    /// Requests of the matrix: some of everything, permitted and refused.
    private static func requests(_ engine: PolicyEngine, _ random: inout Generator) throws -> [AccessRequest]
    {
        let scene = try AuthorisationScene(engine)
        return (0..<150).map { _ in
            let action = random.one(of: AccessAction.overData)
            let place = scene.dimensions(of: action).map { dimension in
                dimension.name == "role"
                    ? random.one(of: ["analyst", "clinician"]) : random.one(of: dimension.values)
            }
            return scene.request(action, place)
        }
            + AccessAction.allCases.filter(\.isLocal).map { scene.local($0, role: "operator", isOwn: true) }
    }

    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func oneMoreForbidNeverWidens(seed: UInt64) throws {
        var random = Generator(state: seed)
        let before = try Self.engine()
        let requests = try Self.requests(before, &random)
        var (permitted, refused) = (0, 0)
        for round in 0..<6 {
            let after = try Self.engine(
                adding: """
                    @id("own-\(round)") @reason("our own rule")
                    forbid (\(random.one(of: Self.scopes)))
                    when { \(random.one(of: Self.conditions)) } unless { \(random.one(of: Self.conditions)) };
                    """)
            for request in requests {
                let (old, new) = (before.decide(request), after.decide(request))
                if new.isPermit {
                    permitted += 1
                    #expect(old == new, "seed \(seed)")
                } else if old.isPermit {
                    refused += 1
                    #expect(new.determining == ["own-\(round)"], "seed \(seed)")
                }
            }
        }
        // A test that never saw both would say nothing.
        #expect(permitted > 0 && refused > 0, "seed \(seed)")
    }

    @Test(arguments: [21, 22, 23, 24] as [UInt64])
    func oneMorePermitNeverLoosensWhatWasAllowed(seed: UInt64) throws {
        var random = Generator(state: seed)
        let before = try Self.engine()
        let requests = try Self.requests(before, &random)
        var (joined, same) = (0, 0)
        for round in 0..<6 {
            let after = try Self.engine(
                adding: """
                    @id("own-\(round)") \(Self.annotations(&random))
                    permit (\(random.one(of: Self.scopes))) when { \(random.one(of: Self.conditions)) };
                    """)
            for request in requests {
                let (old, new) = (before.decide(request), after.decide(request))
                // What a forbid says no permit opens.
                if !old.isPermit, !old.determining.isEmpty { #expect(!new.isPermit, "seed \(seed)") }
                guard old.isPermit, new.isPermit else { continue }
                #expect(new.obligations.isAtLeastAsStrict(as: old.obligations), "seed \(seed)")
                if old.obligations == new.obligations { same += 1 } else { joined += 1 }
            }
        }
        #expect(joined > 0 && same > 0, "seed \(seed)")
    }

    /// A controller on a shared node narrows for itself alone.
    @Test func aRuleOfOneControllerBindsThatOneAlone() throws {
        let engine = try Self.engine(
            adding: """
                @id("not-here") @reason("{controller} answers nothing for planning")
                forbid (principal, action in Action::"useOfData", resource == Controller::"RJ1")
                when { context has purpose && context.purpose in Purpose::"planning" };
                """)
        let agreement = try Agreement(
            yaml: AgreementTests.text.replacing("gateway: s251Reg5", with: "gateway: copiReg3"))
        let decisions = try ["RJ1", "RYJ"].map { controller in
            engine.decide(
                AccessRequest(
                    requester: agreement.requester,
                    controller: try #require(OrganisationCode(controller)), user: "u", roles: [.analyst],
                    action: .aggregate,
                    agreement: AgreementRecord(agreement: agreement, signers: agreement.parties),
                    statedPurpose: nil, columns: ["patient.sex"], codelists: [], isSynthetic: false,
                    now: Date(timeIntervalSince1970: 1_780_000_000)))
        }
        #expect(decisions.map(\.determining) == [["not-here"], ["planning-aggregate"]])
        #expect(decisions[0].reason == "RJ1 answers nothing for planning")
    }

    /// The example of Policies/README.md works, and narrows.
    @Test func theExampleOfTheReadmeNarrows() throws {
        let file = PolicyCasesTests.directory.appending(path: "README.md")
        let readme = try String(contentsOf: file, encoding: .utf8)
        let example = try #require(readme.firstMatch(of: /```cedar\n((?s:.*?))```/)).output.1
        let engine = try Self.engine(adding: String(example))
        let own = engine.policies.policies.map(\.id).filter { $0.hasPrefix("own-") }
        #expect(own.count == 2)
        let agreement = try Agreement(
            yaml: AgreementTests.text.replacing("gateway: s251Reg5", with: "gateway: copiReg3"))
        func decide(_ columns: Set<String>) throws -> Decision {
            engine.decide(
                AccessRequest(
                    requester: agreement.requester, controller: try #require(OrganisationCode("RJ1")),
                    user: "u",
                    roles: [.analyst], action: .aggregate,
                    agreement: AgreementRecord(agreement: agreement, signers: agreement.parties),
                    statedPurpose: nil, columns: columns, codelists: [], isSynthetic: false,
                    now: Date(timeIntervalSince1970: 1_780_000_000)))
        }
        let permitted = try decide(["patient.sex"])
        #expect(permitted.obligations.minimumPeople == 20)
        #expect(permitted.obligations.releaseCap == 100)
        #expect(permitted.obligations.provenance["minimumPeople"] == ["own-planning"])
        #expect(try decide(["patient.sex", "patient.lsoa"]).determining == ["own-no-geography"])
    }

    /// Whoever answers for another purpose than a person's own care leaves restricted codes out.
    @Test func everyPermitBeyondCareLeavesRestrictedCodesOut() throws {
        let restricted: Set = [
            "codelist.restricted-sexual-health", "codelist.restricted-assisted-reproduction",
            "codelist.restricted-gender-recognition",
        ]
        let engine = try Self.engine()
        let scene = try AuthorisationScene(engine)
        var seen: Set<String> = []
        for action in AccessAction.overData where action != .readRecord {
            for place in AuthorisationRows.places(scene.dimensions(of: action))
            where !place.contains("synthetic data") {
                let decision = engine.decide(scene.request(action, place))
                guard decision.isPermit else { continue }
                #expect(decision.obligations.excludedCodelists == restricted, "\(decision.determining)")
                seen.formUnion(decision.determining)
            }
        }
        #expect(seen.count == 5)
    }
}

extension Obligations {
    fileprivate func isAtLeastAsStrict(as other: Obligations) -> Bool {
        honour.isSuperset(of: other.honour) && (minimumPeople ?? 0) >= (other.minimumPeople ?? 0)
            && profiles.isSuperset(of: other.profiles)
            && other.columns.map { (columns ?? ["everything"]).isSubset(of: $0) } ?? true
            && excludedCodelists.isSuperset(of: other.excludedCodelists)
            && other.releaseCap.map { (releaseCap ?? .max) <= $0 } ?? true
            && other.validUntil.map { (validUntil ?? CivilDate(days: .max)) <= $0 } ?? true
            && alerts.isSuperset(of: other.alerts) && (needsReview || !other.needsReview)
    }
}
