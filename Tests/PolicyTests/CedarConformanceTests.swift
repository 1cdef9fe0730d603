import Foundation
import Testing

@testable import Policy

/// Cedar's own handwritten tests (decision, determining policies, errors), where outside data is given.
///
/// `CONCORDAT_OUTSIDE_DATA` names the folder that holds `cedar/tests` and `cedar/sample-data`.
@Suite struct CedarConformanceTests {
    private struct Suite: Decodable {
        struct UID: Decodable { let type: String, id: String }

        struct Request: Decodable {
            let description: String
            let principal: UID
            let action: UID
            let resource: UID
            let decision: String
            let reason: [String]
            let errors: [String]
        }

        let policies: String
        let entities: String
        let requests: [Request]
    }

    static let root = ProcessInfo.processInfo.environment["CONCORDAT_OUTSIDE_DATA"]
        .map { URL(filePath: $0).appending(path: "cedar") }

    @Test("Cedar's handwritten tests", .enabled(if: root != nil, "CONCORDAT_OUTSIDE_DATA is not set"))
    func handwritten() throws {
        let root = try #require(Self.root)
        let files = try #require(
            FileManager.default.enumerator(at: root.appending(path: "tests"), includingPropertiesForKeys: nil)
        )
        var requests = 0
        for case let file as URL in files where file.pathExtension == "json" {
            requests += try run(file, root)
        }
        #expect(requests > 50)
    }

    private func run(_ file: URL, _ root: URL) throws -> Int {
        let data = try Data(contentsOf: file)
        let suite = try JSONDecoder().decode(Suite.self, from: data)
        let policies = try CedarPolicySet(
            parsing: String(contentsOf: root.appending(path: suite.policies), encoding: .utf8))
        let entities = try CedarJSON.entities(
            Data(contentsOf: root.appending(path: suite.entities)), impliedReferences: true)
        let raw = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let contexts = try #require(raw["requests"] as? [[String: Any]]).map { $0["context"] ?? [:] }
        for (request, context) in zip(suite.requests, contexts) {
            let answer = policies.decide(
                CedarRequest(
                    principal: EntityUID(request.principal.type, request.principal.id),
                    action: EntityUID(request.action.type, request.action.id),
                    resource: EntityUID(request.resource.type, request.resource.id),
                    context: try CedarJSON.record(JSONSerialization.data(withJSONObject: context))),
                entities, errors: .skip)
            let place = "\(file.lastPathComponent): \(request.description)"
            #expect(answer.isAllowed == (request.decision == "allow"), "\(place)")
            #expect(answer.determining.sorted() == request.reason.sorted(), "\(place)")
            #expect(answer.errors.keys.sorted() == request.errors.sorted(), "\(place)")
        }
        return suite.requests.count
    }
}
