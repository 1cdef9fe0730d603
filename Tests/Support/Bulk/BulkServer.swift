import Foundation
import JWTKit

/// A Bulk Data server with SMART Backend Services on a loopback port: real HTTP, real signatures.
///
/// Source: Bulk Data Access IG 2.0.0; SMART App Launch 2.2.0, "Backend Services".
package actor BulkServer {
    package var script: BulkScript
    /// Everything that was asked, in order.
    package private(set) var log: [BulkRequest] = []
    /// Exports that the client withdrew.
    package private(set) var withdrawn: [String] = []
    /// Claims of every assertion that was taken.
    package private(set) var scopes: [String] = []

    package nonisolated let port: Int
    private nonisolated let scheme: String
    private let listener: BulkListener
    private var exports: [String: Export] = [:]
    private var tokens: [String: Int] = [:]
    private var seen: Set<String> = []
    private var changes = 0
    private var signature = 0

    private struct Export {
        var polls = 0
        let types: [String]?
        let script: BulkScript
    }

    package nonisolated var origin: String { "\(scheme)://127.0.0.1:\(port)" }
    package nonisolated var base: String { origin + "/fhir" }

    /// Runs a body with a server that is gone afterwards.
    package static func with<T>(
        _ script: BulkScript, certificate: ServerCertificate? = nil, _ body: (BulkServer) async throws -> T
    ) async throws -> T {
        let listener = try await BulkListener(tls: try certificate?.configuration())
        let server = BulkServer(script, listener, isSecure: certificate != nil)
        await listener.serve { await server.answer($0) }
        do {
            let result = try await body(server)
            await listener.stop()
            return result
        } catch {
            await listener.stop()
            throw error
        }
    }

    private init(_ script: BulkScript, _ listener: BulkListener, isSecure: Bool) {
        (self.script, self.listener, port) = (script, listener, listener.port)
        scheme = isSecure ? "https" : "http"
    }

    package func change(_ body: (inout BulkScript) -> Void) { body(&script) }
    package func clearLog() { log = [] }

    /// How often something was asked.
    package func count(_ line: String) -> Int { log.count { $0.line.hasPrefix(line) } }

    // MARK: - Answering

    private func answer(_ request: BulkRequest) async -> BulkReply {
        log.append(request)
        if var first = script.first[request.path], !first.isEmpty {
            let reply = first.removeFirst()
            script.first[request.path] = first
            return reply
        }
        switch (request.method, request.path) {
        case ("GET", "/fhir/.well-known/smart-configuration"): return configuration()
        case ("POST", "/auth/token"): return await grant(request)
        default: break
        }
        if request.path.hasPrefix("/files/"), request.method == "GET" { return file(request) }
        guard isAuthorised(request) else { return .outcome(401, "login", "no good token") }
        if request.path.hasSuffix("/$export"), request.method == "GET" { return kickOff(request) }
        guard request.path.hasPrefix("/jobs/") else { return .outcome(404, "not-found", "nothing here") }
        return request.method == "DELETE" ? withdraw(request) : state(request)
    }

    private func configuration() -> BulkReply {
        guard script.isGuarded else { return BulkReply(404) }
        var fields = [
            #""token_endpoint":"\#(origin)/auth/token""#, #""grant_types_supported":["client_credentials"]"#,
            #""capabilities":[\#(Self.list(script.capabilities))]"#,
        ]
        if let algorithms = script.algorithms {
            fields.append(#""token_endpoint_auth_signing_alg_values_supported":[\#(Self.list(algorithms))]"#)
        }
        return .json("{\(fields.joined(separator: ","))}")
    }

    private static func list(_ texts: [String]) -> String {
        texts.map { #""\#($0)""# }.joined(separator: ",")
    }

    private func isAuthorised(_ request: BulkRequest) -> Bool {
        guard script.isGuarded else { return request.headers["authorization"] == nil }
        guard let header = request.headers["authorization"], header.hasPrefix("Bearer "),
            let left = tokens[String(header.dropFirst(7))], left > 0
        else { return false }
        tokens[String(header.dropFirst(7))] = left - 1
        return true
    }

    private func kickOff(_ request: BulkRequest) -> BulkReply {
        guard request.headers["prefer"] == "respond-async",
            request.headers["accept"] == "application/fhir+json",
            request.query["_outputFormat"] == "application/fhir+ndjson"
        else { return .outcome(400, "invalid", "not a kick-off") }
        let id = "e\(exports.count + 1)"
        exports[id] = Export(
            types: request.query["_type"]?.split(separator: ",").map(String.init), script: script)
        return BulkReply(202, [("content-location", "\(origin)/jobs/\(id)")])
    }

    private func withdraw(_ request: BulkRequest) -> BulkReply {
        let id = String(request.path.split(separator: "/")[1])
        guard exports.removeValue(forKey: id) != nil else { return BulkReply(404) }
        withdrawn.append(id)
        return BulkReply(202)
    }

    private func state(_ request: BulkRequest) -> BulkReply {
        let parts = request.path.split(separator: "/").map(String.init)
        guard var export = exports[parts[1]], !script.forgetsExports else {
            return .outcome(404, "not-found", "no such export")
        }
        if parts.count == 2, export.polls < script.polls {
            var headers = script.retryAfter.map { [("retry-after", $0)] } ?? []
            if export.polls < script.progress.count {
                headers.append(("x-progress", script.progress[export.polls]))
            }
            export.polls += 1
            exports[parts[1]] = export
            return BulkReply(202, headers)
        }
        if let failure = script.failure { return failure }
        return .json(manifest(parts[1], export, page: parts.count > 2 ? Int(parts[2]) ?? 0 : 0))
    }

    // MARK: - Manifest and files

    /// Names and lines of the files of an export, by the manifest's lists.
    private func files(_ export: Export) -> [(list: String, type: String, name: String, lines: [String])] {
        let data = export.script
        var files: [(list: String, type: String, name: String, lines: [String])] = []
        for (type, lines) in data.resources.sorted(by: { $0.key < $1.key })
        where export.types?.contains(type) ?? true {
            let size = max(1, (lines.count + data.filesPerType - 1) / data.filesPerType)
            for (number, start) in stride(from: 0, to: lines.count, by: size).enumerated() {
                files.append(
                    (
                        "output", type, "\(type).\(number)",
                        Array(lines[start..<min(lines.count, start + size)])
                    ))
            }
        }
        if !data.deleted.isEmpty { files.append(("deleted", "Bundle", "deleted.0", data.deleted)) }
        if !data.errors.isEmpty { files.append(("error", "OperationOutcome", "error.0", data.errors)) }
        return files
    }

    private func manifest(_ id: String, _ export: Export, page: Int) -> String {
        let all = files(export)
        let size = max(1, (all.count + script.pages - 1) / script.pages)
        let here = all.dropFirst(page * size).prefix(size)
        if script.signsAddresses { signature += 1 }
        let query = script.signsAddresses ? "?signature=\(signature)" : ""
        func items(_ list: String) -> String {
            here.filter { $0.list == list }.map { file in
                let url = "\(script.fileOrigin ?? origin)/files/\(id)/\(file.name)\(query)"
                return #"{"type":"\#(file.type)","url":"\#(url)","count":\#(file.lines.count)}"#
            }.joined(separator: ",")
        }
        let link =
            (page + 1) * size < all.count
            ? #","link":[{"relation":"next","url":"\#(origin)/jobs/\#(id)/\#(page + 1)"}]"# : ""
        return #"{"transactionTime":"\#(export.script.transactionTime)","request":"\#(base)/$export","#
            + #""requiresAccessToken":\#(script.requiresToken),"output":[\#(items("output"))],"#
            + #""deleted":[\#(items("deleted"))],"error":[\#(items("error"))]\#(link)}"#
    }

    private func file(_ request: BulkRequest) -> BulkReply {
        if script.requiresToken, !isAuthorised(request) { return .outcome(401, "login", "no good token") }
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.count == 3,
            let export = exports[parts[1]]
                ?? (script.servesAnyExport ? Export(types: nil, script: script) : nil),
            let found = files(export).first(where: { $0.name == parts[2] })
        else { return .outcome(404, "not-found", "no such file") }
        var bytes = Array((found.lines.joined(separator: "\n") + "\n").utf8)
        var reply = BulkReply(200, [("content-type", "application/fhir+ndjson")])
        if script.isCompressed, request.headers["accept-encoding"]?.contains("gzip") == true {
            bytes = (try? Compression.gzip(bytes)) ?? []
            reply.headers.append(("content-encoding", "gzip"))
        }
        if script.changes { changes += 1 }
        let tag = "\"\(parts[2])-\(changes)\""
        if script.hasRanges { reply.headers.append(("etag", tag)) }
        if script.hasRanges, request.headers["if-range"] == tag,
            let from = request.headers["range"].flatMap({ Int($0.dropFirst(6).dropLast()) }),
            from < bytes.count
        {
            reply.status = 206
            reply.headers.append(("content-range", "bytes \(from)-\(bytes.count - 1)/\(bytes.count)"))
            bytes.removeFirst(from)
        }
        reply.body = bytes
        if var cuts = script.cuts[parts[2]], !cuts.isEmpty {
            reply.cut = cuts.removeFirst()
            script.cuts[parts[2]] = cuts
        }
        reply.stall = script.stalls[parts[2]]
        return reply
    }
}

// MARK: - Tokens

extension BulkServer {
    private struct Claims: JWTPayload {
        let iss: IssuerClaim
        let sub: SubjectClaim
        let aud: AudienceClaim
        let exp: ExpirationClaim
        let jti: IDClaim

        func verify(using algorithm: some JWTAlgorithm) throws { try exp.verifyNotExpired() }
    }

    private func grant(_ request: BulkRequest) async -> BulkReply {
        let form = BulkListener.fields(request.body)
        guard form["grant_type"] == "client_credentials",
            form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            let assertion = form["client_assertion"], let scope = form["scope"]
        else { return refuse("invalid_request", "a member is missing") }
        do {
            let claims = try await verified(assertion)
            guard claims.iss.value == script.clientID, claims.sub.value == script.clientID else {
                return refuse("invalid_client", "unknown client")
            }
            guard claims.aud.value == [origin + "/auth/token"] else { return refuse("invalid_client", "aud") }
            guard claims.exp.value.timeIntervalSinceNow <= 300 else { return refuse("invalid_client", "exp") }
            guard seen.insert(claims.jti.value).inserted else { return refuse("invalid_client", "jti") }
        } catch {
            return refuse("invalid_client", "the assertion does not verify")
        }
        let token = "secret-token-\(tokens.count + 1)"
        tokens[token] = script.tokenUses
        scopes.append(scope)
        return .json(
            #"{"access_token":"\#(token)","token_type":"bearer","expires_in":\#(script.expiresIn),"#
                + #""scope":"\#(script.grantedScope ?? scope)"}"#)
    }

    private func verified(_ assertion: String) async throws -> Claims {
        struct Header: Decodable {
            let alg: String
            let kid: String
            let typ: String
        }
        let part = assertion.split(separator: ".").first.map(String.init) ?? ""
        let padded =
            part.replacing("-", with: "+").replacing("_", with: "/")
            + String(repeating: "=", count: (4 - part.count % 4) % 4)
        let header = try JSONDecoder().decode(Header.self, from: Data(base64Encoded: padded) ?? Data())
        guard script.algorithms?.contains(header.alg) ?? true, header.typ == "JWT",
            script.keySet.contains(header.kid)
        else { throw JWTError.signatureVerificationFailed }
        return try await JWTKeyCollection().add(jwksJSON: script.keySet).verify(assertion, as: Claims.self)
    }

    private func refuse(_ code: String, _ words: String) -> BulkReply {
        .json(#"{"error":"\#(code)","error_description":"\#(words)"}"#, status: 400)
    }
}
