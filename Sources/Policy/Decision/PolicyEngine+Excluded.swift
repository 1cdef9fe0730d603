internal import Core

extension PolicyEngine {
    /// Every codelist that a permit excludes, by name without `codelist.`.
    package var excludedCodelists: Set<String> {
        Set(
            policies.policies.flatMap { policy in
                // Checked when the policies were loaded.
                ((try? ObligationAnnotations.obligations(of: policy))?.excludedCodelists ?? [])
                    .map(RestrictedName.bare)
            })
    }
}

/// How obligations name a codelist: with its schema or without.
package enum RestrictedName {
    /// The name without `codelist.`.
    package static func bare(_ name: String) -> String {
        name.hasPrefix("codelist.") ? String(name.dropFirst("codelist.".count)) : name
    }
}
