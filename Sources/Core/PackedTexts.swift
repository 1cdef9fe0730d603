/// Many texts in one piece of memory: a column of them costs neither an object nor a count each.
///
/// Made by `Builder`; immutable afterwards. Bytes are UTF-8: whoever appends vouches for it.
package struct PackedTexts: Sendable {
    /// INVARIANT: after `Builder.finish()` nobody writes to it.
    fileprivate final class Memory: @unchecked Sendable {
        var bytes: UnsafeMutablePointer<UInt8>
        /// Where each text ends.
        var ends: UnsafeMutablePointer<Int>
        var byteCapacity = 1 << 12
        var textCapacity = 1 << 8
        var count = 0
        var used = 0

        init() {
            bytes = .allocate(capacity: byteCapacity)
            ends = .allocate(capacity: textCapacity)
        }

        deinit {
            bytes.deallocate()
            ends.deallocate()
        }

        func growBytes(to size: Int) {
            byteCapacity = max(size, byteCapacity * 2)
            bytes = Self.grown(bytes, used, to: byteCapacity)
        }

        func growTexts() {
            textCapacity *= 2
            ends = Self.grown(ends, count, to: textCapacity)
        }

        private static func grown<Element: BitwiseCopyable>(
            _ old: UnsafeMutablePointer<Element>, _ used: Int, to capacity: Int
        ) -> UnsafeMutablePointer<Element> {
            let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
            larger.update(from: old, count: used)
            old.deallocate()
            return larger
        }
    }

    private let memory: Memory

    fileprivate init(_ memory: Memory) { self.memory = memory }

    package init(_ texts: some Collection<String>) {
        var builder = Builder()
        for var text in texts { text.withUTF8 { builder.append($0) } }
        self = builder.finish()
    }

    /// The same text `count` times.
    package init(repeating text: String, count: Int) {
        self.init(repeatElement(text, count: count))
    }

    package var count: Int { memory.count }

    package subscript(row: Int) -> String { String(decoding: bytes(row), as: UTF8.self) }

    /// The bytes of one text: valid as long as this value lives (`withExtendedLifetime`).
    @inline(__always)
    package func bytes(_ row: Int) -> UnsafeBufferPointer<UInt8> {
        precondition(row >= 0 && row < memory.count, "there is no such text")
        let start = row == 0 ? 0 : memory.ends[row - 1]
        return UnsafeBufferPointer(start: memory.bytes + start, count: memory.ends[row] - start)
    }

    /// Whether a NUL is in any of them.
    package var hasNUL: Bool {
        let bytes = UnsafeRawBufferPointer(start: memory.bytes, count: memory.used)
        var (place, found) = (0, UInt64(0))
        // A byte is 0 if taking 1 from it borrows and its own highest bit is not set (Mycroft).
        while place + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            found |= (word &- 0x0101_0101_0101_0101) & ~word
            place += 8
        }
        return found & 0x8080_8080_8080_8080 != 0 || bytes[place...].contains(0)
    }

    package var texts: [String] { (0..<count).map { self[$0] } }

    /// The texts at these places, in that order.
    package func picking(_ rows: [Int]) -> PackedTexts {
        var builder = Builder()
        for row in rows { builder.append(bytes(row)) }
        return builder.finish()
    }

    /// Collects texts.
    ///
    /// INVARIANT: a builder is not copied while it is in use (copies share memory), nor used after `finish()`.
    package struct Builder {
        private let memory = Memory()

        package init() {}

        package var count: Int { memory.count }

        @inline(__always)
        package mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
            let end = memory.used + text.count
            if end > memory.byteCapacity { memory.growBytes(to: end) }
            if let from = text.baseAddress {
                (memory.bytes + memory.used).update(from: from, count: text.count)
            }
            endText(end)
        }

        /// An empty text, which is also what stands in the place of a NULL.
        package mutating func appendEmpty() { endText(memory.used) }

        /// Keeps the first texts only.
        package mutating func truncate(to count: Int) {
            guard memory.count > count else { return }
            memory.count = count
            memory.used = count == 0 ? 0 : memory.ends[count - 1]
        }

        package func finish() -> PackedTexts { PackedTexts(memory) }

        @inline(__always)
        private func endText(_ end: Int) {
            if memory.count == memory.textCapacity { memory.growTexts() }
            memory.ends[memory.count] = end
            memory.count += 1
            memory.used = end
        }
    }
}

extension PackedTexts: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.count == right.count
            && (0..<left.count).allSatisfy { left.bytes($0).elementsEqual(right.bytes($0)) }
    }

    package func hash(into hasher: inout Hasher) {
        for row in 0..<count { hasher.combine(bytes: UnsafeRawBufferPointer(bytes(row))) }
    }
}
