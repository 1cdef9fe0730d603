// Functions on texts. Positions and lengths count characters as FHIRPath means them: Unicode scalars.

extension Evaluator {
    mutating func text(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let item = (try singleton(step.first, focus)).primitive(tape)
        if item.isEmpty { return }
        guard case .text(let text, _) = item else { throw .wrongType }
        switch step.operation {
        case .length: stack.append(.integer(Int64(text.scalarCount)))
        case .upper: try push(String(decoding: text, as: UTF8.self).uppercased())
        case .lower: try push(String(decoding: text, as: UTF8.self).lowercased())
        case .trim: stack.append(.text(text.trimmed, .string))
        case .matches:
            let pattern = program.patterns[Int(step.detail)]
            try spend(text.count * (1 + pattern.size / 8))
            stack.append(.boolean(pattern.matches(text)))
        case .characters:
            try spend(text.count)
            for scalar in String(decoding: text, as: UTF8.self).unicodeScalars { try push(String(scalar)) }
        case .substring: try substring(text, step, focus)
        default: try search(text, step, focus)
        }
    }

    private mutating func push(_ text: String) throws(Fault) {
        stack.append(.text(try keep(Array(text.utf8)), .string))
    }

    private mutating func substring(
        _ text: Tape.Text, _ step: PlacedStep, _ focus: PathItem
    ) throws(Fault) {
        guard let start = try integer(step.second, focus) else { return }
        var length = Int.max
        if step.third >= 0 { length = try integer(step.third, focus) ?? Int.max }
        let count = text.scalarCount
        guard start >= 0, start < count, length > 0 else {
            if start >= 0, start < count { try push("") }
            return
        }
        let from = text.offset(ofScalar: start)
        let to = length >= count - start ? text.count : text.offset(ofScalar: start + length)
        stack.append(.text(Tape.Text(rebasing: text[from..<to]), .string))
    }

    private mutating func search(_ text: Tape.Text, _ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let item = (try singleton(step.second, focus)).primitive(tape)
        if item.isEmpty { return }
        guard case .text(let wanted, _) = item else { throw .wrongType }
        switch step.operation {
        case .startsWith: stack.append(.boolean(text.hasPrefix(wanted)))
        case .endsWith:
            stack.append(
                .boolean(
                    text.count >= wanted.count
                        && Tape.Text(rebasing: text[(text.count - wanted.count)...]).equals(wanted)))
        case .containsText: stack.append(.boolean(text.find(wanted, from: 0) != nil))
        case .indexOf:
            let found = text.find(wanted, from: 0)
            stack.append(
                .integer(found.map { Int64(Tape.Text(rebasing: text[0..<$0]).scalarCount) } ?? -1))
        case .split: try split(text, wanted)
        default:
            guard case .text(let substitute, _) = (try singleton(step.third, focus)).primitive(tape) else {
                return
            }
            try replace(text, wanted, substitute)
        }
    }

    private mutating func split(_ text: Tape.Text, _ separator: Tape.Text) throws(Fault) {
        guard !separator.isEmpty else { return stack.append(.text(text, .string)) }
        var start = 0
        while let found = text.find(separator, from: start) {
            try spend(1)
            stack.append(.text(Tape.Text(rebasing: text[start..<found]), .string))
            start = found + separator.count
        }
        stack.append(.text(Tape.Text(rebasing: text[start...]), .string))
    }

    /// Of an empty pattern: the substitute around every character, as FHIRPath says.
    private mutating func replace(
        _ text: Tape.Text, _ pattern: Tape.Text, _ substitute: Tape.Text
    ) throws(Fault) {
        var bytes: [UInt8] = []
        if pattern.isEmpty {
            for byte in text {
                if byte & 0xC0 != 0x80 { bytes += substitute }
                bytes.append(byte)
            }
            bytes += substitute
        } else {
            var start = 0
            while let found = text.find(pattern, from: start) {
                bytes += text[start..<found]
                bytes += substitute
                start = found + pattern.count
            }
            bytes += text[start...]
        }
        stack.append(.text(try keep(bytes), .string))
    }

    mutating func join(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        let item = (try singleton(step.second, focus)).primitive(tape)
        guard case .text(let separator, _) = item else {
            if item.isEmpty { return }
            throw .wrongType
        }
        let base = stack.count
        try evaluate(step.first, focus)
        var size = 0
        for index in base..<stack.count {
            guard case .text(let text, let hint) = stack[index].primitive(tape) else { throw .wrongType }
            stack[index] = .text(text, hint)
            size += text.count + (index > base ? separator.count : 0)
        }
        let room = try take(size)
        var end = 0
        for index in base..<stack.count {
            guard case .text(let text, _) = stack[index] else { continue }
            if index > base { end = room[end...].update(fromContentsOf: separator) }
            end = room[end...].update(fromContentsOf: text)
        }
        noteComposed(Tape.Text(room), base..<stack.count, separator: separator)
        truncate(to: base)
        // Of nothing too: the SQL-on-FHIR cases want an empty text, not an empty collection.
        stack.append(.text(Tape.Text(room), .string))
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate var scalarCount: Int { reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) } }

    /// Where the n-th character begins.
    fileprivate func offset(ofScalar wanted: Int) -> Int {
        var left = wanted
        for index in 0..<count where self[index] & 0xC0 != 0x80 {
            if left == 0 { return index }
            left -= 1
        }
        return count
    }

    fileprivate var trimmed: Self {
        var (from, to) = (0, count)
        while from < to, isBlank(self[from]) { from += 1 }
        while to > from, isBlank(self[to - 1]) { to -= 1 }
        return Self(rebasing: self[from..<to])
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// The first place of a text, in bytes.
    fileprivate func find(_ wanted: Self, from start: Int) -> Int? {
        guard let first = wanted.first else { return start }
        var index = start
        while index + wanted.count <= count {
            if self[index] == first, Self(rebasing: self[index..<index + wanted.count]).equals(wanted) {
                return index
            }
            index += 1
        }
        return nil
    }
}
