internal import Foundation

/// Bytes as text that a header, a cookie, an address or a JWK can carry: RFC 4648, 5, without padding.
enum Base64URL {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    /// - Returns: nil for what is no such text.
    static func decode(_ text: String) -> [UInt8]? {
        var base = text.replacing("-", with: "+").replacing("_", with: "/")
        while base.utf8.count % 4 != 0 { base += "=" }
        return Data(base64Encoded: base).map(Array.init)
    }
}
