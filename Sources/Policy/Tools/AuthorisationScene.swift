import Core
import Foundation
import Yams

/// The requests of the authorisation matrix: what is varied, and what stays as it is.
struct AuthorisationScene: Sendable {
    /// What has become of the agreement.
    enum Standing: String, CaseIterable {
        case none = "no agreement"
        case draft
        case partlySigned = "partly signed"
        case notYetInForce = "not yet in force"
        case inForce = "in force"
        case expired
        case suspended
        case suspendedByRequester = "suspended by the requester"
        case revoked
        case revokedByRequester = "revoked by the requester"
    }

    /// One thing about a question that is otherwise.
    struct Change: Sendable {
        let name: String
        let apply: @Sendable (AccessRequest) -> AccessRequest
    }

    private static let care: [(name: String, facts: CareFacts)] = [
        ("who cares for the person", .init(true, glass: false, reason: false, uses: 0)),
        ("who breaks the glass, with a reason", .init(false, glass: true, reason: true, uses: 0)),
        ("who breaks the glass without a reason", .init(false, glass: true, reason: false, uses: 0)),
        ("who breaks the glass a fourth time in 24 hours", .init(false, glass: true, reason: true, uses: 3)),
        ("who neither cares nor breaks the glass", .init(false, glass: false, reason: false, uses: 0)),
    ]
    private static let synthetic = "synthetic data"

    private let purposes: [String]
    /// An organisation that no policy names comes first.
    private let requesters: [String]
    private let controller: OrganisationCode
    private let agreements: [[String]: Agreement]

    /// - Throws: what YAML throws, were the scene's own agreement not one.
    init(_ engine: PolicyEngine) throws {
        var named: Set<EntityUID> = []
        for policy in engine.policies.policies { named.formUnion(policy.entities) }
        let roots = engine.purposes.terms.filter { engine.purposes.parent(of: $0) == nil }.map(\.name)
        purposes = Set(roots).union(named.filter { $0.type == "Purpose" }.map(\.id)).sorted()
        requesters = ["QWE"] + named.filter { $0.type == "Organisation" }.map(\.id).sorted()
        controller = try Self.code("RJ1")
        var agreements: [[String]: Agreement] = [:]
        for requester in requesters {
            for purpose in purposes {
                for gateway in LegalContext.Gateway.allCases.map(\.rawValue) {
                    let text = Self.agreement(requester, purpose, gateway)
                    // Not validated: the policies alone decide here.
                    agreements[[requester, purpose, gateway]] = try YAMLDecoder().decode(
                        Agreement.self, from: text)
                }
            }
        }
        self.agreements = agreements
    }

    func dimensions(of action: AccessAction) -> [AuthorisationRows.Dimension] {
        [
            .init(name: "", values: action == .readRecord ? Self.care.map(\.name) : [""]),
            .init(name: "gateway", values: LegalContext.Gateway.allCases.map(\.rawValue)),
            .init(name: "purpose", values: purposes),
            .init(name: "role", values: UserRole.allCases.map(\.rawValue)),
            .init(name: "", values: ["real data", Self.synthetic]),
            .init(
                name: "requester",
                values: requesters.map { $0 == "QWE" ? "whom no policy names" : $0 }),
        ]
    }

    /// The request at a place of `dimensions(of:)`.
    func request(
        _ action: AccessAction, _ place: [String], standing: Standing = .inForce
    ) -> AccessRequest {
        let requester = requesters.contains(place[5]) ? place[5] : "QWE"
        let agreement = agreements[[requester, place[2], place[1]]]
        return AccessRequest(
            requester: OrganisationCode(requester) ?? controller, controller: controller, user: "user",
            roles: Set(UserRole(rawValue: place[3]).map { [$0] } ?? []), action: action,
            agreement: agreement.flatMap { record($0, standing) }, statedPurpose: Purpose(place[2]),
            columns: ["patient.sex", "condition.code"], codelists: [],
            care: Self.care.first { $0.name == place[0] }?.facts, isSynthetic: place[4] == Self.synthetic,
            now: Self.date(standing == .notYetInForce ? -400 : standing == .expired ? 400 : 0))
    }

    /// A request for an action within the node.
    func local(_ action: AccessAction, role: String, isOwn: Bool) -> AccessRequest {
        AccessRequest(
            requester: isOwn ? controller : OrganisationCode("QWE") ?? controller, controller: controller,
            user: "user", roles: Set(UserRole(rawValue: role).map { [$0] } ?? []), action: action,
            agreement: nil,
            statedPurpose: nil, columns: [], codelists: [], isSynthetic: false, now: Self.date(0))
    }

    private func record(_ agreement: Agreement, _ standing: Standing) -> AgreementRecord? {
        let all = agreement.parties
        let (own, asker) = (Set([controller]), Set([agreement.requester]))
        switch standing {
        case .none: return nil
        case .draft: return AgreementRecord(agreement: agreement, signers: [])
        case .partlySigned: return AgreementRecord(agreement: agreement, signers: asker)
        case .notYetInForce, .inForce, .expired: return AgreementRecord(agreement: agreement, signers: all)
        case .suspended: return AgreementRecord(agreement: agreement, signers: all, suspendedBy: own)
        case .suspendedByRequester:
            return AgreementRecord(agreement: agreement, signers: all, suspendedBy: asker)
        case .revoked: return AgreementRecord(agreement: agreement, signers: all, revokedBy: own)
        case .revokedByRequester: return AgreementRecord(agreement: agreement, signers: all, revokedBy: asker)
        }
    }

    /// 2026-06-01 and so many days.
    private static func date(_ days: Int) -> Date {
        Date(timeIntervalSince1970: Double((CivilDate("2026-06-01")?.days ?? 0) + days) * 86_400 + 3600)
    }

    private static func code(_ text: String) throws -> OrganisationCode {
        guard let code = OrganisationCode(text) else {
            throw AgreementFault("requester", "'\(text)' is no organisation code")
        }
        return code
    }

    private static func agreement(_ requester: String, _ purpose: String, _ gateway: String) -> String {
        """
        id: example
        version: 1
        title: Example
        requester: \(requester)
        controllers: [RJ1]
        purpose: \(purpose)
        legalContext:
          article6: e
          article9: h
          gateway: \(gateway)
          references:
            { cag: 26/CAG/0001, cagReviewDue: 2026-12-01, dars: DARS-NIC-123456-A1B2C, dsa: DSA-1, dpia: DPIA-1 }
        actions: [aggregate, link, extract, readRecord]
        datasets: { patient: ["*"], condition: ["*"] }
        releaseForm: site
        disclosureProfile: concordat
        honour: []
        validFrom: 2026-01-01
        validUntil: 2026-12-31
        approvers: []
        """
    }
}

extension CareFacts {
    fileprivate init(_ relationship: Bool, glass: Bool, reason: Bool, uses: Int) {
        self.init(
            hasLegitimateRelationship: relationship, isBreakGlass: glass, hasReason: reason,
            recentBreakGlassUses: uses)
    }
}

extension CedarPolicy {
    /// The entities that it names, in its head and in its conditions.
    fileprivate var entities: Set<EntityUID> {
        var found: Set<EntityUID> = []
        for scope in [principal, resource] {
            switch scope {
            case .equal(let uid), .within(let uid), .isType(_, within: .some(let uid)): found.insert(uid)
            case .withinAny(let uids): found.formUnion(uids)
            default: break
            }
        }
        for condition in conditions {
            condition.body.walk { if let uid = $0.entityLiteral { found.insert(uid) } }
        }
        return found
    }
}
