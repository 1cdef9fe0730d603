import Foundation
import Policy

/// Decides requests in rounds, as often as it is told, and says how long that took.
///
///     decide POLICIES ENTITIES REQUESTS
///
/// REQUESTS has a line of JSON each: `{"principal": …, "action": …, "resource": …, "context": …}`. A line `json N` on
/// standard input decides all of them N times from their texts, `made N` from requests that were made before; the
/// answer is a line with the seconds of each round. `decisions` answers with each decision.
struct Bench {
    let policies: CedarPolicySet
    let entities: CedarEntities
    let lines: [[UInt8]]

    init(_ arguments: [String]) throws {
        func text(_ place: Int) throws -> String {
            try String(contentsOfFile: arguments[place], encoding: .utf8)
        }
        policies = try CedarPolicySet(parsing: try text(1), naming: .place)
        entities = try CedarJSON.entities(Array(try text(2).utf8))
        lines = try text(3).split(separator: "\n").map { Array($0.utf8) }
    }

    func request(_ line: [UInt8]) throws -> CedarRequest {
        let document = try CedarDocument(line)
        func uid(_ key: CedarText) -> EntityUID {
            EntityUID(document[key]?["type"]?.string ?? "", document[key]?["id"]?.string ?? "")
        }
        // The context travels as a text of its own, as callers of Cedar hand it over.
        return CedarRequest(
            principal: uid("principal"), action: uid("action"), resource: uid("resource"),
            context: try CedarJSON.record(Array((document["context"]?.string ?? "{}").utf8)))
    }

    func decide(_ request: CedarRequest) -> CedarPolicySet.Answer {
        policies.decide(request, entities, errors: .skip)
    }

    /// Seconds of each round.
    func rounds(_ count: Int, _ body: () throws -> Int) rethrows -> [Double] {
        try (0..<count).map { _ in
            let started = ContinuousClock.now
            let allowed = try body()
            let seconds = (ContinuousClock.now - started) / .seconds(1)
            return allowed < 0 ? 0 : seconds
        }
    }

    func answer(_ command: String) throws -> String {
        let words = command.split(separator: " ")
        let count = words.count > 1 ? Int(words[1]) ?? 1 : 1
        switch words.first {
        case "json":
            return "\(try rounds(count) { try lines.count { decide(try request($0)).isAllowed } })"
        case "made":
            let made = try lines.map(request)
            return "\(rounds(count) { made.count { decide($0).isAllowed } })"
        default:
            let answers = try lines.map { line -> [String: Any] in
                let answer = decide(try request(line))
                return [
                    "allowed": answer.isAllowed, "reasons": answer.determining.sorted(),
                    "errors": answer.errors.count,
                ]
            }
            let data = try JSONSerialization.data(withJSONObject: answers, options: [.sortedKeys])
            return String(decoding: data, as: UTF8.self)
        }
    }
}

do {
    guard CommandLine.arguments.count == 4 else {
        print("usage: decide POLICIES ENTITIES REQUESTS")
        exit(2)
    }
    let bench = try Bench(CommandLine.arguments)
    while let line = readLine() {
        print(try bench.answer(line))
        fflush(nil)
    }
} catch {
    print("decide: \(error)")
    exit(1)
}
