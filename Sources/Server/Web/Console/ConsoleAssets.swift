internal import Crypto
internal import Foundation
internal import Hummingbird

/// Styles and scripts: ours, and those of Debian's packages where they are installed. All are read once; nothing of a
/// request names a file.
struct ConsoleAssets: Sendable {
    private struct Asset: Sendable {
        let bytes: ByteBuffer
        let type: String
        let version: String
    }

    private let assets: [String: Asset]

    static let root = "/assets/"

    /// Name below `/assets/` -> file below `/usr/share/javascript/`.
    private static let packaged = [
        "codemirror.js": "codemirror/codemirror.js", "codemirror.css": "codemirror/codemirror.css",
        "codemirror-sql.js": "codemirror/mode/sql/sql.js",
        "codemirror-hint.js": "codemirror/addon/hint/show-hint.js",
        "codemirror-hint.css": "codemirror/addon/hint/show-hint.css",
        "codemirror-sql-hint.js": "codemirror/addon/hint/sql-hint.js",
        "chart.js": "chart.js/chart.min.js",
    ]

    /// Where Debian's packages libjs-codemirror and libjs-chart.js lie.
    static let share = "/usr/share/javascript"

    /// - Parameters:
    ///   - folder: ours.
    ///   - share: the packages'; what is not there is left out, and pages do without it.
    init(folder: String, share: String) throws {
        var assets: [String: Asset] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            assets[name] = Self.read("\(folder)/\(name)", name)
        }
        for (name, path) in Self.packaged { assets[name] = Self.read("\(share)/\(path)", name) }
        self.assets = assets
    }

    private static func read(_ path: String, _ name: String) -> Asset? {
        let types = [
            "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
        ]
        guard let type = types[URL(filePath: name).pathExtension],
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        return Asset(
            bytes: ByteBuffer(bytes: data), type: type, version: String(APIPage.digest(data).prefix(12)))
    }

    /// The address of an asset, of this very content; nil where it is not there.
    func address(_ name: String) -> String? {
        assets[name].map { "\(Self.root)\(name)?v=\($0.version)" }
    }

    /// - Throws: `Problem` for a name that there is not.
    func answer(_ name: String, to request: Request) throws -> Response {
        guard let asset = assets[name] else { throw Problem.notFound }
        let tag = "\"\(asset.version)\""
        // An address with a version never means anything else.
        let isVersioned = request.uri.query?.contains("v=\(asset.version)") == true
        let headers: HTTPFields = [
            .contentType: asset.type, .eTag: tag,
            .cacheControl: isVersioned ? "public, max-age=31536000, immutable" : "no-cache",
        ]
        guard request.headers[.ifNoneMatch] != tag else {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: asset.bytes))
    }
}
