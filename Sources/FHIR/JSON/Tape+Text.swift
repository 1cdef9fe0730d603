extension Tape {
    /// A value as JSON text, numbers as they were written.
    func write(_ node: Int, to bytes: inout [UInt8]) {
        switch kind(node) {
        case Kind.object, Kind.array:
            let isObject = kind(node) == Kind.object
            bytes.append(UInt8(ascii: isObject ? "{" : "["))
            var (item, end) = inside(node)
            var isFirst = true
            while item < end {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                if isObject {
                    bytes.append(jsonString: text(item))
                    bytes.append(UInt8(ascii: ":"))
                    item += 1
                }
                write(item, to: &bytes)
                item = next(item)
            }
            bytes.append(UInt8(ascii: isObject ? "}" : "]"))
        case Kind.string: bytes.append(jsonString: text(node))
        case Kind.yes: bytes.append(contentsOf: "true".utf8)
        case Kind.no: bytes.append(contentsOf: "false".utf8)
        case Kind.signed: bytes.append(contentsOf: String(integer(node)).utf8)
        case Kind.unsigned, Kind.double: bytes.append(contentsOf: writtenNumber(node))
        default: bytes.append(contentsOf: "null".utf8)
        }
    }
}

extension [UInt8] {
    /// A text in quotes, escaped as JSON wants it.
    mutating func append(jsonString text: some Sequence<UInt8>) {
        append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                append(contentsOf: ("\\u00" + (digits.count == 1 ? "0" : "") + digits).utf8)
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
