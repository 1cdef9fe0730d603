import Core
import Foundation

/// Cedar's values as JSON in one form only: objects by the bytes of their keys, sets by the text of their members.
///
/// The form is that of Cedar's own JSON (`__entity`, `__extn`), so that what was decided on can be given to any
/// implementation of Cedar again.
enum CanonicalValue {
    static func text(_ value: CedarValue) -> String {
        switch value {
        case .bool(let value): "\(value)"
        case .long(let value): "\(value)"
        case .string(let value): quoted(value)
        case .entity(let uid): object(["__entity": entity(uid)])
        case .set(let members): "[\(members.map(text).sorted(by: precedes).joined(separator: ","))]"
        case .record(let fields): record(fields)
        case .decimal(let value): decimal(value)
        case .ip(let value): call("ip", address(value))
        case .datetime(let value): call("datetime", datetime(value))
        case .duration(let value): call("duration", "\(value)ms")
        }
    }

    static func record(_ fields: [CedarText: CedarValue]) -> String {
        object(Dictionary(uniqueKeysWithValues: fields.map { ($0.key, text($0.value)) }))
    }

    static func entity(_ uid: EntityUID) -> String {
        object(["type": quoted(uid.type), "id": quoted(uid.id)])
    }

    /// An object of texts that are JSON already.
    static func object(_ members: [CedarText: String]) -> String {
        let sorted = members.sorted { $0.key < $1.key }
        return "{\(sorted.map { quoted($0.key.string) + ":" + $0.value }.joined(separator: ","))}"
    }

    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// A string with what JSON asks to be escaped, and nothing else, escaped (RFC 8785, 3.2.2.2).
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{8}": quoted += "\\b"
            case "\u{C}": quoted += "\\f"
            case _ where scalar.value < 0x20:
                quoted += "\\u00" + padded(String(scalar.value, radix: 16), 2)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func call(_ name: CedarText, _ argument: String) -> String {
        object(["__extn": object(["fn": quoted(name.string), "arg": quoted(argument)])])
    }

    private static func decimal(_ value: Int64) -> String {
        let size = value.magnitude
        let digits = "\(size / 10_000)." + padded("\(size % 10_000)", 4)
        return call("decimal", value < 0 ? "-" + digits : digits)
    }

    /// `YYYY-MM-DDThh:mm:ss.SSSZ`.
    private static func datetime(_ value: Int64) -> String {
        let days = value >= 0 ? value / 86_400_000 : -((86_399_999 - value) / 86_400_000)
        let rest = value - days * 86_400_000
        let time = [rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60].map { padded("\($0)", 2) }
        return
            "\(Civil.formatDate(Int(days)))T\(time.joined(separator: ":")).\(padded("\(rest % 1_000)", 3))Z"
    }

    /// Always with its prefix, IPv6 in eight groups.
    private static func address(_ value: CedarAddress) -> String {
        let size = value.isVersion6 ? 16 : 8
        let groups = stride(from: value.width - size, through: 0, by: -size).map { shift in
            String(value.bits >> UInt128(shift) & (1 << UInt128(size) - 1), radix: value.isVersion6 ? 16 : 10)
        }
        return groups.joined(separator: value.isVersion6 ? ":" : ".") + "/\(value.prefix)"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

extension PolicyEngine {
    /// Everything a decision is made from, but the policies themselves, as one text: what the decision log keeps
    /// a digest of.
    ///
    /// JSON without white space, keys in the order of their bytes: `action`, `agreement` (the digest of the signed
    /// text, or null), `context`, `entities` (but those of `purposes.yaml`, which belong to the policies), `principal`,
    /// `resource`. Equal facts have equal texts, on every machine.
    package func canonicalInput(of request: AccessRequest, agreementDigest: String?) -> String {
        let asked = cedarRequest(of: request)
        let entities = cedarEntities(of: request).all.filter { $0.key.type != "Purpose" }
        return CanonicalValue.object([
            "action": CanonicalValue.entity(asked.action),
            "agreement": agreementDigest.map(CanonicalValue.quoted) ?? "null",
            "context": CanonicalValue.record(asked.context),
            "entities":
                "[\(entities.map(Self.canonical).sorted(by: CanonicalValue.precedes).joined(separator: ","))]",
            "principal": CanonicalValue.entity(asked.principal),
            "resource": CanonicalValue.entity(asked.resource),
        ])
    }

    private static func canonical(_ uid: EntityUID, _ entity: CedarEntities.Entity) -> String {
        let ancestors = entity.ancestors.map(CanonicalValue.entity).sorted(by: CanonicalValue.precedes)
        return CanonicalValue.object([
            "ancestors": "[\(ancestors.joined(separator: ","))]",
            "attrs": CanonicalValue.record(entity.attributes), "tags": CanonicalValue.record(entity.tags),
            "uid": CanonicalValue.entity(uid),
        ])
    }
}

extension Obligations {
    /// The obligations as one text: JSON with keys and members sorted (every list in them is a set). Where each came
    /// from is left out: the policies that determined the decision stand beside it.
    package var canonicalText: String {
        var plain = self
        plain.provenance = [:]
        let encoder = JSONEncoder()
        guard let data = try? encoder.encode(plain),
            let object = try? JSONSerialization.jsonObject(with: data),
            let sorted = try? JSONSerialization.data(
                withJSONObject: Self.sorted(object), options: [.sortedKeys, .withoutEscapingSlashes])
        else { return "" }
        return String(decoding: sorted, as: UTF8.self)
    }

    private static func sorted(_ value: Any) -> Any {
        if let members = value as? [String: Any] {
            return members.filter { $0.key != "provenance" }.mapValues(sorted)
        }
        if let texts = value as? [String] { return texts.sorted(by: CanonicalValue.precedes) }
        if let items = value as? [Any] { return items.map(sorted) }
        return value
    }
}
