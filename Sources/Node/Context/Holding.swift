internal import Core
internal import Store

/// What a node keeps of one controller: the node's own organisation, or one that the configuration names.
///
/// Rows, ties of patients, quarantine and conflicts of one controller are never those of another. Publications, and with
/// them all answers, lists and letters, are of the node's own organisation alone.
struct Holding: Sendable {
    let warehouse: SiteWarehouse
    let quarantine: QuarantineJournal
    let isOwn: Bool
}

extension NodeContext {
    /// The warehouse of a controller.
    /// - Throws: `NodeError` at a node that holds no data.
    func controllersWarehouse() throws -> SiteWarehouse {
        guard let warehouse else {
            throw NodeError(.configuration, "this node holds no data: its roles do not include 'controller'")
        }
        return warehouse
    }

    /// - Parameter controller: nil for the node's own organisation.
    /// - Throws: `NodeError` at a node that holds no data, and for a controller that the configuration does not name.
    func holding(of controller: OrganisationCode?) throws -> Holding {
        let warehouse = try controllersWarehouse()
        let folder = home.layout.quarantineDirectory
        guard let controller, controller != organisation else {
            return Holding(
                warehouse: warehouse, quarantine: QuarantineJournal(directory: folder), isOwn: true)
        }
        guard configuration.hostedControllers.contains(controller) else {
            throw NodeError(
                .configuration,
                "this node keeps no data of \(controller): name it in 'hostedControllers' of concordat.yaml, or "
                    + "leave --controller out for \(organisation)")
        }
        // A code has capital letters and digits only.
        let own = "\(folder)/\(controller)"
        try PrivateFile.makeDirectory(own)
        return Holding(
            warehouse: SiteWarehouse(of: warehouse, controller: controller),
            quarantine: QuarantineJournal(directory: own), isOwn: false)
    }
}
