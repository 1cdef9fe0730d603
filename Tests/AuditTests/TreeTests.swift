import Testing

@testable import Audit

@Suite struct TreeTests {
    /// Leaves and roots of certificate-transparency's Merkle tree tests (`merkle_tree_test.cc`).
    private static let leaves: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43], Array(0x50...0x57),
        Array(0x60...0x6F),
    ]
    private static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test func referenceRootsOfRFC6962() {
        var tree = TreeBuilder()
        var found = [hex(tree.root)]
        for leaf in Self.leaves {
            tree.append(.leaf(leaf)) { _, _ in }
            found.append(hex(tree.root))
        }
        #expect(found == Self.roots)
    }

    private func hex(_ hash: TreeHash) -> String {
        hash.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(arguments: [
        (Tile(level: 0, index: 0, width: 256), "tile/0/000"),
        (Tile(level: 0, index: 1, width: 5), "tile/0/001.p/5"),
        (Tile(level: 1, index: 1000, width: 256), "tile/1/x001/000"),
        (Tile(level: 3, index: 1_234_067, width: 8), "tile/3/x001/x234/067.p/8"),
    ])
    func tilePaths(_ tile: Tile, _ path: String) { #expect(tile.path == path) }

    @Test func tilesOfASize() {
        // The example of C2SP tlog-tiles: a tree of 70,000 leaves.
        let paths = Tile.all(size: 70_000).map(\.path)
        #expect(paths.count == 273 + 1 + 1 + 1 + 1)
        #expect(
            paths[272...] == [
                "tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1",
            ])
        #expect(Tile.partials(size: 70_000).map(\.path) == paths.filter { $0.contains(".p/") })
        #expect(Tile.all(size: 0).isEmpty)
    }

    /// A tree in memory, with every perfect subtree at hand by its definition.
    private func subtree(of leaves: [TreeHash]) -> TreeProof.Subtree {
        { level, index in referenceRoot(leaves[index << level..<(index + 1) << level]) }
    }

    @Test(arguments: 0..<60)
    func proofsHoldAndBreakWithOneBit(_ round: Int) throws {
        let seed = UInt64(round) &* 7919 &+ 20_261_123
        print("TreeTests.proofsHoldAndBreakWithOneBit seed \(seed)")
        var generator = SeededGenerator(state: seed)
        let size = Int.random(in: 1...(round < 30 ? 40 : 1200), using: &generator)
        let leaves = (0..<size).map { _ in
            TreeHash.leaf((0..<4).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        var tree = TreeBuilder()
        let old = Int.random(in: 1...size, using: &generator)
        var oldRoot = TreeHash.empty
        for leaf in leaves {
            tree.append(leaf) { _, _ in }
            if tree.size == old { oldRoot = tree.root }
        }
        #expect(tree.root == referenceRoot(leaves[...]))

        let index = Int.random(in: 0..<size, using: &generator)
        let path = try TreeProof.inclusion(index: index, size: size, subtree: subtree(of: leaves))
        func isIncluded(_ leaf: TreeHash, _ index: Int, _ proof: [TreeHash], _ root: TreeHash) -> Bool {
            TreeProof.verifyInclusion(leaf: leaf, index: index, size: size, proof: proof, root: root)
        }
        #expect(isIncluded(leaves[index], index, path, tree.root))
        #expect(!isIncluded(flip(leaves[index], &generator), index, path, tree.root))
        #expect(!isIncluded(leaves[index], index, path, flip(tree.root, &generator)))
        #expect(!isIncluded(leaves[index], index, path + [.empty], tree.root))
        #expect(size == 1 || !isIncluded(leaves[index], (index + 1) % size, path, tree.root))
        if !path.isEmpty {
            #expect(!isIncluded(leaves[index], index, flipOne(path, &generator), tree.root))
            #expect(!isIncluded(leaves[index], index, Array(path.dropLast()), tree.root))
        }

        let growth = try TreeProof.consistency(from: old, to: size, subtree: subtree(of: leaves))
        func isGrown(_ oldRoot: TreeHash, _ newRoot: TreeHash, _ proof: [TreeHash]) -> Bool {
            TreeProof.verifyConsistency(
                oldSize: old, oldRoot: oldRoot, newSize: size, newRoot: newRoot, proof: proof)
        }
        #expect(isGrown(oldRoot, tree.root, growth))
        #expect(!isGrown(flip(oldRoot, &generator), tree.root, growth))
        #expect(!isGrown(oldRoot, flip(tree.root, &generator), growth))
        #expect(!isGrown(oldRoot, tree.root, growth + [.empty]))
        if !growth.isEmpty {
            #expect(!isGrown(oldRoot, tree.root, flipOne(growth, &generator)))
            #expect(!isGrown(oldRoot, tree.root, Array(growth.dropLast())))
        }
    }

    private func flip(_ hash: TreeHash, _ generator: inout SeededGenerator) -> TreeHash {
        var bytes = hash.bytes
        bytes[Int.random(in: 0..<32, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        return TreeHash(bytes) ?? .empty
    }

    private func flipOne(_ proof: [TreeHash], _ generator: inout SeededGenerator) -> [TreeHash] {
        var proof = proof
        let place = Int.random(in: proof.indices, using: &generator)
        proof[place] = flip(proof[place], &generator)
        return proof
    }

    @Test func rootAcrossThreeTileLevels() {
        let leaves = (0..<70_000).map {
            TreeHash.leaf([UInt8($0 & 255), UInt8($0 >> 8 & 255), UInt8($0 >> 16)])
        }
        var tree = TreeBuilder()
        var filled = 0
        for leaf in leaves { tree.append(leaf) { _, _ in filled += 1 } }
        #expect(filled == 273 + 1)
        #expect(tree.edges.map(\.count) == [112, 17, 1])
        #expect(tree.root == referenceRoot(leaves[...]))
    }
}
