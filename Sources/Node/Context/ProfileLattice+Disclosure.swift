internal import Disclosure
internal import Policy

extension ProfileLattice {
    /// The disclosure profiles that this node can enforce.
    static let disclosure = ProfileLattice(
        isKnown: { DisclosureProfile.named($0) != nil },
        conflict: { names in
            var joined = DisclosureProfile.none
            for profile in names.sorted().compactMap(DisclosureProfile.named) {
                do {
                    joined = try joined.joined(with: profile)
                } catch {
                    return "\(error)"
                }
            }
            return nil
        })
}
