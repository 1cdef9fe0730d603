package import Core

extension Agreement {
    /// The Five Safes (UK Data Service; Office for National Statistics), each in words.
    package struct FiveSafes: Codable, Hashable, Sendable {
        package let project: String
        package let people: String
        package let settings: String
        package let data: String
        package let outputs: String
    }

    /// The data protection impact assessment: its text, or where it is kept.
    package struct ImpactAssessment: Codable, Hashable, Sendable {
        package let title: String
        package let reference: String?
        package let text: String?
    }

    /// How often.
    package struct Cadence: Codable, Hashable, Sendable {
        /// The most questions that each controller answers in any such period.
        package struct Rate: Codable, Hashable, Sendable {
            package let most: Int
            package let per: Period

            package init(most: Int, per: Period) {
                self.most = most
                self.per = per
            }
        }

        package let questions: Rate?
        /// Each controller publishes anew at least once in such a period: `status` warns when it has not.
        package let snapshots: Period?
    }

    package enum Period: String, Codable, Sendable, CaseIterable {
        case day, week, month, quarter

        /// Of a period that ends now: a month is 30 days, a quarter 91.
        package var days: Int {
            switch self {
            case .day: 1
            case .week: 7
            case .month: 30
            case .quarter: 91
            }
        }
    }

    /// What the parties agreed to leave out of what the law otherwise asks for, and why.
    package struct Exemptions: Codable, Hashable, Sendable {
        /// The Confidentiality Advisory Group exempted this flow from the national data opt-out.
        package struct NationalDataOptOut: Codable, Hashable, Sendable {
            package let reason: String
            /// The flow, as the advice names it.
            package let cagFlow: String
        }

        package let nationalDataOptOut: NationalDataOptOut?
        /// Why leaving out people without an NHS number would be disproportionate. Put on record; they are left out
        /// wherever an opt-out applies all the same, which is the stricter way.
        package let withoutNHSNumber: String?
    }

    /// Whether this scheme is demanded of it by law where the gateway would: not where CAG exempted the flow.
    package func isExempt(from scheme: OptOutScheme) -> Bool {
        scheme == .nationalDataOptOut && exemptions?.nationalDataOptOut != nil
    }
}
