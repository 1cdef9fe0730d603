internal import ArgumentParser
internal import Core
internal import Node

/// Whose data a command is about, at a node that keeps those of several controllers.
struct ControllerOption: ParsableArguments {
    @Option(
        help:
            "ODS code of another controller whose data this node keeps ('hostedControllers' of concordat.yaml)."
    )
    var controller: String?

    /// The command, for that controller.
    func command(_ command: NodeCommand) throws -> NodeCommand {
        guard let controller else { return command }
        guard let code = OrganisationCode(controller) else {
            throw ValidationError("--controller: write an ODS code, such as RJ1")
        }
        return .hosted(controller: code, command)
    }
}
