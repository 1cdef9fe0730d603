internal import Catalog
internal import Core

/// A terminology as a release has it, before its closure is worked out.
struct LoadedTerminology {
    let name: String
    let version: String
    let origin: ReferenceOrigin
    /// Ascending, each once.
    let concepts: [UInt64]
    /// One a concept.
    let terms: PackedTexts
    /// Places in `concepts`.
    let ties: [(child: Int32, parent: Int32)]
    /// What a person should know of what was not taken.
    let notes: [String]
}

extension [UInt64] {
    /// The place of a number in a list that ascends.
    func place(of number: UInt64) -> Int? {
        withUnsafeBufferPointer { numbers in
            var low = 0
            var high = numbers.count
            while low < high {
                let middle = (low + high) / 2
                if numbers[middle] == number { return middle }
                if numbers[middle] < number { low = middle + 1 } else { high = middle }
            }
            return nil
        }
    }
}
