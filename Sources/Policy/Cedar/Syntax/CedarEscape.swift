/// Reads and writes the escapes of strings and of `like` patterns.
enum CedarEscape {
    /// One element of a pattern: a scalar, or nil for the wildcard `*`.
    static func read(
        _ raw: String, isPattern: Bool, at position: CedarPosition
    ) throws(CedarFault) -> [Unicode.Scalar?] {
        let scalars = Array(raw.unicodeScalars)
        var result: [Unicode.Scalar?] = []
        result.reserveCapacity(scalars.count)
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar == "\r" {
                throw CedarFault(.syntax, "a carriage return in a string is written \\r", at: position)
            }
            if scalar != "\\" {
                result.append(isPattern && scalar == "*" ? nil : scalar)
                continue
            }
            guard index < scalars.count, let read = escape(scalars, &index, isPattern) else {
                throw CedarFault(.syntax, "unknown escape in a string", at: position)
            }
            result.append(read)
        }
        return result
    }

    static func string(_ raw: String, at position: CedarPosition) throws(CedarFault) -> String {
        if raw.utf8.allSatisfy({ $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\r") }) { return raw }
        var text = String.UnicodeScalarView()
        for case let scalar? in try read(raw, isPattern: false, at: position) { text.append(scalar) }
        return String(text)
    }

    private static func escape(
        _ scalars: [Unicode.Scalar], _ index: inout Int, _ isPattern: Bool
    ) -> Unicode.Scalar? {
        let kind = scalars[index]
        index += 1
        switch kind {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "0": return "\0"
        case "\\", "\"", "'": return kind
        case "*": return isPattern ? "*" : nil
        case "x":
            guard index + 2 <= scalars.count, let value = hexadecimal(scalars[index..<index + 2]),
                value < 0x80
            else { return nil }
            index += 2
            return Unicode.Scalar(value)
        case "u":
            guard index + 1 < scalars.count, scalars[index] == "{", scalars[index + 1] != "_",
                let end = scalars[index...].firstIndex(of: "}")
            else { return nil }
            let digits = scalars[(index + 1)..<end].filter { $0 != "_" }
            index = end + 1
            guard (1...6).contains(digits.count) else { return nil }
            return hexadecimal(digits[...]).flatMap(Unicode.Scalar.init)
        default: return nil
        }
    }

    private static func hexadecimal(_ digits: ArraySlice<Unicode.Scalar>) -> UInt32? {
        var value: UInt32 = 0
        for digit in digits {
            guard digit.isASCII, let nibble = Character(digit).hexDigitValue else { return nil }
            value = value << 4 | UInt32(nibble)
        }
        return value
    }

    /// A string as it is written in a policy, quotes included.
    static func quoted(_ string: String) -> String {
        "\"" + string.unicodeScalars.map { written($0) }.joined() + "\""
    }

    /// A pattern as it is written after `like`.
    static func quoted(_ pattern: [Unicode.Scalar?]) -> String {
        "\"" + pattern.map { $0.map { $0 == "*" ? "\\*" : written($0) } ?? "*" }.joined() + "\""
    }

    private static func written(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\0": return "\\0"
        case "\\": return "\\\\"
        case "\"": return "\\\""
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .nonspacingMark, .enclosingMark:
            return "\\u{\(String(scalar.value, radix: 16))}"
        default: return String(Character(scalar))
        }
    }
}
