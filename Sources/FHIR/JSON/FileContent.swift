internal import CSimdJSON

/// What a file holds, told from its beginning.
package struct FileContent: Hashable, Sendable {
    package enum Kind: Sendable {
        /// A resource a line.
        case lines
        /// Resources over many lines, or Bundles.
        case documents
        case empty
    }

    package let kind: Kind
    /// Of the first resource, where it tells; of a Bundle, `Bundle`.
    package let resourceType: String?
    /// The log of a Bulk Data export: events, not resources.
    package let isExportLog: Bool
    /// False for a file whose first object is whole and has no `resourceType`.
    package let mayHoldResources: Bool

    /// - Throws: `ReadFault` if the file cannot be opened or is something else than FHIR JSON.
    package init(path: String) throws(ReadFault) {
        guard let file = cgzip_open(path) else {
            throw ReadFault(code: .cannotOpen, path: path, byteOffset: 0)
        }
        defer { cgzip_close(file) }
        var head = FileHead()
        let room = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 8)
        defer { room.deallocate() }
        var bytesRead = 0
        while head.verdict == nil, bytesRead <= NDJSONReader.lineLimit {
            let count = cgzip_read(file, room, 1 << 16)
            guard count >= 0 else { throw ReadFault(code: .damaged, path: path, byteOffset: bytesRead) }
            if count == 0 { break }
            if let code = head.read(
                UnsafeRawBufferPointer(start: room, count: count), isFirst: bytesRead == 0)
            {
                throw ReadFault(code: code, path: path, byteOffset: bytesRead)
            }
            bytesRead += count
        }
        kind = head.isEmpty ? .empty : head.verdict ?? (head.isSpread ? .documents : .lines)
        mayHoldResources = !head.isEmpty && (head.resourceType != nil || !head.isWhole)
        resourceType = head.resourceType
        isExportLog = head.resourceType == nil && head.hasExportEvent
    }
}

/// The beginning of a file, read until it tells what the file holds.
private struct FileHead {
    private(set) var verdict: FileContent.Kind?
    private(set) var resourceType: String?
    private(set) var isEmpty = true
    /// The first object goes over several lines, so it is a document.
    private(set) var isSpread = false
    /// The first object was read to its end.
    private(set) var isWhole = false
    var hasExportEvent: Bool { hasExportId && hasEventId }

    private var hasExportId = false
    private var hasEventId = false
    /// Open brackets: true for an object.
    private var open: [Bool] = []
    private var isInString = false
    private var isEscaped = false
    private var token: [UInt8] = []
    private var key: [UInt8] = []
    private var isAfterColon = false
    private var isAfterBreak = false

    /// - Returns: why the file is not read, if it is seen here.
    mutating func read(_ bytes: UnsafeRawBufferPointer, isFirst: Bool) -> ReadFault.Code? {
        var start = 0
        if isFirst {
            if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return .notText }
            // UTF-16 and UTF-32 without a mark; within a line a NUL is that line's fault.
            if bytes.prefix(4).contains(0) { return .notText }
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
        }
        if isEmpty {
            while start < bytes.count, isBlank(bytes[start]) { start += 1 }
            guard start < bytes.count else { return nil }
            isEmpty = false
            switch bytes[start] {
            case UInt8(ascii: "{"): break
            case UInt8(ascii: "<"):
                let head = String(decoding: bytes[start...].prefix(512), as: UTF8.self).lowercased()
                return head.contains("<!doctype html") || head.contains("<html") ? .isPage : .isXML
            default:
                if bytes.prefix(4096).contains(0) { return .notText }
                // A first line that is damaged does not make the lines behind it something else.
                let lines = bytes[start...].split(separator: 0x0A)
                guard bytes[start] != UInt8(ascii: "["),
                    lines.dropFirst().contains(where: { $0.first == 0x7B })
                else { return .notResources }
                verdict = .lines
            }
        }
        for byte in bytes[start...] where verdict == nil { take(byte) }
        return nil
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private mutating func take(_ byte: UInt8) {
        if isInString {
            string(byte)
            return
        }
        if byte == 0x0A {
            if open.isEmpty { verdict = .lines }
            isAfterBreak = !open.isEmpty
            return
        }
        if isBlank(byte) { return }
        if isAfterBreak {
            isAfterBreak = false
            // An object that begins where a key belongs begins a line of NDJSON, whose line before is
            // damaged.
            if !isSpread, byte == 0x7B, open.last == true, !isAfterColon {
                verdict = .lines
                return
            }
            isSpread = true
            if resourceType != nil {
                verdict = .documents
                return
            }
        }
        structure(byte)
    }

    private mutating func structure(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            token.removeAll(keepingCapacity: true)
        case UInt8(ascii: ":"):
            if open.count == 1 { key = token }
            isAfterColon = true
        case UInt8(ascii: ","): isAfterColon = false
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            open.append(byte == UInt8(ascii: "{"))
            isAfterColon = false
            if open.count > JSONParser.depthLimit { verdict = isSpread ? .documents : .lines }
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            _ = open.popLast()
            isAfterColon = false
            if open.isEmpty {
                isWhole = true
                verdict = isSpread ? .documents : .lines
            }
        default: break
        }
    }

    private mutating func string(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
            if open.count == 1 { member() }
        } else if byte == 0x0A {
            // No string of JSON runs over a line: one that is damaged.
            verdict = isSpread ? .documents : .lines
        } else if token.count < 64 {
            token.append(byte)
        }
    }

    private mutating func member() {
        guard isAfterColon else {
            if token.elementsEqual("exportId".utf8) { hasExportId = true }
            if token.elementsEqual("eventId".utf8) { hasEventId = true }
            return
        }
        guard key.elementsEqual("resourceType".utf8) else { return }
        resourceType = String(decoding: token, as: UTF8.self)
        if resourceType == "Bundle" || isSpread { verdict = .documents }
    }
}
