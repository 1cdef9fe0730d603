internal import Core
internal import Exchange

extension Enforcement.Permit {
    /// Whether what was allowed when the question came is still allowed when its answer is about to leave.
    /// - Throws: `SiteRefusal` where the last day of a policy or the agreement has passed meanwhile.
    func holds(at now: WireInstant) throws(SiteRefusal) {
        guard let last = obligations.validUntil, CivilDate(days: Int(Clock.days(now.milliseconds))) > last
        else { return }
        throw SiteRefusal(
            rule: "policy", words: "the permission ended on \(last), before the answer was ready",
            determining: decision.determining)
    }
}
