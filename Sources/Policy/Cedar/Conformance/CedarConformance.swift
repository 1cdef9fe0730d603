package import Foundation

/// Runs the cases of Cedar's own test suite: a folder in the layout of the repository cedar-integration-tests.
///
/// What is counted: every request is one comparison (decision, determining policies, policies with errors, and
/// that the request conforms to the schema where the case says so), and every case one more (whether its
/// policies validate, and its schema and entities can be read). Policies that cannot be evaluated are skipped,
/// as the language has it, whatever a node does in production.
package struct CedarConformance {
    /// How many comparisons came out as the cases say.
    package struct Outcome: Sendable, Hashable {
        package var cases = 0
        package var agree = 0
        package var differ = 0
        /// The first ten that differ, by file and request, with what was expected and what came.
        package var firstDifferences: [String] = []
        /// Archives that were found and must be unpacked before their cases are run, by their paths in the folder.
        package var packed: [String] = []
    }

    private let root: URL
    private var outcome = Outcome()

    private init(root: URL) { self.root = root }

    /// Runs every case below a folder.
    /// - Parameters:
    ///   - directory: the repository's root, or a folder that holds cases with their files beside them.
    ///   - report: is told of every difference, and of archives that are still packed.
    /// - Throws: `CedarFault` where the folder cannot be read or holds neither cases nor archives.
    package static func run(
        directory: URL, report: (String) -> Void = { _ in }
    ) throws(CedarFault) -> Outcome {
        let root = directory.resolvingSymlinksInPath()
        guard let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil) else {
            throw CedarFault(.document, "the folder \(directory.lastPathComponent) cannot be read")
        }
        var run = CedarConformance(root: root)
        var found: [String] = []
        for case let file as URL in files {
            let name = file.lastPathComponent
            if name.hasSuffix(".json"), !name.hasSuffix("entities.json") { found.append(file.path) }
            if name.hasSuffix(".tar.gz") {
                run.outcome.packed.append(String(file.path.dropFirst(root.path.count + 1)))
            }
        }
        for path in found.sorted() { run.file(URL(filePath: path), report) }
        for name in run.outcome.packed { report("\(name) is packed: unpack it with tar xzf \(name)") }
        guard run.outcome.cases > 0 || !run.outcome.packed.isEmpty else {
            throw CedarFault(.document, "the folder \(directory.lastPathComponent) holds no cases")
        }
        return run.outcome
    }

    // MARK: One case

    /// What a case says: where its files are, and what must come out.
    private struct Case {
        let name: String
        let folder: URL
        let document: CedarDocument
        let requests: [CedarDocument]
        let shouldValidate: Bool
    }

    private mutating func file(_ file: URL, _ report: (String) -> Void) {
        guard let data = try? Data(contentsOf: file), let document = try? CedarDocument(data),
            document["policies"]?.string != nil, let requests = document["requests"]?.array
        else { return }
        let name =
            file.path.hasPrefix(root.path) ? String(file.path.dropFirst(root.path.count + 1)) : file.path
        let test = Case(
            name: name, folder: file.deletingLastPathComponent(), document: document, requests: requests,
            shouldValidate: document["shouldValidate"]?.bool ?? true)
        outcome.cases += 1
        do throws(CedarFault) {
            try run(test, report)
        } catch {
            note("\(test.name): \(error)", report)
            outcome.differ += 1 + test.requests.count
        }
    }

    private mutating func note(_ difference: String, _ report: (String) -> Void) {
        if outcome.firstDifferences.count < 10 { outcome.firstDifferences.append(difference) }
        report(difference)
    }

    /// A file that a case names: relative to the root, to the case, or beside it.
    private func content(_ test: Case, _ member: CedarText) throws(CedarFault) -> Data {
        guard let path = test.document[member]?.string else {
            throw CedarFault(.document, "the case names no \(member)")
        }
        let places = [
            root.appending(path: path), test.folder.appending(path: (path as NSString).lastPathComponent),
            test.folder.deletingLastPathComponent().appending(path: path),
            root.deletingLastPathComponent().appending(path: path),
        ]
        for place in places {
            if let data = try? Data(contentsOf: place) { return data }
        }
        throw CedarFault(.document, "the file \(path) is not there")
    }

    private func text(_ test: Case, _ member: CedarText) throws(CedarFault) -> String {
        guard let text = String(validating: try content(test, member), as: UTF8.self) else {
            throw CedarFault(.document, "the \(member) are not UTF-8")
        }
        return text
    }

    private mutating func run(_ test: Case, _ report: (String) -> Void) throws(CedarFault) {
        let policies = try CedarPolicySet(parsing: text(test, "policies"), naming: .place)
        let source = try text(test, "schema")
        let schema =
            source.utf8.first { $0 > 0x20 } == UInt8(ascii: "{")
            ? try CedarSchema(json: source.utf8) : try CedarSchema(parsing: source)
        let entities = try CedarJSON.entities(content(test, "entities"), schema: schema)
        let findings = CedarValidator(schema).validate(policies).filter { !$0.isWarning }
        if findings.isEmpty == test.shouldValidate {
            outcome.agree += 1
        } else {
            outcome.differ += 1
            let why = findings.first?.description ?? "no findings"
            note("\(test.name): validation should \(test.shouldValidate ? "pass" : "fail"): \(why)", report)
        }
        for (place, request) in test.requests.enumerated() {
            do throws(CedarFault) {
                try compare(request, policies, schema, entities)
                outcome.agree += 1
            } catch {
                outcome.differ += 1
                let name = request["description"]?.string ?? "request \(place)"
                note("\(test.name): \(name): \(error.message)", report)
            }
        }
    }

    /// - Throws: what differs.
    private func compare(
        _ document: CedarDocument, _ policies: CedarPolicySet, _ schema: CedarSchema,
        _ entities: CedarEntities
    ) throws(CedarFault) {
        let action = try CedarJSON.uid(document["action"] ?? .null)
        let request = CedarRequest(
            principal: try CedarJSON.uid(document["principal"] ?? .null), action: action,
            resource: try CedarJSON.uid(document["resource"] ?? .null),
            context: try CedarJSON.context(
                document["context"] ?? .object([:]), expecting: schema.actions[action]?.context))
        if document["validateRequest"]?.bool ?? true { try schema.check(request) }
        let answer = policies.decide(request, entities, errors: .skip)
        let expected = document["decision"]?.string?.lowercased() == "allow"
        if answer.isAllowed != expected {
            throw CedarFault(.document, "expected \(expected ? "allow" : "deny")")
        }
        let parts = [("reason", Set(answer.determining)), ("errors", Set(answer.errors.keys))]
        for (name, came) in parts {
            let wanted = Set((document[CedarText(name)]?.array ?? []).compactMap(\.string))
            if came != wanted {
                throw CedarFault(.document, "\(name): expected \(wanted.sorted()), found \(came.sorted())")
            }
        }
    }
}
