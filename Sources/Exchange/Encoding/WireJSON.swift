import Foundation

/// Limits on what is parsed from outside.
package struct WireLimits: Hashable, Sendable {
    /// Bytes of a sealed message; also of its JSON.
    package var bytes = 64 << 20
    /// Nesting of arrays and objects.
    package var depth = 32
    package var rows = 200_000
    package var columns = 256

    package init() {}

    package static let standard = WireLimits()
}

/// JSON as documents are written and read: keys sorted, slashes bare, within limits.
package enum WireJSON {
    static let limitsKey = CodingUserInfoKey(rawValue: "concordat.limits")!

    package static func encode(_ value: some Encodable) throws(ExchangeError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw ExchangeError(.malformed, "the document cannot be written as JSON")
        }
    }

    package static func decode<T: Decodable>(
        _ type: T.Type, from bytes: [UInt8], limits: WireLimits = .standard
    ) throws(ExchangeError) -> T {
        guard bytes.count <= limits.bytes else { throw ExchangeError(.tooLarge, "JSON bytes") }
        guard depth(of: bytes) <= limits.depth else { throw ExchangeError(.tooLarge, "JSON depth") }
        let decoder = JSONDecoder()
        decoder.userInfo[limitsKey] = limits
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch let error as ExchangeError {
            throw error
        } catch {
            throw ExchangeError(.malformed, "the JSON is not the document it should be")
        }
    }

    /// The deepest nesting of arrays and objects, found without parsing: before a recursive parser sees it.
    static func depth(of bytes: [UInt8]) -> Int {
        var depth = 0
        var deepest = 0
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return deepest
    }
}
