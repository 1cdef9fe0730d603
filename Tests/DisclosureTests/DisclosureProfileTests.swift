import Testing

@testable import Disclosure

@Suite struct DisclosureProfileTests {
    static let profiles: [DisclosureProfile] = [
        .concordat, .hes2018, .acro, .none, .concordat.withMinimumPeople(20),
        DisclosureProfile(
            name: "strict", version: 3, minimumPeople: 5, roundingBase: 10,
            noise: .cellKey(standardDeviation: 3), dominance: .init(share: 0.8, pRatio: 0.2),
            complement: false),
    ]

    @Test(arguments: profiles, profiles)
    func joinIsCommutativeIdempotentAndNeverWeaker(left: DisclosureProfile, right: DisclosureProfile) throws {
        let joined = try left.joined(with: right)
        #expect(try right.joined(with: left) == joined)
        #expect(try joined.joined(with: right) == joined)
        #expect(try left.joined(with: left) == left)
        #expect(joined.minimumPeople >= max(left.minimumPeople, right.minimumPeople))
        #expect(joined.roundingBase >= max(left.roundingBase, right.roundingBase))
        #expect(joined.complement == (left.complement || right.complement))
        for third in Self.profiles {
            #expect(try joined.joined(with: third) == left.joined(with: right.joined(with: third)))
        }
    }

    @Test func roundingBasesWithoutAJoinAreRefused() {
        let seven = DisclosureProfile(
            name: "sevens", version: 1, minimumPeople: 7, roundingBase: 7, noise: .none, dominance: nil,
            complement: false)
        #expect(throws: ProfileConflict(field: "roundingBase", profiles: ["concordat", "sevens"])) {
            try seven.joined(with: .concordat)
        }
    }

    @Test func tablesOfNoiseHaveNoJoinWithOtherNoise() throws {
        #expect(throws: ProfileConflict(field: "noise", profiles: ["concordat", "ons-10-5"])) {
            try DisclosureProfile.ons105.joined(with: .concordat)
        }
        let both = try DisclosureProfile.ons105.joined(with: .hes2018)
        #expect(both.noise == DisclosureProfile.ons105.noise)
        #expect((both.minimumPeople, both.minimumShown) == (10, 10))
    }

    @Test func everyProfileIsKnownByItsName() {
        for profile in [DisclosureProfile.concordat, .hes2018, .ons105, .acro, .none] {
            #expect(DisclosureProfile.named(profile.name) == profile)
        }
    }

    @Test func noneIsNeutral() throws {
        #expect(try DisclosureProfile.none.joined(with: .concordat) == .concordat)
        #expect(DisclosureProfile.named("no such") == nil)
    }
}
