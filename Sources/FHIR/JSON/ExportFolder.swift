internal import Foundation

/// The files of a folder that hold resources, with the log of the Bulk Data export that made them, if it is
/// one.
///
/// Source of the log's form: SMART on FHIR, "Bulk Data Export Logging".
package struct ExportFolder: Sendable {
    package struct File: Hashable, Sendable {
        package let path: String
        package let name: String
        /// As stored.
        package let size: Int
        package let content: FileContent
    }

    /// What the log of an export tells.
    package struct Log: Hashable, Sendable {
        package let exportId: String
        /// What was asked of the server.
        package let url: String?
        /// As of when the data was taken: `_since` of the next export.
        package let transactionTime: String?
        /// As counted when the export was complete; nil if it never was.
        package let files: Int?
        package let resources: Int?
        /// Errors that the export met.
        package let errors: Int

        package var isComplete: Bool { files != nil }
    }

    /// Resources by type as the file names of exports have it: `Patient` first, then by name.
    package let files: [File]
    package let log: Log?
    /// Names of files that hold something else, and what they were refused for.
    package let passedOver: [(name: String, reason: String)]
    /// Files that cannot be opened or are damaged at their beginning, or are NDJSON by name only: what they should hold
    /// is missing.
    package let unreadable: [ReadFault]

    /// - Throws: `ReadFault` if the folder cannot be read, or holds no JSON and FHIR XML or what cannot be read.
    package init(path: String) throws(ReadFault) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw ReadFault(code: .cannotOpen, path: path, byteOffset: 0)
        }
        var (files, log): ([File], Log?) = ([], nil)
        var others: [(name: String, reason: String)] = []
        var xml: ReadFault?
        var unreadable: [ReadFault] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            let whole = path + "/" + name
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: whole, isDirectory: &isFolder), isFolder.boolValue {
                others.append((name, "a folder: name it as well to have it read"))
                continue
            }
            let target = URL(filePath: whole).resolvingSymlinksInPath().path(percentEncoded: false)
            let attributes = try? FileManager.default.attributesOfItem(atPath: target)
            do {
                let content = try FileContent(path: whole)
                if content.isExportLog {
                    log = try Log(path: whole) ?? log
                } else if content.mayHoldResources {
                    files.append(
                        File(path: whole, name: name, size: attributes?[.size] as? Int ?? 0, content: content)
                    )
                } else {
                    others.append(
                        (name, content.kind == .empty ? "empty" : ReadFault.Code.notResources.rawValue))
                }
            } catch {
                let isMissing = [.damaged, .cannotOpen].contains(error.code)
                if isMissing || name.hasSuffix(".ndjson") || name.hasSuffix(".ndjson.gz") {
                    unreadable.append(error)
                    continue
                }
                if error.code == .isXML { xml = error }
                others.append((name, error.code.rawValue))
            }
        }
        if files.isEmpty, let fault = unreadable.first ?? xml { throw fault }
        self.unreadable = unreadable
        self.files = files.sorted { a, b in
            let (x, y) = (a.content.resourceType == "Patient", b.content.resourceType == "Patient")
            return x == y ? a.name < b.name : x
        }
        self.log = log
        passedOver = others
    }
}

extension ExportFolder.Log {
    private struct Event: Decodable {
        struct Detail: Decodable {
            let exportUrl: String?
            let transactionTime: String?
            let files: Int?
            let resources: Int?
        }
        let exportId: String
        let eventId: String
        let eventDetail: Detail?
    }

    /// The last export in the log; nil if no line of it can be read.
    init?(path: String) throws(ReadFault) {
        var reader = try NDJSONReader(path: path)
        var found: Self?
        while let block = try reader.next() {
            for line in block.lines {
                guard let event = try? JSONDecoder().decode(Event.self, from: Data(block.copy(line))) else {
                    continue
                }
                let known = found?.exportId == event.exportId ? found : nil
                let isEnd = event.eventId == "export_complete"
                found = Self(
                    exportId: event.exportId, url: event.eventDetail?.exportUrl ?? known?.url,
                    transactionTime: event.eventDetail?.transactionTime ?? known?.transactionTime,
                    files: isEnd ? event.eventDetail?.files : known?.files,
                    resources: isEnd ? event.eventDetail?.resources : known?.resources,
                    errors: (known?.errors ?? 0) + (event.eventId.hasSuffix("_error") ? 1 : 0))
            }
        }
        guard let found else { return nil }
        self = found
    }
}
