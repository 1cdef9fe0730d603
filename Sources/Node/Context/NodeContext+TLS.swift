internal import Exchange
package import NIOSSL

extension NodeContext {
    /// TLS 1.3 for the federation's port: only certificates of the directory are let in.
    package func serverTLS() throws -> TLSConfiguration {
        try TLSMaterial(keys: keys, directory: directory).serverConfiguration()
    }
}
