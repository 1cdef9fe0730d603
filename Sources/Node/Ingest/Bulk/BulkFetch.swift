internal import AsyncHTTPClient
internal import FHIR
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import Store
internal import Synchronization

/// Fetches the files of an export into a folder of the home, as the server sends them (compressed or not).
///
/// A file that broke off is carried on where the server can (a strong validator and ranges), else begun again. What
/// stands under its own name is whole and durable.
struct BulkFetch: Sendable {
    /// What came of one request for a file.
    private enum Outcome {
        case whole
        /// To be tried again; why, and when the server says.
        case later(BulkError, retryAfter: String?)
        /// The token was not taken.
        case stale(String)
    }

    /// Files at once: more would wait at the server.
    private static let width = 3

    let export: Int64
    let directory: String
    let session: BulkSession
    let store: BulkStore
    let meter: FetchMeter

    static func path(_ file: BulkFile, in directory: String) -> String {
        // Error files are of no dataset: the folder that is ingested does not show them.
        file.kind == .error ? "\(directory)/.errors/\(file.name)" : "\(directory)/\(file.name)"
    }

    /// - Returns: how many resources each file holds.
    func all(_ files: [BulkFile]) async throws -> [Int: Int] {
        try PrivateFile.makeDirectories(directory + "/.errors")
        var resources = try await store.done(export).filter { place, _ in
            files.indices.contains(place) && PrivateFile.exists(Self.path(files[place], in: directory))
        }
        var places = files.indices.filter { resources[$0] == nil }[...]
        meter.begin(files: files.count, done: resources.count)
        try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for place in places.prefix(Self.width) {
                group.addTask { (place, try await fetch(files[place], place)) }
            }
            places = places.dropFirst(Self.width)
            while let (place, count) = try await group.next() {
                resources[place] = count
                meter.finishFile()
                guard let next = places.popFirst() else { continue }
                group.addTask { (next, try await fetch(files[next], next)) }
            }
        }
        return resources
    }

    private func fetch(_ file: BulkFile, _ place: Int) async throws -> Int {
        let path = Self.path(file, in: directory)
        let part = path + ".part"
        var (failures, isRenewed) = (0, false)
        while true {
            let before = Self.size(part)
            switch try await attempt(file, place, part) {
            case .whole:
                if let resources = try check(part, file) {
                    try finish(part, path)
                    try await store.finish(export, place, resources: resources)
                    return resources
                }
                try PrivateFile.remove(part)
                failures += 1
                guard failures < session.attempts else {
                    throw BulkError(.file, "\(file.words) comes damaged again and again")
                }
            case .later(let error, let retryAfter):
                failures = Self.size(part) > before ? 1 : failures + 1
                guard failures < session.attempts else { throw error }
                try await session.waiting.wait(retryAfter, attempt: failures - 1)
            case .stale(let token):
                guard !isRenewed else {
                    throw BulkError(
                        .refused, "the server does not take its own access token for \(file.words)")
                }
                isRenewed = true
                await session.tokens.forget(token)
            }
        }
    }

    private func attempt(_ file: BulkFile, _ place: Int, _ part: String) async throws -> Outcome {
        let known = try await store.validator(export, place).flatMap(Validator.init(text:))
        let offset = Self.size(part)
        do {
            let request = try await request(file, known, offset)
            let response = try await session.connection.open(request).response
            if request.token == nil || response.status != .unauthorized,
                let later = try refusal(response, file)
            {
                return later
            }
            if response.status == .unauthorized, let token = request.token { return .stale(token) }
            let start = try await begin(response, place, known, offset, part)
            guard let start else {
                try PrivateFile.remove(part)
                return .later(
                    BulkError(.answer, "the server sends another part of \(file.words) than was asked for"),
                    retryAfter: "0")
            }
            try await write(response, request, to: part, from: start)
            return .whole
        } catch let error as BulkError where error.code == .unreachable {
            return .later(error, retryAfter: nil)
        }
    }

    private func request(
        _ file: BulkFile, _ known: Validator?, _ offset: Int
    ) async throws -> BulkConnection.Request {
        guard let url = URL(string: file.url) else {
            throw BulkError(.answer, "the server names an address for \(file.words) that is none")
        }
        var request = BulkConnection.Request(
            method: .GET, url: url, what: file.words, accept: "application/fhir+ndjson", mayLeave: true)
        request.headers = [("accept-encoding", "gzip")]
        if let known, offset > 0 {
            request.headers += [("range", "bytes=\(offset)-"), ("if-range", known.value)]
        }
        if file.needsToken { request.token = try await session.tokens.token() }
        return request
    }

    /// What to do about an answer that is no file; nil if it is one, or a token that is not taken.
    private func refusal(_ response: HTTPClientResponse, _ file: BulkFile) throws -> Outcome? {
        let (status, later) = (Int(response.status.code), response.headers.first(name: "retry-after"))
        switch status {
        case 200, 206, 416: return nil
        case 403, 404, 410:
            throw BulkError(.gone, "the server no longer gives \(file.words) (it answered \(status))")
        case 401:
            throw BulkError(
                .refused, "the server wants an access token for \(file.words): name '--client-id'")
        case 429, 500...:
            return .later(
                BulkError(.unreachable, "the server does not give \(file.words) (it answered \(status))"),
                retryAfter: later)
        default: throw BulkError(.failed, "asked for \(file.words), the server answered \(status)")
        }
    }

    /// - Returns: where the body that follows belongs; nil if it cannot be used.
    private func begin(
        _ response: HTTPClientResponse, _ place: Int, _ known: Validator?, _ offset: Int, _ part: String
    ) async throws -> Int? {
        let coding = response.headers.first(name: "content-encoding")?.lowercased() ?? "identity"
        guard coding == "identity" || coding == "gzip" || coding == "x-gzip" else {
            throw BulkError(.answer, "the server compresses files in a form that was not asked for")
        }
        if response.status == .partialContent {
            let range = response.headers.first(name: "content-range") ?? ""
            return coding == known?.coding && range.hasPrefix("bytes \(offset)-") ? offset : nil
        }
        guard response.status == .ok else { return nil }
        // What is here of another state of the file goes before the new state is written down: a crash in between must
        // not leave bytes of the one under the validator of the other.
        try PrivateFile.remove(part)
        try PrivateFile.sync(Self.folder(part))
        try await store.begin(
            export, place, validator: Validator(coding: coding, headers: response.headers)?.text)
        return 0
    }

    private func write(
        _ response: HTTPClientResponse, _ request: BulkConnection.Request, to part: String, from start: Int
    ) async throws {
        if start == 0 { try PrivateFile.write([], to: part, isDurable: false) }
        guard let file = FileHandle(forWritingAtPath: part) else {
            throw BulkError(.file, "cannot write into the home: check its space and rights")
        }
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(start))
        do {
            for try await block in response.body {
                try Task.checkCancellation()
                do { try file.write(contentsOf: Data(block.readableBytesView)) } catch {
                    throw BulkError(.file, "cannot write into the home: check its space and rights")
                }
                meter.add(bytes: block.readableBytes)
            }
        } catch {
            throw try BulkConnection.fault(error, request)
        }
        try Task.checkCancellation()
        try file.synchronize()
    }

    /// - Returns: how many resources it holds; nil if it is damaged.
    /// - Throws: `BulkError` of code `file` for something else than NDJSON of FHIR.
    private func check(_ path: String, _ file: BulkFile) throws -> Int? {
        do {
            let content = try FileContent(path: path)
            guard content.mayHoldResources || content.kind == .empty else {
                throw BulkError(.file, "\(file.words) holds no FHIR resources")
            }
            var count = 0
            var reader = try NDJSONReader(path: path)
            while let block = try reader.next() { count += block.lines.count + block.faults.count }
            return count
        } catch let fault as ReadFault {
            if fault.code == .damaged { return nil }
            throw BulkError(.file, "\(file.words): \(fault.code.rawValue)")
        }
    }

    private func finish(_ part: String, _ path: String) throws {
        guard rename(part, path) == 0 else {
            throw BulkError(.file, "cannot write into the home: check its space and rights")
        }
        try PrivateFile.sync(Self.folder(path))
    }

    private static func folder(_ path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    private static func size(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }
}

/// Tells whether a file on the server is still the one of which a part is here.
///
/// Source: RFC 9110 section 13.1.5, If-Range: weak validators do not count.
private struct Validator {
    let coding: String
    let value: String

    init?(coding: String, headers: HTTPHeaders) {
        self.coding = coding
        if let tag = headers.first(name: "etag"), !tag.hasPrefix("W/") {
            value = tag
        } else if let date = headers.first(name: "last-modified") {
            value = date
        } else {
            return nil
        }
    }

    init?(text: String) {
        guard let tab = text.firstIndex(of: "\t") else { return nil }
        (coding, value) = (String(text[..<tab]), String(text[text.index(after: tab)...]))
    }

    var text: String { "\(coding)\t\(value)" }
}

/// How far the fetching of an export's files is.
final class FetchMeter: Sendable {
    private struct State {
        var files = 0
        var done = 0
        var bytes = 0
        var shown = 0
    }

    private let state = Mutex(State())
    private let progress: ProgressSink

    init(_ progress: @escaping ProgressSink) { self.progress = progress }

    /// Bytes that came over the network.
    var bytes: Int { state.withLock { $0.bytes } }

    func begin(files: Int, done: Int) {
        show { ($0.files, $0.done) = (files, done) }
    }

    func finishFile() { show { $0.done += 1 } }

    func add(bytes: Int) {
        let isDue = state.withLock { state in
            state.bytes += bytes
            return state.bytes - state.shown > 1 << 20
        }
        if isDue { show { _ in } }
    }

    private func show(_ change: (inout State) -> Void) {
        let now = state.withLock { state in
            change(&state)
            state.shown = state.bytes
            return state
        }
        progress("fetching files", now.done, now.files, "\(now.bytes >> 20) MB")
    }
}
