package import Core
import Crypto
import Foundation

/// What a cell is called before the linker: 16 bytes that say nothing to who does not know the requester's
/// key.
package struct CellToken: Hashable, Sendable {
    package static let byteCount = 16
    package let bytes: [UInt8]

    /// - Returns: nil unless there are 16 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    init(unchecked bytes: [UInt8]) { self.bytes = bytes }
}

/// Hides group keys from the linker, under a key that the requester chose and sealed to the sites alone.
///
/// `token = PRF(k, fragment, group key)` to match cells on; `label = AEAD(k, group key)` for the requester to
/// open. A label is the same at every site, and padded, so that its length says little.
package struct CellLabels: Sendable {
    private let tokenKey: [UInt8]
    private let labelKey: SymmetricKey

    private static let padding = 32

    /// A fresh key `k`, 32 bytes.
    package static func makeKey() -> [UInt8] { SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) } }

    /// - Throws: `malformed` unless the key has 32 bytes.
    package init(key: [UInt8]) throws(ExchangeError) {
        guard key.count == 32 else { throw ExchangeError(.malformed, "cell key") }
        let key = SymmetricKey(data: key)
        tokenKey = LinkageSecret.derive(key, label: "token", context: []).withUnsafeBytes { Array($0) }
        labelKey = LinkageSecret.derive(key, label: "label", context: [])
    }

    /// The token of a group key within one fragment.
    package func token(of groupKey: [Value], fragment: Int) -> CellToken {
        var writer = ByteWriter()
        writer.append(UInt32(fragment))
        writer.append(raw: GroupKey.encode(groupKey))
        return CellToken(unchecked: Sodium.keyedHash(writer.bytes, key: tokenKey))
    }

    /// The sealed group key. Its nonce is the token's beginning: one a group key, under a key used for one
    /// query, hence the same label at every site and never one nonce for two texts.
    package func label(of groupKey: [Value], token: CellToken) throws(ExchangeError) -> [UInt8] {
        var plain = ByteWriter()
        plain.append(long: GroupKey.encode(groupKey))
        let rest = (Self.padding - plain.bytes.count % Self.padding) % Self.padding
        plain.append(raw: [UInt8](repeating: 0, count: rest))
        do {
            let box = try AES.GCM.seal(
                plain.bytes, using: labelKey, nonce: AES.GCM.Nonce(data: token.bytes.prefix(12)),
                authenticating: token.bytes)
            return token.bytes + Array(box.ciphertext) + Array(box.tag)
        } catch {
            throw ExchangeError(.malformed, "label")
        }
    }

    /// The group key of a label that the linker passed on.
    /// - Throws: `changedByte` unless it was made under this key.
    package func open(_ label: [UInt8], fragment: Int) throws(ExchangeError) -> [Value] {
        let tagCount = 16
        guard label.count >= CellToken.byteCount + tagCount else { throw ExchangeError(.malformed, "label") }
        let token = label.prefix(CellToken.byteCount)
        let plain: Data
        do {
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: token.prefix(12)),
                ciphertext: label.dropFirst(CellToken.byteCount).dropLast(tagCount),
                tag: label.suffix(tagCount))
            plain = try AES.GCM.open(box, using: labelKey, authenticating: token)
        } catch {
            throw ExchangeError(.changedByte, "label")
        }
        var reader = ByteReader(Array(plain))
        let groupKey = try GroupKey.decode(try reader.long())
        guard self.token(of: groupKey, fragment: fragment).bytes == Array(token) else {
            throw ExchangeError(.changedByte, "label of another fragment")
        }
        return groupKey
    }
}

/// The canonical bytes of a group key: a tag and a value a column, so that equal keys are equal bytes.
enum GroupKey {
    static func encode(_ values: [Value]) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt16(values.count))
        for value in values {
            switch value {
            case .null: writer.append(UInt8(0))
            case .boolean(let value):
                writer.append(UInt8(1))
                writer.append(UInt8(value ? 1 : 0))
            case .integer(let value):
                writer.append(UInt8(2))
                writer.append(value)
            case .double(let value):
                writer.append(UInt8(3))
                // Zero has two signs and NaN many forms; PostgreSQL groups each as one.
                writer.append(value.isNaN ? Double.nan.bitPattern : (value == 0 ? 0.0 : value).bitPattern)
            case .text(let value):
                writer.append(UInt8(4))
                writer.append(long: Array(value.utf8))
            case .date(let value):
                writer.append(UInt8(5))
                writer.append(value)
            case .timestamp(let value):
                writer.append(UInt8(6))
                writer.append(value)
            case .interval(let months, let days, let microseconds):
                writer.append(UInt8(7))
                writer.append(months)
                writer.append(days)
                writer.append(microseconds)
            }
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(ExchangeError) -> [Value] {
        var reader = ByteReader(bytes)
        let count = Int(try reader.number(UInt16.self))
        var values: [Value] = []
        for _ in 0..<count { values.append(try value(&reader)) }
        guard reader.remaining == 0 else { throw ExchangeError(.malformed, "bytes after a group key") }
        return values
    }

    private static func value(_ reader: inout ByteReader) throws(ExchangeError) -> Value {
        switch try reader.number(UInt8.self) {
        case 0: return .null
        case 1: return .boolean(try reader.number(UInt8.self) == 1)
        case 2: return .integer(try reader.number(Int64.self))
        case 3: return .double(Double(bitPattern: try reader.number(UInt64.self)))
        case 4:
            guard let text = String(validating: try reader.long(), as: UTF8.self) else {
                throw ExchangeError(.malformed, "text of a group key")
            }
            return .text(text)
        case 5: return .date(try reader.number(Int32.self))
        case 6: return .timestamp(try reader.number(Int64.self))
        case 7:
            return .interval(
                months: try reader.number(Int32.self), days: try reader.number(Int32.self),
                microseconds: try reader.number(Int64.self))
        default: throw ExchangeError(.malformed, "group key")
        }
    }
}
