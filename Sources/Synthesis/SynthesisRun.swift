internal import Dispatch
internal import Foundation
internal import Synchronization

/// Writes a population to a directory: `site-1/Patient.ndjson` …, `site-1/opt-out.dat`, `reference/imd.csv`.
package struct SynthesisRun: Sendable {
    package let population: Population
    package let directory: String
    /// Names of the sites' sub-directories, one a site.
    package let siteNames: [String]

    package struct Summary: Sendable, Codable {
        package let patients: Int
        package let patientsAtTwoSites: Int
        package let patientsWithoutNumber: Int
        package let resources: [String: Int]
        package let bytes: Int
    }

    /// People are made in chunks, by as many threads as there are processors, and written in order.
    private static let chunk = 1_000

    package init(_ parameters: PopulationParameters, directory: String, siteNames: [String]? = nil) {
        population = Population(parameters)
        self.directory = directory
        self.siteNames = siteNames ?? (1...parameters.sites).map { "site-\($0)" }
    }

    /// - Parameter progress: called with people written so far and people in all.
    /// - Throws: an error of the file system; the directory may then hold a part.
    package func write(progress: (Int, Int) -> Void = { _, _ in }) throws -> Summary {
        let files = try SiteFiles(directory: directory, siteNames: siteNames)
        let total = population.parameters.patients
        var tally = Tally()
        let width = max(1, ProcessInfo.processInfo.activeProcessorCount) * 2
        var start = 0
        while start < total {
            let ranges = (0..<width).map { start + $0 * Self.chunk }.filter { $0 < total }
                .map { $0..<min(total, $0 + Self.chunk) }
            let results = Mutex<[Int: ChunkOutput]>([:])
            DispatchQueue.concurrentPerform(iterations: ranges.count) { place in
                let output = makeChunk(ranges[place])
                results.withLock { $0[place] = output }
            }
            for place in ranges.indices {
                guard let output = results.withLock({ $0[place] }) else { continue }
                tally.add(output)
                try files.write(output)
            }
            start = ranges.last?.upperBound ?? total
            progress(start, total)
        }
        try files.close()
        try writeReferences()
        return tally.summary(patients: total)
    }

    private func writeReferences() throws {
        let folder = directory + "/reference"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(population.imdCSV.utf8).write(to: URL(filePath: folder + "/imd.csv"))
    }

    private func makeChunk(_ range: Range<Int>) -> ChunkOutput {
        var output = ChunkOutput(sites: siteNames.count)
        for index in range {
            var random = RandomStream(seed: population.parameters.seed, index: UInt64(index))
            let person = SyntheticPerson(index: index, population: population, random: &random)
            let life = LifeCourse(person: person, random: random)
            output.note(person)
            for (place, site) in [person.site, person.secondSite].enumerated() {
                guard let site else { continue }
                output.write(life, person: person, site: site, first: place == 0)
            }
        }
        return output
    }
}

/// What one chunk of people writes: a buffer for every site and type.
private struct ChunkOutput: Sendable {
    var buffers: [[ByteText]]
    var optOut: [ByteText]
    var overlapping = 0
    var withoutNumber = 0

    init(sites: Int) {
        let types = SynthesisedType.allCases.count
        buffers = Array(repeating: Array(repeating: ByteText(), count: types), count: sites)
        optOut = Array(repeating: ByteText(), count: sites)
    }

    mutating func note(_ person: SyntheticPerson) {
        overlapping += person.secondSite == nil ? 0 : 1
        withoutNumber += person.nhsNumber == nil ? 1 : 0
        guard let number = person.nhsNumber, !person.optedOut else { return }
        for site in [person.site, person.secondSite].compactMap(\.self) {
            optOut[site].add(number)
            optOut[site].add(",\n")
        }
    }

    mutating func write(_ life: LifeCourse, person: SyntheticPerson, site: Int, first: Bool) {
        var taken: [ByteText] = []
        swap(&taken, &buffers[site])
        var writer = ResourceWriter(site: site, person: person, output: taken)
        taken = []
        life.write(first: first, to: &writer)
        buffers[site] = writer.output
    }
}

/// Counts over all chunks.
private struct Tally {
    private var resources: [String: Int] = [:]
    private var bytes = 0
    private var overlapping = 0
    private var withoutNumber = 0

    mutating func add(_ output: ChunkOutput) {
        overlapping += output.overlapping
        withoutNumber += output.withoutNumber
        for site in output.buffers {
            for (type, text) in zip(SynthesisedType.allCases, site) {
                bytes += text.bytes.count
                resources[type.rawValue, default: 0] += text.bytes.count { $0 == 0x0A }
            }
        }
    }

    func summary(patients: Int) -> SynthesisRun.Summary {
        SynthesisRun.Summary(
            patients: patients, patientsAtTwoSites: overlapping, patientsWithoutNumber: withoutNumber,
            resources: resources, bytes: bytes)
    }
}

/// The open files of all sites.
private struct SiteFiles {
    private let resources: [[FileHandle]]
    private let optOut: [FileHandle]

    init(directory: String, siteNames: [String]) throws {
        let manager = FileManager.default
        func create(_ path: String) throws -> FileHandle {
            guard manager.createFile(atPath: path, contents: nil) else {
                throw SynthesisError("cannot write \(path): check the directory and its permissions")
            }
            return try FileHandle(forWritingTo: URL(filePath: path))
        }
        var resources: [[FileHandle]] = []
        var optOut: [FileHandle] = []
        for name in siteNames {
            let folder = "\(directory)/\(name)"
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
            resources.append(
                try SynthesisedType.allCases.map { try create("\(folder)/\($0.rawValue).ndjson") })
            optOut.append(try create("\(folder)/opt-out.dat"))
        }
        self.resources = resources
        self.optOut = optOut
    }

    func write(_ output: ChunkOutput) throws {
        for (site, buffers) in output.buffers.enumerated() {
            for (file, text) in zip(resources[site], buffers) where !text.bytes.isEmpty {
                try file.write(contentsOf: text.bytes)
            }
            try optOut[site].write(contentsOf: output.optOut[site].bytes)
        }
    }

    func close() throws {
        for file in resources.joined() { try file.close() }
        for file in optOut { try file.close() }
    }
}
