import Glibc

/// Files and directories of one owner: mode 0600 and 0700, written so that a crash leaves the old or the new.
package enum PrivateFile {
    /// Makes a directory with mode 0700 unless it is there.
    package static func makeDirectory(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw failure("make directory", path) }
    }

    /// Makes a directory and its missing parents.
    package static func makeDirectories(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw failure("make directory", path)
        }
        try makeDirectories(String(path[..<slash]))
        try makeDirectory(path)
    }

    /// Whether anything stands at the path.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names in a directory, sorted.
    package static func names(in directory: String) throws(StoreError) -> [String] {
        guard let stream = opendir(directory) else { throw failure("list", directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The whole content, or nil when there is no such file.
    package static func read(_ path: String) throws(StoreError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("read", path)
        }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("read", path)
            }
            if count == 0 { return content }
            content.append(contentsOf: chunk[..<count])
        }
    }

    /// Replaces the file in one step: a temporary beside it, then a rename.
    ///
    /// - Parameter isDurable: when true, file and directory are synced before this returns. Say false only
    ///   for what can be rebuilt.
    package static func write(
        _ content: some Sequence<UInt8>, to path: String, isDurable: Bool = true
    ) throws(StoreError) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("write", temporary) }
        do throws(StoreError) {
            defer { close(descriptor) }
            try writeAll(Array(content), to: descriptor, path: temporary)
            if isDurable, fsync(descriptor) != 0 { throw failure("sync", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else { throw failure("rename", temporary) }
        if isDurable { try sync(directoryOf: path) }
    }

    /// Removes a file; nothing happens when it is not there.
    package static func remove(_ path: String) throws(StoreError) {
        if unlink(path) != 0, errno != ENOENT { throw failure("remove", path) }
    }

    /// Makes what was written to an existing file durable.
    package static func sync(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("sync", path) }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw failure("sync", path) }
    }

    private static func sync(directoryOf path: String) throws(StoreError) {
        let slash = path.lastIndex(of: "/")
        try sync(slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(StoreError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("write", path)
            }
            written += count
        }
    }

    static func failure(_ verb: String, _ path: String) -> StoreError {
        StoreError(.file, "could not \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}

extension PrivateFile {
    /// Takes an existing directory away from everybody but its owner.
    static func restrict(_ directory: String) throws(StoreError) {
        if chmod(directory, 0o700) != 0 { throw failure("restrict", directory) }
    }
}
