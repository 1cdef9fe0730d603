package import Foundation

/// The texts that a controller's policies consist of, by name: from a folder, or from a bundle that was signed.
///
/// Policies (`*.cedar`) with their vocabulary (`*.cedarschema`), `purposes.yaml`, `opt-outs.yaml`, cases (`*.cases.yaml`)
/// and restricted codelists (`restricted/*.csv`). Nothing else of a folder is read.
package struct PolicyFiles: Hashable, Sendable {
    /// Name of the folder or the bundle, for messages.
    package let name: String
    /// Path within the folder -> text.
    package let texts: [String: String]

    package init(name: String, texts: [String: String]) {
        self.name = name
        self.texts = texts
    }

    /// Reads a folder; a link to one is followed.
    /// - Throws: what Foundation throws, and `PolicyFault` for a file that is not UTF-8.
    package init(directory: URL) throws {
        let directory = directory.resolvingSymlinksInPath()
        var texts: [String: String] = [:]
        for folder in ["", "restricted"] {
            let place = folder.isEmpty ? directory : directory.appending(path: folder)
            guard folder.isEmpty || FileManager.default.fileExists(atPath: place.path) else { continue }
            for name in try FileManager.default.contentsOfDirectory(atPath: place.path) {
                let path = folder.isEmpty ? name : "\(folder)/\(name)"
                guard Self.belongs(path) else { continue }
                guard
                    let text = String(
                        data: try Data(contentsOf: place.appending(path: name)), encoding: .utf8)
                else { throw PolicyFault(path, "the file is not UTF-8 text") }
                texts[path] = text
            }
        }
        self.init(name: directory.lastPathComponent, texts: texts)
    }

    /// The texts whose names end so, by name.
    package func ending(in suffix: String) -> [(name: String, text: String)] {
        texts.filter { $0.key.hasSuffix(suffix) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// - Throws: `PolicyFault` if there is no such text.
    func text(_ path: String) throws -> String {
        guard let text = texts[path] else {
            throw PolicyFault(name, "\(path) is missing: copy it from the shipped policies")
        }
        return text
    }

    private static func belongs(_ path: String) -> Bool {
        let isTop = !path.contains("/")
        return isTop
            ? [".cedar", ".cedarschema", ".yaml"].contains { path.hasSuffix($0) }
            : path.hasSuffix(".csv")
    }
}
