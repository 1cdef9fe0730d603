import CSodium

/// 32 bytes of key outside the ordinary heap: locked against swapping as far as the system allows, guarded by
/// inaccessible pages, read-only once made, and zeroed at the end (libsodium's `sodium_malloc`).
///
/// INVARIANT: the memory is written in `init` only, before any other reference exists, and then made
/// read-only; so concurrent reads are safe and `@unchecked Sendable` holds. The pointer never leaves this
/// file.
final class LockedKey: @unchecked Sendable {
    static let size = 32
    private let memory: UnsafeMutableRawPointer

    /// - Parameter fill: writes all 32 bytes.
    init(_ fill: (UnsafeMutablePointer<UInt8>) throws -> Void) throws {
        guard sodium_init() >= 0, let memory = sodium_malloc(Self.size) else {
            throw StoreError(.cryptography, "libsodium could not give locked memory: raise 'ulimit -l'.")
        }
        self.memory = memory
        try fill(memory.assumingMemoryBound(to: UInt8.self))
        sodium_mprotect_readonly(memory)
    }

    deinit { sodium_free(memory) }

    func withBytes<T>(_ body: (UnsafePointer<UInt8>) throws -> T) rethrows -> T {
        try body(UnsafePointer(memory.assumingMemoryBound(to: UInt8.self)))
    }
}
