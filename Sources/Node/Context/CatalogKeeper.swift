internal import Catalog
internal import Crypto
internal import Exchange
internal import Synchronization

/// The catalog that is in force, which changes as a whole: reference tables, codelists and terminologies may come
/// and go while the node runs; the datasets never change.
///
/// INVARIANT: a table of one `NAME@VERSION` never changes, so that a question which was bound to it ends with it.
final class CatalogKeeper: Sendable {
    private let schemas: String
    private let references: String
    private let restricted: [String]
    private let held: Mutex<Catalog>
    /// One change after the other.
    let changes = Gate(width: 1)

    /// - Throws: `CatalogFault` with file and place, also where a terminology is not what was loaded.
    init(schemas: String, references: String, restricted: [String]) throws {
        self.schemas = schemas
        self.references = references
        self.restricted = restricted
        let catalog = try Catalog.load(from: schemas, references: references, restricted: restricted)
        for terminology in catalog.terminologies { try Self.check(terminology) }
        held = Mutex(catalog)
    }

    var current: Catalog { held.withLock { $0 } }

    /// Reads everything again, without putting it in force.
    func read() throws -> Catalog {
        try Catalog.load(from: schemas, references: references, restricted: restricted)
    }

    func put(inForce catalog: Catalog) { held.withLock { $0 = catalog } }

    private static func check(_ terminology: Terminology) throws {
        let found = terminology.withBytes { Digest(bytes: Array(Crypto.SHA256.hash(data: $0))) }
        guard found?.description == terminology.digest else {
            throw CatalogFault(
                file: "\(terminology.key).ctx", path: "",
                message: "is not what was loaded: 'concordat reference load' it again after removing the file"
            )
        }
    }
}
