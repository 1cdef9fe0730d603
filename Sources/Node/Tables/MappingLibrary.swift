internal import Foundation
internal import Query

/// The mappings that a node has: those shipped in `Schemas/mappings`, its own in `mappings/` of the home, and any
/// file that is named.
struct MappingLibrary: Sendable {
    /// Of two mappings of one name that of the later folder counts.
    let folders: [String]

    /// - Parameter name: of a mapping, or the path of a file.
    /// - Throws: `NodeError` naming what is near; `MappingFault` for a file that is at fault.
    func mapping(_ name: String) throws -> (mapping: TableMapping, file: String) {
        if Self.isPath(name) { return try read(name) }
        for folder in folders.reversed() {
            let path = "\(folder)/\(name).yaml"
            if FileManager.default.fileExists(atPath: path) { return try read(path) }
        }
        let known = try names()
        let near = Suggestion.nearest(to: name, among: known)
        let hint =
            near.isEmpty
            ? "there are \(known.joined(separator: ", "))" : "did you mean \(near.joined(separator: ", "))?"
        throw NodeError(.input, "there is no mapping '\(name)'; \(hint)")
    }

    static func isPath(_ name: String) -> Bool {
        name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.contains("/")
    }

    func names() throws -> [String] {
        let files = folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
        return Set(files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }).sorted()
    }

    private func read(_ path: String) throws -> (mapping: TableMapping, file: String) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw NodeError(.input, "cannot read the mapping '\(path)'")
        }
        let file = String(path.split(separator: "/").last ?? "")
        return (try TableMapping(yaml: String(decoding: data, as: UTF8.self), file: file), file)
    }
}
