internal import FHIR
internal import Foundation
internal import Synthesis

/// Splits foreign FHIR NDJSON by patient over sites, the same way every time.
///
/// A patient's records stay together; the overlap share of patients have all of theirs at two sites. Patients
/// without an NHS number get one of the 999 range, by their place in the sorted order of patient ids.
struct ForeignData {
    let path: String
    let overlap: Double

    /// Where each patient goes, and the number they are given.
    private struct Placement {
        let sites: [Int]
        let number: String?
        let optedOut: Bool
    }

    func split(to directory: String, sites: [String]) throws {
        let manager = FileManager.default
        let files = ((try? manager.contentsOfDirectory(atPath: path)) ?? [])
            .filter { $0.hasSuffix(".ndjson") || $0.hasSuffix(".ndjson.gz") }.sorted()
        guard let patients = files.first(where: { $0.hasPrefix("Patient") }) else {
            throw ChildProcess.Failure(description: "no Patient.ndjson or Patient.ndjson.gz in \(path)")
        }
        for site in sites {
            try manager.createDirectory(atPath: "\(directory)/\(site)", withIntermediateDirectories: true)
        }
        let placements = try place(patients, sites: sites.count)
        for file in files {
            try copy(file, placements, to: sites.map { "\(directory)/\($0)" })
        }
        try writeOptOut(placements, to: sites.map { "\(directory)/\($0)" })
    }

    private func place(_ file: String, sites: Int) throws -> [String: Placement] {
        var hasNumber: [String: Bool] = [:]
        try forEachLine(file) { line in
            guard let id = Self.value(after: "\"id\":\"", in: line) else { return }
            hasNumber[id] = Self.find("https://fhir.nhs.uk/Id/nhs-number", in: line) != nil
        }
        let population = try Population(PopulationParameters(patients: max(1, hasNumber.count), seed: 1))
        var placements: [String: Placement] = [:]
        for (index, id) in hasNumber.keys.sorted().enumerated() {
            let hash = Self.hash(id)
            let first = Int(hash % UInt64(sites))
            var places = [first]
            if Double((hash >> 16) % 10_000) < overlap * 10_000, sites > 1 {
                places.append((first + 1 + Int((hash >> 32) % UInt64(sites - 1))) % sites)
            }
            placements[id] = Placement(
                sites: places, number: hasNumber[id] == true ? nil : population.nhsNumber(index),
                optedOut: (hash >> 48) % 20 == 0)
        }
        return placements
    }

    private func copy(_ file: String, _ placements: [String: Placement], to directories: [String]) throws {
        let name = file.hasSuffix(".gz") ? String(file.dropLast(3)) : file
        var buffers = directories.map { _ in [UInt8]() }
        let isPatient = name.hasPrefix("Patient")
        try forEachLine(file) { line in
            let id = Self.value(after: isPatient ? "\"id\":\"" : "\"reference\":\"Patient/", in: line)
            // Resources about nobody (organisations, practitioners) go to every site.
            let placement = id.flatMap { placements[$0] }
            let written = isPatient ? Self.identified(line, number: placement?.number) : line
            for site in placement?.sites ?? Array(directories.indices) {
                buffers[site] += written
                buffers[site].append(0x0A)
            }
        }
        for (directory, bytes) in zip(directories, buffers) {
            try Data(bytes).write(to: URL(filePath: "\(directory)/\(name)"))
        }
    }

    private func writeOptOut(_ placements: [String: Placement], to directories: [String]) throws {
        var texts = directories.map { _ in "" }
        for placement in placements.values where !placement.optedOut {
            guard let number = placement.number else { continue }
            for site in placement.sites { texts[site] += number + ",\n" }
        }
        for (directory, text) in zip(directories, texts) {
            try Data(text.utf8).write(to: URL(filePath: directory + "/opt-out.dat"))
        }
    }

    private func forEachLine(_ file: String, _ body: ([UInt8]) throws -> Void) throws {
        var reader = try NDJSONReader(path: "\(path)/\(file)")
        while let block = try reader.next() {
            for line in block.lines { try body(block.copy(line)) }
        }
    }

    /// The line with an NHS number among its identifiers; `line` as it is if there is none to give.
    private static func identified(_ line: [UInt8], number: String?) -> [UInt8] {
        guard let number else { return line }
        let identifier = #"{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"\#(number)"}"#
        if let list = find("\"identifier\":[", in: line) {
            return Array(line[..<list]) + Array((identifier + ",").utf8) + Array(line[list...])
        }
        guard let end = line.lastIndex(of: UInt8(ascii: "}")) else { return line }
        return Array(line[..<end]) + Array(#","identifier":[\#(identifier)]"#.utf8) + Array(line[end...])
    }

    /// The index behind the first occurrence of `pattern`.
    private static func find(_ pattern: StaticString, in line: [UInt8]) -> Int? {
        pattern.withUTF8Buffer { pattern in
            guard let first = pattern.first, line.count >= pattern.count else { return nil }
            var place = 0
            while let start = line[place...(line.count - pattern.count)].firstIndex(of: first) {
                if line[start...].starts(with: pattern) { return start + pattern.count }
                place = start + 1
                guard place <= line.count - pattern.count else { return nil }
            }
            return nil
        }
    }

    private static func value(after pattern: StaticString, in line: [UInt8]) -> String? {
        guard let start = find(pattern, in: line), let end = line[start...].firstIndex(of: UInt8(ascii: "\""))
        else { return nil }
        return String(decoding: line[start..<end], as: UTF8.self)
    }

    /// FNV-1a, 64 bits, then mixed: the same on every machine.
    private static func hash(_ text: String) -> UInt64 {
        var hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return hash ^ (hash >> 33)
    }
}
