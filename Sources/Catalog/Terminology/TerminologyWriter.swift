package import Core
internal import Foundation

/// Makes the file of a `Terminology` from concepts and what each of them is a kind of.
///
/// Memory: some 30 bytes a concept and 4 a tie, and the terms; the closure goes to the file as it is worked out, a
/// concept at a time.
package struct TerminologyWriter: ~Copyable {
    /// What was made.
    package struct Summary: Hashable, Sendable {
        package let concepts: Int
        package let ties: Int
        package let closureRows: Int
        package let longestPath: Int
    }

    private let concepts: [UInt64]
    private let terms: PackedTexts
    /// The children of concept i are `children[starts[i]..<starts[i + 1]]`, as places.
    private let starts: [Int32]
    private let children: [Int32]

    /// - Parameters:
    ///   - concepts: ascending, each once.
    ///   - terms: one a concept; empty where there is none.
    ///   - ties: child and parent, as places in `concepts`, in any order; the same twice counts once.
    package init(concepts: [UInt64], terms: PackedTexts, ties: consuming [(child: Int32, parent: Int32)]) {
        self.concepts = concepts
        self.terms = terms
        var ties = ties
        ties.sort { ($0.parent, $0.child) < ($1.parent, $1.child) }
        var starts = [Int32](repeating: 0, count: concepts.count + 1)
        var children: [Int32] = []
        children.reserveCapacity(ties.count)
        var last: (child: Int32, parent: Int32) = (-1, -1)
        for tie in ties where tie != last {
            last = tie
            children.append(tie.child)
            starts[Int(tie.parent) + 1] += 1
        }
        for place in 1..<starts.count { starts[place] += starts[place - 1] }
        self.starts = starts
        self.children = children
    }

    /// Writes the file.
    /// - Throws: `CatalogFault` if the ties go round in a circle; what the file system throws.
    package consuming func write(to path: String) throws -> Summary {
        let longestPath = try checkedDepth()
        guard
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: path)
        else { throw CatalogFault(file: path, path: "", message: "cannot be written") }
        defer { try? file.close() }
        let placesAt = Terminology.headerSize + concepts.count * 8
        let closureAt = placesAt + 2 * (concepts.count + 1) * 8
        try file.seek(toOffset: UInt64(closureAt))
        let closure = try writeClosure(to: file)
        let termPlaces = try writeTerms(to: file)
        try file.seek(toOffset: 0)
        var head = Terminology.magic
        let sizes = [concepts.count, closure.places.last ?? 0, termPlaces.last ?? 0, closure.rows]
        for number in sizes { Self.append(UInt64(number), to: &head) }
        for concept in concepts { Self.append(concept, to: &head) }
        for place in closure.places { Self.append(UInt64(place), to: &head) }
        for place in termPlaces { Self.append(UInt64(place), to: &head) }
        try file.write(contentsOf: head)
        try file.synchronize()
        return Summary(
            concepts: concepts.count, ties: children.count, closureRows: closure.rows,
            longestPath: longestPath)
    }

    private func writeClosure(to file: FileHandle) throws -> (places: [Int], rows: Int) {
        var walk = Walk(count: concepts.count)
        var buffer: [UInt8] = []
        var written = 0
        var rows = 0
        var places = [0]
        places.reserveCapacity(concepts.count + 1)
        for place in 0..<Int32(concepts.count) {
            let below = walk.below(place, starts, children)
            rows += below.count
            VariableIntegers.append(UInt64(below.count), to: &buffer)
            var last: Int32 = -1
            for descendant in below {
                VariableIntegers.append(UInt64(descendant - last), to: &buffer)
                last = descendant
            }
            places.append(written + buffer.count)
            if buffer.count > 1 << 20 {
                try file.write(contentsOf: buffer)
                written += buffer.count
                buffer.removeAll(keepingCapacity: true)
            }
        }
        try file.write(contentsOf: buffer)
        return (places, rows)
    }

    private func writeTerms(to file: FileHandle) throws -> [Int] {
        var places = [0]
        places.reserveCapacity(concepts.count + 1)
        var buffer: [UInt8] = []
        var end = 0
        for place in 0..<concepts.count {
            let text = terms.bytes(place)
            end += text.count
            buffer.append(contentsOf: text)
            places.append(end)
            if buffer.count > 1 << 20 {
                try file.write(contentsOf: buffer)
                buffer.removeAll(keepingCapacity: true)
            }
        }
        try file.write(contentsOf: buffer)
        return places
    }

    /// The most ties between a concept and one below it.
    private func checkedDepth() throws -> Int {
        var parents = [Int32](repeating: 0, count: concepts.count)
        for child in children { parents[Int(child)] += 1 }
        var depth = [Int32](repeating: 0, count: concepts.count)
        var ready = (0..<Int32(concepts.count)).filter { parents[Int($0)] == 0 }
        var done = 0
        while let place = ready.popLast() {
            done += 1
            for index in starts[Int(place)]..<starts[Int(place) + 1] {
                let child = Int(children[Int(index)])
                depth[child] = max(depth[child], depth[Int(place)] + 1)
                parents[child] -= 1
                if parents[child] == 0 { ready.append(Int32(child)) }
            }
        }
        guard done == concepts.count else {
            let concept = parents.firstIndex { $0 > 0 }.map { "\(concepts[$0])" } ?? ""
            throw CatalogFault(
                path: "concept \(concept)",
                message: "is a kind of itself by way of others: the release is damaged")
        }
        return Int(depth.max() ?? 0)
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// What lies below one concept after the other, in memory that is used again.
private struct Walk {
    /// The concept whose walk came by last, by place.
    private var seen: [Int32]
    private var found: [Int32] = []

    init(count: Int) { seen = [Int32](repeating: -1, count: count) }

    /// The concept and all below it, ascending.
    mutating func below(_ place: Int32, _ starts: [Int32], _ children: [Int32]) -> [Int32] {
        found.removeAll(keepingCapacity: true)
        found.append(place)
        seen[Int(place)] = place
        var next = 0
        while next < found.count {
            let current = Int(found[next])
            next += 1
            for index in starts[current]..<starts[current + 1] {
                let child = children[Int(index)]
                if seen[Int(child)] != place {
                    seen[Int(child)] = place
                    found.append(child)
                }
            }
        }
        found.sort()
        return found
    }
}
