/// The evaluator's stack: items in memory of its own, so that pushing costs neither a check nor a count.
///
/// INVARIANT: a stack is not copied while it is in use (copies share memory); indexes are below `count`.
struct ItemStack {
    private final class Memory {
        var items = UnsafeMutablePointer<PathItem>.allocate(capacity: 64)
        deinit { items.deallocate() }
    }

    private let memory = Memory()
    private var items: UnsafeMutablePointer<PathItem>
    private var capacity = 64
    private(set) var count = 0

    init() { items = memory.items }

    subscript(index: Int) -> PathItem {
        get { items[index] }
        nonmutating set { items[index] = newValue }
    }

    mutating func append(_ item: PathItem) {
        if count == capacity { grow() }
        (items + count).initialize(to: item)
        count += 1
    }

    mutating func truncate(to count: Int) { self.count = count }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<PathItem>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: items, count: count)
        items.deallocate()
        memory.items = larger
        items = larger
        capacity *= 2
    }
}
