internal import Core
internal import Policy

/// A request or a decision in one line.
enum RequestText {
    static func line(_ request: AccessRequest) -> String {
        var parts = [
            "\(request.requester) as \(request.roles.map(\.rawValue).sorted().joined(separator: "+"))",
            "asks \(request.controller) for \(request.action.rawValue)",
        ]
        if let record = request.agreement {
            let agreement = record.agreement
            let state = record.state(for: request.controller, on: request.today).rawValue
            parts.append(
                "agreement \(state) for \(agreement.purpose) on \(agreement.legalContext.gateway.rawValue) with "
                    + "profile \(agreement.disclosureProfile)")
        } else {
            parts.append("no agreement")
        }
        if let purpose = request.statedPurpose { parts.append("stated purpose \(purpose)") }
        if !request.columns.isEmpty {
            parts.append("columns \(request.columns.sorted().joined(separator: ", "))")
        }
        if !request.codelists.isEmpty {
            parts.append("codelists \(request.codelists.sorted().joined(separator: ", "))")
        }
        if let care = request.care { parts.append(words(care)) }
        parts.append(request.isSynthetic ? "synthetic data" : "real data")
        parts.append("on \(request.today)")
        return parts.joined(separator: "; ")
    }

    static func words(_ care: CareFacts) -> String {
        if care.isBreakGlass {
            return "glass broken \(care.hasReason ? "with" : "without") a reason, "
                + "\(care.recentBreakGlassUses) times before"
        }
        return care.hasLegitimateRelationship ? "legitimate relationship" : "no relationship"
    }
}
