/// A regular expression that is run in time linear in the text: all its states at once, never back.
///
/// Source: Ken Thompson, "Regular Expression Search Algorithm", CACM 11 (1968). Read are characters, `.`,
/// classes
/// (`[a-z]`, `[^…]`, `\d \w \s` and their opposites), groups, `|`, `* + ? {m,n}` (lazy marks are passed over:
/// whether a text matches does not depend on them), `^` and `$` of the whole text. Back references and
/// look-around are refused. Of `matches` a part of the text is enough, as FHIRPath says.
struct PathPattern: Sendable {
    private indirect enum Node {
        case nothing
        case set(CharacterSet)
        case start, end
        case sequence([Node])
        case either([Node])
        case repeated(Node, Int, Int?)
    }

    struct CharacterSet: Hashable, Sendable {
        var ranges: [ClosedRange<UInt32>]
        var isNegated = false

        func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } != isNegated }
    }

    private enum Instruction: Hashable, Sendable {
        case set(CharacterSet)
        case split(Int, Int)
        case jump(Int)
        case start, end, match
    }

    /// More instructions than this are refused.
    private static let sizeLimit = 4_000

    private var code: [Instruction] = []
    private var emitted = 0
    private let isFull: Bool

    init(_ text: String, isFull: Bool) throws(PathError) {
        self.isFull = isFull
        var reader = Reader(text: Array(text.unicodeScalars.map(\.value)))
        let node = try reader.alternatives()
        guard reader.isAtEnd else { throw PathError(.syntax, "pattern: a bracket is left over") }
        try emit(node)
        code.append(.match)
    }

    private mutating func emit(_ node: Node) throws(PathError) {
        emitted += 1
        guard code.count <= Self.sizeLimit, emitted <= 10 * Self.sizeLimit else {
            throw PathError(.unsupported, "pattern: too large")
        }
        switch node {
        case .nothing: break
        case .set(let set): code.append(.set(set))
        case .start: code.append(.start)
        case .end: code.append(.end)
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .either(let nodes): try emit(either: nodes)
        case .repeated(let node, let least, let most): try emit(node, least, most)
        }
    }

    private mutating func emit(either nodes: [Node]) throws(PathError) {
        var jumps: [Int] = []
        for (place, node) in nodes.enumerated() {
            guard place < nodes.count - 1 else {
                try emit(node)
                break
            }
            let split = code.count
            code.append(.split(split + 1, 0))
            try emit(node)
            jumps.append(code.count)
            code.append(.jump(0))
            code[split] = .split(split + 1, code.count)
        }
        for jump in jumps { code[jump] = .jump(code.count) }
    }

    private mutating func emit(_ node: Node, _ least: Int, _ most: Int?) throws(PathError) {
        for _ in 0..<least { try emit(node) }
        guard let most else {
            let split = code.count
            code.append(.split(split + 1, 0))
            try emit(node)
            code.append(.jump(split))
            code[split] = .split(split + 1, code.count)
            return
        }
        var splits: [Int] = []
        for _ in least..<max(least, most) {
            splits.append(code.count)
            code.append(.split(code.count + 1, 0))
            try emit(node)
        }
        for split in splits { code[split] = .split(split + 1, code.count) }
    }

    /// Instructions: what a character costs at most.
    var size: Int { code.count }

    /// Whether the text, or a part of it, matches.
    func matches(_ text: Tape.Text) -> Bool {
        let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
        var current = States(count: code.count)
        var next = States(count: code.count)
        var place = 0
        add(0, to: &current, isStart: true, isEnd: scalars.isEmpty)
        for scalar in scalars {
            place += 1
            let isEnd = place == scalars.count
            next.removeAll()
            for state in current.list {
                switch code[state] {
                case .match: if !isFull { return true }
                case .set(let set) where set.contains(scalar.value):
                    add(state + 1, to: &next, isStart: false, isEnd: isEnd)
                default: continue
                }
            }
            if !isFull { add(0, to: &next, isStart: false, isEnd: isEnd) }
            swap(&current, &next)
        }
        return current.list.contains { code[$0] == .match }
    }

    /// Adds a state with all that follow it without reading a character.
    private func add(_ state: Int, to states: inout States, isStart: Bool, isEnd: Bool) {
        var waiting = [state]
        while let state = waiting.popLast() {
            guard states.insert(state) else { continue }
            switch code[state] {
            case .jump(let target): waiting.append(target)
            case .split(let first, let second):
                waiting.append(second)
                waiting.append(first)
            case .start: if isStart { waiting.append(state + 1) }
            case .end: if isEnd { waiting.append(state + 1) }
            case .set, .match: continue
            }
        }
    }

    private struct States {
        var list: [Int] = []
        private var has: [Bool]

        init(count: Int) { has = Array(repeating: false, count: count) }

        mutating func insert(_ state: Int) -> Bool {
            if has[state] { return false }
            has[state] = true
            list.append(state)
            return true
        }

        mutating func removeAll() {
            for state in list { has[state] = false }
            list.removeAll(keepingCapacity: true)
        }
    }
}

extension PathPattern {
    /// Reads a pattern.
    private struct Reader {
        let text: [UInt32]
        var at = 0
        var depth = 0

        init(text: [UInt32]) { self.text = text }

        var isAtEnd: Bool { at == text.count }
        private var peek: UInt32? { at < text.count ? text[at] : nil }

        private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
            guard peek == scalar.value else { return false }
            at += 1
            return true
        }

        private func fault(_ message: String) -> PathError { PathError(.syntax, "pattern: \(message)") }

        mutating func alternatives() throws(PathError) -> Node {
            depth += 1
            defer { depth -= 1 }
            guard depth <= PathParser.depthLimit else { throw fault("nested too deeply") }
            var all = [try sequence()]
            while accept("|") { all.append(try sequence()) }
            return all.count == 1 ? all[0] : .either(all)
        }

        private mutating func sequence() throws(PathError) -> Node {
            var all: [Node] = []
            while let scalar = peek, scalar != 0x7C, scalar != 0x29 { all.append(try repeated()) }
            return all.count == 1 ? all[0] : .sequence(all)
        }

        private mutating func repeated() throws(PathError) -> Node {
            var node = try atom()
            while true {
                if accept("*") {
                    node = .repeated(node, 0, nil)
                } else if accept("+") {
                    node = .repeated(node, 1, nil)
                } else if accept("?") {
                    node = .repeated(node, 0, 1)
                } else if peek == 0x7B, let (least, most) = try bounds() {
                    node = .repeated(node, least, most)
                } else {
                    return node
                }
                _ = accept("?")
            }
        }

        /// `{m}`, `{m,}` or `{m,n}`; a brace that is none of these stands for itself.
        private mutating func bounds() throws(PathError) -> (Int, Int?)? {
            let start = at
            at += 1
            let least = number()
            var most = least
            if accept(",") { most = number() ?? (peek == 0x7D ? nil : -1) }
            guard let least, accept("}") else {
                at = start
                return nil
            }
            guard least <= 1000, (most ?? 0) <= 1000, most.map({ $0 >= least }) ?? true else {
                throw fault("a count that is not possible")
            }
            return (least, most)
        }

        private mutating func number() -> Int? {
            var value: Int?
            while let scalar = peek, (0x30...0x39).contains(scalar), (value ?? 0) < 100_000 {
                value = (value ?? 0) * 10 + Int(scalar - 0x30)
                at += 1
            }
            return value
        }

        private mutating func atom() throws(PathError) -> Node {
            guard let scalar = peek else { return .nothing }
            at += 1
            switch Unicode.Scalar(scalar) {
            case "(":
                if accept("?") {
                    guard accept(":") else { throw fault("a group of a kind that is not read") }
                }
                let inner = try alternatives()
                guard accept(")") else { throw fault("a group without end") }
                return inner
            case "[": return .set(try characterClass())
            case ".": return .set(CharacterSet(ranges: [0...0x10FFFF]))
            case "^": return .start
            case "$": return .end
            case "*", "+", "?": throw fault("nothing to repeat")
            case "\\": return .set(try escaped())
            default: return .set(CharacterSet(ranges: [scalar...scalar]))
            }
        }

        private mutating func characterClass() throws(PathError) -> CharacterSet {
            var set = CharacterSet(ranges: [])
            set.isNegated = accept("^")
            var isFirst = true
            while let scalar = peek, scalar != 0x5D || isFirst {
                at += 1
                isFirst = false
                var part = CharacterSet(ranges: [scalar...scalar])
                if scalar == 0x5C { part = try escaped() }
                if peek == 0x2D, at + 1 < text.count, text[at + 1] != 0x5D, part.ranges.count == 1,
                    let low = part.ranges.first?.lowerBound
                {
                    at += 1
                    var high = text[at]
                    at += 1
                    if high == 0x5C { high = try escaped().ranges.first?.lowerBound ?? high }
                    guard low <= high else { throw fault("a range that runs backwards") }
                    part.ranges = [low...high]
                }
                guard !part.isNegated else { throw fault("an opposite within a class") }
                set.ranges += part.ranges
            }
            guard accept("]") else { throw fault("a class without end") }
            return set
        }

        private mutating func escaped() throws(PathError) -> CharacterSet {
            guard let scalar = peek else { throw fault("an escape without end") }
            at += 1
            func set(_ ranges: [ClosedRange<UInt32>], _ isNegated: Bool) -> CharacterSet {
                CharacterSet(ranges: ranges, isNegated: isNegated)
            }
            let word: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
            let blank: [ClosedRange<UInt32>] = [0x09...0x0D, 0x20...0x20, 0xA0...0xA0]
            switch Unicode.Scalar(scalar) {
            case "d", "D": return set([0x30...0x39], scalar == 0x44)
            case "w", "W": return set(word, scalar == 0x57)
            case "s", "S": return set(blank, scalar == 0x53)
            case "n": return set([0x0A...0x0A], false)
            case "r": return set([0x0D...0x0D], false)
            case "t": return set([0x09...0x09], false)
            case .some(let mark) where mark.properties.isAlphabetic || ("0"..."9").contains(mark):
                throw fault("an escape that is not read")
            default: return set([scalar...scalar], false)
            }
        }
    }
}
