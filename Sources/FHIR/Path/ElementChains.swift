/// The chains of element names that the paths of a program follow from the resource itself (`code.coding`,
/// `meta.lastUpdated`): a tree of names, so that one walk of a document finds what all of them lead to.
struct ElementChains {
    /// What is known of a chain in a document, where it is not the node that it leads to.
    enum Found {
        /// The chain leads to nothing.
        static let nothing: Int32 = 0
        /// A list of several, or what else has to be looked at step by step.
        static let unknown: Int32 = -1
        /// No element of that name; perhaps a choice element (`valueQuantity` for `value`).
        static let choice: Int32 = -2
    }

    /// The chain of no name: the resource.
    static let resource: Int32 = 0

    private struct Link {
        let name: Tape.Text
        /// The next name of the same element in the same bucket; -1 at the end.
        let next: Int32
        /// Where this element's buckets begin; -1 while nothing is looked for inside it.
        var buckets: Int32 = -1
    }

    /// Names are told apart by their first letter.
    private static let bucketCount: Int32 = 32

    private var links = [Link(name: Tape.Text(start: nil, count: 0), next: -1)]
    private var heads: [Int32] = []

    var count: Int { links.count }

    /// The chain of an element inside what another chain leads to.
    /// - Precondition: `name` lives as long as the chains.
    mutating func chain(_ owner: Int32, _ name: Tape.Text) -> Int32 {
        guard let first = name.first else { return -1 }
        if links[Int(owner)].buckets < 0 {
            links[Int(owner)].buckets = Int32(heads.count)
            heads += Array(repeating: -1, count: Int(Self.bucketCount))
        }
        let bucket = Int(links[Int(owner)].buckets + Int32(first) % Self.bucketCount)
        var known = heads[bucket]
        while known >= 0 {
            if links[Int(known)].name.equals(name) { return known }
            known = links[Int(known)].next
        }
        links.append(Link(name: name, next: heads[bucket]))
        heads[bucket] = Int32(links.count - 1)
        return heads[bucket]
    }

    /// Finds what every chain leads to in a document: nodes (of a list of one, its one element), or `Found`.
    /// - Parameter found: one a chain.
    func find(in tape: Tape, _ found: UnsafeMutablePointer<Int32>) {
        found.update(repeating: Found.nothing, count: links.count)
        found[0] = Int32(Tape.root)
        guard links[0].buckets >= 0, tape.kind(Tape.root) == Tape.Kind.object else { return }
        links.withUnsafeBufferPointer { links in
            heads.withUnsafeBufferPointer { heads in
                Walk(tape: tape, found: found, links: links, heads: heads).object(Tape.root, 0)
            }
        }
    }

    private struct Walk {
        let tape: Tape
        let found: UnsafeMutablePointer<Int32>
        let links: UnsafeBufferPointer<Link>
        let heads: UnsafeBufferPointer<Int32>

        func object(_ object: Int, _ owner: Int) {
            let buckets = links[owner].buckets
            var (node, end) = tape.inside(object)
            while node < end {
                var link = heads[Int(buckets + Int32(tape.initial(node)) % ElementChains.bucketCount)]
                if link >= 0 {
                    let key = tape.text(node)
                    while link >= 0 {
                        match(key, node + 1, Int(link))
                        link = links[Int(link)].next
                    }
                }
                node = tape.next(node + 1)
            }
        }

        @inline(__always)
        private func match(_ key: Tape.Text, _ value: Int, _ link: Int) {
            let name = links[link].name
            if key.count == name.count {
                // Of two elements of one name the first counts.
                if found[link] == Found.nothing || found[link] == Found.choice, key.hasPrefix(name) {
                    element(value, link)
                }
            } else if key.count > name.count, found[link] == Found.nothing,
                (0x41...0x5A).contains(key[name.count]), key.hasPrefix(name)
            {
                mark(link, Found.choice)
            }
        }

        private func element(_ value: Int, _ link: Int) {
            // What is inside a choice element of that name does not count any more.
            if found[link] == Found.choice { mark(link, Found.nothing) }
            var node = value
            if tape.kind(node) == Tape.Kind.array {
                let (first, end) = tape.inside(node)
                if first < end, tape.next(first) == end {
                    node = first
                } else {
                    mark(link, Found.unknown)
                    found[link] = first < end ? Int32(node) : Found.unknown
                    return
                }
            }
            switch tape.kind(node) {
            case Tape.Kind.object:
                found[link] = Int32(node)
                if links[link].buckets >= 0 { object(node, link) }
            case Tape.Kind.array, Tape.Kind.null: mark(link, Found.unknown)
            default: found[link] = Int32(node)
            }
        }

        /// Says the same of a chain and of all that go on from it; inside, a choice is as good as unknown.
        private func mark(_ link: Int, _ what: Int32) {
            found[link] = what
            let buckets = Int(links[link].buckets)
            guard buckets >= 0 else { return }
            for bucket in buckets..<buckets + Int(ElementChains.bucketCount) {
                var inner = heads[bucket]
                while inner >= 0 {
                    mark(Int(inner), what == Found.choice ? Found.unknown : what)
                    inner = links[Int(inner)].next
                }
            }
        }
    }
}

/// Memory for what a document's chains lead to.
///
/// INVARIANT: used by one evaluator.
final class ChainsFound {
    let nodes: UnsafeMutablePointer<Int32>

    init(count: Int) {
        nodes = .allocate(capacity: count)
        nodes.initialize(repeating: ElementChains.Found.nothing, count: count)
    }

    deinit { nodes.deallocate() }
}
