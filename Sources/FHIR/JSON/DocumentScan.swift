/// Finds the resources in JSON documents that pass by in pieces: single resources, and the entries of
/// Bundles,
/// which may be larger than memory.
///
/// It knows where values begin and end and reads a few keys; whether a resource is right JSON is for the
/// parser
/// to say. Of the Bundle only one resource is held at a time.
struct DocumentScan {
    /// A resource longer than this is set aside.
    static let resourceLimit = NDJSONReader.lineLimit

    /// Resources found, one after the other, and where they stand in `bytes`.
    private(set) var bytes: [UInt8] = []
    private(set) var lines: [LineBlock.Line] = []
    private(set) var faults: [LineFault] = []
    private(set) var deletions: [LineBlock.Deletion] = []

    /// Resources, faults and deletions that wait to be taken.
    var count: Int { lines.count + faults.count + deletions.count }

    /// What the document is, as far as was read.
    private enum Document { case unknown, resource, bundle, lateBundle }
    private var document = Document.unknown
    private let isBundle: Bool
    private var sawEntries = false
    private var isInEntries = false
    private var isEntryNext = false
    private var entry = -1
    private var method: [UInt8] = []
    private var url: [UInt8] = []

    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var isAfterColon = false
    private var isGarbage = false
    /// The last string at a depth where keys matter, and the keys of the depths 1 to 4.
    private var token: [UInt8] = []
    private var keys: [[UInt8]] = Array(repeating: [], count: Self.keyDepth + 1)
    private static let keyDepth = 4

    private var line: Int
    private var offset: Int
    private var capture: Capture?

    private struct Capture {
        let start: Int
        let depth: Int
        let line: Int
        let offset: Int
        let entry: Int?
        /// In the piece that passes by.
        var from: Int
        var isTooLong = false
    }

    /// - Parameter isBundle: the document is known to be one.
    init(isBundle: Bool = false, line: Int = 1, offset: Int = 0) {
        self.isBundle = isBundle
        self.line = line
        self.offset = offset
    }

    /// Hands over what was found.
    mutating func take() -> (bytes: [UInt8], lines: [LineBlock.Line], [LineFault], [LineBlock.Deletion]) {
        defer {
            let held = capture.map { Array(bytes[$0.start...]) } ?? []
            capture = capture.map { old in
                var moved = Capture(
                    start: 0, depth: old.depth, line: old.line, offset: old.offset, entry: old.entry,
                    from: old.from)
                moved.isTooLong = old.isTooLong
                return moved
            }
            (bytes, lines, faults, deletions) = (held, [], [], [])
        }
        return (capture.map { Array(bytes[..<$0.start]) } ?? bytes, lines, faults, deletions)
    }

    /// The next piece of the file.
    mutating func feed(_ piece: Tape.Text) {
        var at = 0
        while at < piece.count {
            if isInString {
                at = passString(piece, at)
                continue
            }
            let byte = piece[at]
            if byte == 0x0A { line += 1 }
            if isGarbage {
                isGarbage = byte != 0x0A
            } else {
                structure(byte, piece, at)
            }
            at += 1
        }
        copy(piece, to: piece.count)
        capture?.from = 0
        offset += piece.count
    }

    /// The end of the file.
    mutating func finish() {
        guard depth > 0 else { return }
        depth = 0
        guard let held = capture else {
            faults.append(LineFault(line: line, byteOffset: offset, reason: .badJSON))
            return
        }
        // A resource that was cut off goes with its bytes to the parser, which refuses it.
        if document != .lateBundle { return end() }
        faults.append(LineFault(line: held.line, byteOffset: held.offset, reason: .badJSON))
        bytes.removeSubrange(held.start...)
        capture = nil
    }

    // MARK: - Structure

    /// A value that stands where the entries, an entry or a resource of a Bundle belong, and is none.
    private mutating func checkPlace(_ byte: UInt8, _ at: Int) {
        guard document == .bundle, capture == nil else { return }
        let isObject = byte == UInt8(ascii: "{")
        if isInEntries, depth == 2, isEntryNext {
            isEntryNext = false
            if isObject { return }
            // `open` counts whatever is in brackets.
            if byte != UInt8(ascii: "[") { entry += 1 }
            misplaced(at, entry: byte == UInt8(ascii: "[") ? entry + 1 : entry)
        } else if isInEntries, depth == 3, isAfterColon, !isObject, keyIs("resource", at: 3) {
            // An entry of a response may say that it has none: null.
            if byte == UInt8(ascii: "n") { isAfterColon = false } else { misplaced(at, entry: entry) }
        } else if depth == 1, isAfterColon, byte != UInt8(ascii: "["), keyIs("entry", at: 1) {
            misplaced(at, entry: nil)
        }
    }

    private mutating func misplaced(_ at: Int, entry: Int?) {
        faults.append(LineFault(line: line, byteOffset: offset + at, entry: entry, reason: .notFHIR))
        isAfterColon = false
    }

    private mutating func structure(_ byte: UInt8, _ piece: Tape.Text, _ at: Int) {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D: return
        case UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"): break
        default: checkPlace(byte, at)
        }
        switch byte {
        case UInt8(ascii: "\""):
            if depth == 0 { return garbage(at) }
            isInString = true
            token.removeAll(keepingCapacity: true)
        case UInt8(ascii: ":"):
            if depth <= Self.keyDepth, depth > 0 { keys[depth] = token }
            isAfterColon = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): open(byte, at)
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            if depth == 0 { return garbage(at) }
            close(piece, at)
        case UInt8(ascii: ","):
            isAfterColon = false
            if depth == 2 { isEntryNext = true }
        default: if depth == 0 { garbage(at) }
        }
    }

    private mutating func garbage(_ at: Int) {
        // The byte order mark may open the file.
        if offset + at < 3 { return }
        faults.append(LineFault(line: line, byteOffset: offset + at, reason: .badJSON))
        isGarbage = true
    }

    private mutating func open(_ byte: UInt8, _ at: Int) {
        let isObject = byte == UInt8(ascii: "{")
        if depth == 0 {
            guard isObject else { return garbage(at) }
            (document, sawEntries, isInEntries, entry) = (isBundle ? .bundle : .unknown, false, false, -1)
            if !isBundle { begin(at, entry: nil) }
        } else if depth == 1, !isObject, keyIs("entry", at: 1) {
            sawEntries = true
            isInEntries = document == .bundle
            isEntryNext = true
        } else if isInEntries, depth == 2 {
            entry += 1
            (method, url) = ([], [])
        } else if isInEntries, depth == 3, isObject, isAfterColon, keyIs("resource", at: 3) {
            begin(at, entry: entry)
        }
        depth += 1
        if depth <= Self.keyDepth { keys[depth].removeAll(keepingCapacity: true) }
        isAfterColon = false
        token.removeAll(keepingCapacity: true)
    }

    private mutating func close(_ piece: Tape.Text, _ at: Int) {
        depth -= 1
        isAfterColon = false
        if let capture, capture.depth == depth {
            copy(piece, to: at + 1)
            end()
        } else if isInEntries, depth == 2 {
            if method.elementsEqual("DELETE".utf8), !url.isEmpty {
                deletions.append(.init(reference: String(decoding: url, as: UTF8.self), entry: entry))
            }
        } else if depth == 1 {
            isInEntries = false
        }
    }

    private func keyIs(_ name: StaticString, at depth: Int) -> Bool {
        keys[depth].elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    // MARK: - Strings

    /// To the end of the string or of the piece.
    private mutating func passString(_ piece: Tape.Text, _ start: Int) -> Int {
        var at = start
        if isEscaped {
            isEscaped = false
            at += 1
        }
        let isWanted = depth <= Self.keyDepth && token.count < 300
        let from = at
        while at < piece.count, piece[at] != UInt8(ascii: "\""), piece[at] != UInt8(ascii: "\\") {
            if piece[at] == 0x0A { line += 1 }
            at += 1
        }
        if isWanted { token += piece[min(from, at)..<at].prefix(300) }
        guard at < piece.count else { return at }
        if piece[at] == UInt8(ascii: "\\") {
            isEscaped = true
        } else {
            isInString = false
            if isAfterColon { value() }
        }
        return at + 1
    }

    /// A string that is the value of a key.
    private mutating func value() {
        if depth == 1, document == .unknown, keyIs("resourceType", at: 1) {
            guard token.elementsEqual("Bundle".utf8) else {
                document = .resource
                return
            }
            document = sawEntries ? .lateBundle : .bundle
            if !sawEntries, let held = capture {
                bytes.removeSubrange(held.start...)
                capture = nil
            }
        } else if isInEntries, depth == 4, capture == nil, keyIs("request", at: 3) {
            if keyIs("method", at: 4) { method = token }
            if keyIs("url", at: 4) { url = token }
        }
    }

    // MARK: - What is held

    private mutating func begin(_ at: Int, entry: Int?) {
        capture = Capture(
            start: bytes.count, depth: depth, line: line, offset: offset + at, entry: entry, from: at)
    }

    private mutating func copy(_ piece: Tape.Text, to end: Int) {
        guard let held = capture, !held.isTooLong, held.from < end else { return }
        if bytes.count - held.start + end - held.from > Self.resourceLimit {
            bytes.removeSubrange(held.start...)
            capture?.isTooLong = true
        } else {
            bytes += piece[held.from..<end]
        }
    }

    private mutating func end() {
        guard let held = capture else { return }
        capture = nil
        if held.isTooLong {
            faults.append(
                LineFault(line: held.line, byteOffset: held.offset, entry: held.entry, reason: .tooLong))
        } else if document == .lateBundle {
            takeLateBundle(held)
        } else {
            lines.append(
                .init(
                    start: held.start, length: bytes.count - held.start, number: held.line,
                    byteOffset: held.offset, entry: held.entry))
        }
    }

    /// A Bundle whose type stands behind its entries: it was held whole and is gone through again.
    private mutating func takeLateBundle(_ held: Capture) {
        let whole = Array(bytes[held.start...])
        bytes.removeSubrange(held.start...)
        var inner = DocumentScan(isBundle: true, line: held.line, offset: held.offset)
        whole.withUnsafeBufferPointer { inner.feed($0) }
        inner.finish()
        for line in inner.lines {
            lines.append(
                .init(
                    start: bytes.count + line.start, length: line.length, number: line.number,
                    byteOffset: line.byteOffset, entry: line.entry))
        }
        bytes += inner.bytes
        faults += inner.faults
        deletions += inner.deletions
    }
}
