internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Logging
internal import Policy
internal import Store

/// Carries out what people at this node ask of it; the same for the local socket and for the command line.
package struct CommandRunner: Sendable {
    let context: NodeContext
    let isServing: Bool
    private let authorisation: LocalAuthorisation

    /// - Parameter user: who asks, where that is one of the node's users and not the owner of its home.
    package init(context: NodeContext, isServing: Bool, user: NodeUser? = nil) {
        self.context = context
        self.isServing = isServing
        authorisation = LocalAuthorisation(context: context, user: user)
    }

    /// Never throws: a failure is a reply that names the remedy.
    package func run(_ command: NodeCommand, progress: @escaping ProgressSink) async -> NodeReply {
        do {
            return try await carryOut(command, progress: progress)
        } catch let fault as QuestionFault {
            return .fault(fault)
        } catch let error as ExchangeError {
            return .failed("the document was not accepted: \(error)")
        } catch let error as any CustomStringConvertible & Error {
            return .failed(error.description)
        } catch {
            context.log.error("a command failed", metadata: ["error": "\(type(of: error))"])
            return .failed("the command failed (\(type(of: error))); the log has more")
        }
    }

    /// The same, but what stands against it is thrown.
    package func carryOut(
        _ command: NodeCommand, progress: @escaping ProgressSink = { _, _, _, _ in }
    ) async throws -> NodeReply {
        try authorisation.check(command)
        return try await perform(command, progress: progress)
    }

    private func perform(_ command: NodeCommand, progress: @escaping ProgressSink) async throws -> NodeReply {
        let federation = FederationAdministration(context: context)
        let agreements = AgreementAdministration(context: context)
        switch command {
        case .ask, .explain, .explainAtSites: return try await answer(command, progress: progress)
        case .ingest(let paths):
            return .ingested(
                try await ControllerAdministration(context: context).ingest(paths, progress: progress))
        case .ingestTables(let command):
            return .ingested(
                try await TableAdministration(context: context).ingest(command, progress: progress))
        case .bulk(let command):
            return try await BulkAdministration(context: context).run(command, progress: progress)
        case .quarantineList, .quarantineShow, .quarantineRetry, .quarantineExport, .quarantineDegraded:
            return try await quarantine(command, of: nil, progress: progress)
        case .hosted(let controller, let command):
            return try await perform(command, of: controller, progress: progress)
        case .quality(let request): return try await quality(request, progress: progress)
        case .identity(let command): return try await IdentityAdministration(context: context).run(command)
        case .publish:
            let publication = try await ControllerAdministration(context: context).publish()
            return .published(publication.note(at: Clock.now))
        case .importOptOut(let path, let scheme, let listedAt):
            return .done(
                try await ConsentAdministration(context: context).importList(path, scheme, listedAt: listedAt)
            )
        case .people(let command): return try await people(command)
        case .consent(let command): return try await ConsentAdministration(context: context).run(command)
        case .status: return .status(try await StatusReport(context: context, isServing: isServing).make())
        case .verifyAudit: return try await verifyAudit()
        case .showDecision(let id): return try await DecisionLog(context: context).show(id)
        case .policyBundle(let command): return try await PolicyAdministration(context: context).run(command)
        case .membershipCard: return .document(try federation.card())
        case .createFederation(let name): return .done(try federation.create(name))
        case .addMember(let card): return .done(try await federation.add(card))
        case .signDirectory(let days): return .document(try federation.sign(days: days))
        case .joinFederation(let directory): return .done(try await federation.join(directory))
        case .showFederation: return try federation.show()
        case .draftAgreement(let yaml): return .document(try agreements.draft(yaml))
        case .signAgreement(let document): return .document(try await agreements.sign(document))
        case .importAgreement(let document): return .done(try await agreements.take(document))
        case .listAgreements: return try await agreements.list()
        case .showAgreement(let id): return try await agreements.show(id)
        case .care(let command): return try await CareAdministration(context: context).run(command)
        case .revokeAgreement(let id, let reason):
            return .done(try await agreements.halt(id, .revoked, reason))
        case .agreement(let command): return try await agreements.perform(command)
        case .review(let command): return try await ReviewAdministration(context: context).perform(command)
        case .reference(let command):
            return try await ReferenceAdministration(context: context).perform(command, progress: progress)
        case .saved(let command): return try await SavedQueryAdministration(context: context).perform(command)
        case .measure(let command): return try await MeasureAdministration(context: context).perform(command)
        case .user(let command): return try await UserAdministration(context: context).run(command)
        case .token(let command): return try await TokenAdministration(context: context).run(command)
        case .openID(let command): return try await OpenIDAdministration(context: context).run(command)
        case .inquire(let inquiry): return try await InquiryDesk(context: context).answer(inquiry)
        case .policyFacts: return .document(try await PolicyInquiry(context: context).facts())
        }
    }

    /// What can be done with the data of another controller; answers, lists and letters are the organisation's own.
    private func perform(
        _ command: NodeCommand, of controller: OrganisationCode, progress: @escaping ProgressSink
    ) async throws -> NodeReply {
        switch command {
        case .ingest(let paths):
            return .ingested(
                try await ControllerAdministration(context: context, controller: controller)
                    .ingest(paths, progress: progress))
        case .ingestTables(let command):
            return .ingested(
                try await TableAdministration(context: context, controller: controller)
                    .ingest(command, progress: progress))
        case .quarantineList, .quarantineShow, .quarantineRetry, .quarantineExport, .quarantineDegraded:
            return try await quarantine(command, of: controller, progress: progress)
        case .identity(let command):
            return try await IdentityAdministration(context: context, controller: controller).run(command)
        default:
            throw NodeError(
                .input, "this command is about \(context.organisation) alone: leave --controller out")
        }
    }

    private func quarantine(
        _ command: NodeCommand, of controller: OrganisationCode?, progress: @escaping ProgressSink
    ) async throws -> NodeReply {
        let quarantine = try QuarantineAdministration(context: context, controller: controller)
        switch command {
        case .quarantineList(let entries): return try await quarantine.list(entries: entries)
        case .quarantineDegraded(let entries):
            return try await DegradedRecords(holding: try context.holding(of: controller)).list(
                entries: entries)
        case .quarantineShow(let id, let json): return .document(try await quarantine.show(id, json: json))
        case .quarantineRetry: return .ingested(try await quarantine.retry(progress: progress))
        case .quarantineExport(let path): return .done(try await quarantine.export(to: path))
        default: preconditionFailure("not a command about the quarantine")
        }
    }

    private func verifyAudit() async throws -> NodeReply {
        _ = try await context.audit.checkpoint()
        let report = try AuditVerifier.verify(
            directory: context.home.layout.logDirectory, store: context.store,
            origin: NodeContext.origin(context.organisation),
            publicKey: context.keys.publicKeys.checkpoint.bytes)
        guard report.isSound else {
            let first = report.problems.first.map { $0.message } ?? "unknown"
            let place = report.firstWrongIndex.map { " at entry \($0)" } ?? ""
            return .failed("the log is NOT sound\(place): \(first) (\(report.problems.count) problems)")
        }
        return .done(
            "the log is sound: \(report.size) entries, \(report.recordsChecked) records re-hashed, "
                + "\(report.tilesChecked) tiles and the signed checkpoint checked")
    }
}
