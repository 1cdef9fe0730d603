/// A JSON document as Cedar takes it: integers of 64 bits, no other numbers, no key twice in an object.
package indirect enum CedarDocument: Hashable, Sendable {
    case null
    case bool(Bool)
    case long(Int64)
    case string(String)
    case array([CedarDocument])
    case object([CedarText: CedarDocument])

    /// Reads JSON (RFC 8259).
    /// - Throws: `CedarFault` with the place of the first thing that is wrong.
    package init(_ json: some Sequence<UInt8>) throws(CedarFault) {
        var reader = CedarDocumentReader(Array(json))
        self = try reader.document()
    }

    /// The member of an object.
    package subscript(name: CedarText) -> CedarDocument? {
        if case .object(let fields) = self { return fields[name] }
        return nil
    }

    package var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    package var bool: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    package var array: [CedarDocument]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    package var object: [CedarText: CedarDocument]? {
        if case .object(let fields) = self { return fields }
        return nil
    }
}

/// Reads JSON byte by byte.
private struct CedarDocumentReader {
    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(CedarFault) -> CedarDocument {
        let value = try value()
        skipBlanks()
        guard index == bytes.count else { throw fault("unexpected characters after the document") }
        return value
    }

    private func fault(_ message: String) -> CedarFault {
        let before = bytes[..<min(index, bytes.count)]
        let line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = before[start...].reduce(1) { $1 & 0xC0 != 0x80 ? $0 + 1 : $0 }
        return CedarFault(.document, message, at: CedarPosition(line: line, column: column))
    }

    private mutating func skipBlanks() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: scalar) else { return false }
        index += 1
        return true
    }

    private mutating func value() throws(CedarFault) -> CedarDocument {
        skipBlanks()
        guard index < bytes.count else { throw fault("the document ends too early") }
        depth += 1
        defer { depth -= 1 }
        guard depth <= CedarParser.deepest else {
            throw CedarFault(.tooDeep, "the document is nested too deeply")
        }
        switch bytes[index] {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .long(try number())
        }
    }

    private mutating func word(_ word: String, _ value: CedarDocument) throws(CedarFault) -> CedarDocument {
        guard bytes[index...].starts(with: word.utf8) else { throw fault("unexpected character") }
        index += word.utf8.count
        return value
    }

    private mutating func number() throws(CedarFault) -> Int64 {
        let start = index
        _ = skip("-")
        let digits = index
        while index < bytes.count, CedarLexer.isDigit(bytes[index]) { index += 1 }
        guard index > digits, index == digits + 1 || bytes[digits] != UInt8(ascii: "0") else {
            throw fault("unexpected character")
        }
        if index < bytes.count,
            [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(bytes[index])
        {
            throw fault("Cedar has no numbers but integers")
        }
        guard let number = Int64(String(decoding: bytes[start..<index], as: UTF8.self)) else {
            throw fault("the integer is too large")
        }
        return number
    }

    private mutating func array() throws(CedarFault) -> CedarDocument {
        index += 1
        skipBlanks()
        if skip("]") { return .array([]) }
        var elements: [CedarDocument] = []
        repeat {
            elements.append(try value())
            skipBlanks()
        } while skip(",")
        guard skip("]") else { throw fault("expected ',' or ']'") }
        return .array(elements)
    }

    private mutating func object() throws(CedarFault) -> CedarDocument {
        index += 1
        skipBlanks()
        if skip("}") { return .object([:]) }
        var fields: [CedarText: CedarDocument] = [:]
        repeat {
            skipBlanks()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
                throw fault("expected a name in quotes")
            }
            let name = CedarText(try string())
            skipBlanks()
            guard skip(":") else { throw fault("expected ':'") }
            guard fields.updateValue(try value(), forKey: name) == nil else {
                throw fault("the name '\(name)' stands twice in an object")
            }
            skipBlanks()
        } while skip(",")
        guard skip("}") else { throw fault("expected ',' or '}'") }
        return .object(fields)
    }

    private mutating func string() throws(CedarFault) -> String {
        index += 1
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\\"),
            bytes[index] >= 0x20
        { index += 1 }
        var text = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw fault("not UTF-8") }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
            case 0..<0x20: throw fault("a control character in a string is written as an escape")
            default: text.append(byte)
            }
        }
        throw fault("the string does not end")
    }

    private mutating func escape() throws(CedarFault) -> [UInt8] {
        guard index < bytes.count else { throw fault("the string does not end") }
        let kind = bytes[index]
        index += 1
        switch kind {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [kind]
        case UInt8(ascii: "u"): break
        default: throw fault("unknown escape in a string")
        }
        var code = UInt32(try unit())
        if (0xD800..<0xDC00).contains(code), index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        {
            index += 2
            let low = UInt32(try unit())
            guard (0xDC00..<0xE000).contains(low) else { throw fault("half a surrogate pair") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair") }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func unit() throws(CedarFault) -> UInt16 {
        guard index + 4 <= bytes.count else { throw fault("the string does not end") }
        var value: UInt16 = 0
        for byte in bytes[index..<index + 4] {
            guard let nibble = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("unknown escape in a string")
            }
            value = value << 4 | UInt16(nibble)
        }
        index += 4
        return value
    }
}
