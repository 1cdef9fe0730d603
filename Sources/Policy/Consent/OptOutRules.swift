package import Core
import Yams

/// Whether an opt-out, an objection or the need of consent applies: decided by the gateway, the action and the scheme, never by who asks.
///
/// Data in `opt-outs.yaml` (National data opt-out operational policy guidance, sections 5 to 7); a
/// combination that is not listed is an error when the file is read.
package struct OptOutRules: Sendable {
    package enum Rule: String, Codable, Sendable {
        /// It must be honoured.
        case applies
        /// The law sets it aside; a policy or agreement may still ask for it.
        case exempt
        /// Not demanded by law: policies and agreements say (`@honour`).
        case byPolicy = "by-policy"
    }

    private let rules: [OptOutScheme: [LegalContext.Gateway: [AccessAction: Rule]]]

    /// Reads scheme -> gateway -> action -> rule.
    package init(yaml: String) throws {
        let document = try YAMLDecoder().decode([String: [String: [String: Rule]]].self, from: yaml)
        var rules: [OptOutScheme: [LegalContext.Gateway: [AccessAction: Rule]]] = [:]
        for scheme in OptOutScheme.allCases {
            for gateway in LegalContext.Gateway.allCases {
                for action in AccessAction.overData {
                    guard let rule = document[scheme.rawValue]?[gateway.rawValue]?[action.rawValue] else {
                        throw PolicyFault(
                            "opt-outs.yaml",
                            "no rule for \(scheme.rawValue), \(gateway.rawValue), \(action.rawValue)")
                    }
                    rules[scheme, default: [:]][gateway, default: [:]][action] = rule
                }
            }
        }
        self.rules = rules
    }

    /// The rule for one combination.
    package func rule(
        _ scheme: OptOutScheme, gateway: LegalContext.Gateway, action: AccessAction
    ) -> Rule {
        // INVARIANT: complete, by `init`; were it not, an opt-out would rather be honoured.
        rules[scheme]?[gateway]?[action] ?? .applies
    }
}
