/// What an operator asks for about the keys by which the node shows its provider of OpenID Connect who it is.
package enum OpenIDCommand: Codable, Sendable {
    /// Makes a key and gives the public ones as a JSON Web Key Set.
    case newKey(algorithm: String)
    /// Takes a key over from a PEM file.
    case importKey(path: String, algorithm: String)
    /// Signs with this key from now on.
    case useKey(id: String)
    case removeKey(id: String)
    case listKeys
    /// The public keys as a JSON Web Key Set.
    case showKeys

    /// Whether it changes nothing.
    var isReading: Bool {
        switch self {
        case .listKeys, .showKeys: true
        case .newKey, .importKey, .useKey, .removeKey: false
        }
    }
}
