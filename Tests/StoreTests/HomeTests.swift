import Foundation
import Testing

@testable import Store

@Suite struct HomeTests {
    @Test func createdHomeOpensWithTheSameSettings() async throws {
        try await withTemporaryDirectory { directory in
            let configuration = try sampleConfiguration()
            let home = try Home.create(at: directory + "/a/RJ1/", configuration: configuration)
            #expect(home.layout.root == directory + "/a/RJ1")
            #expect(try Home.open(at: home.layout.root, environment: [:]).configuration == configuration)
            for path in home.layout.directories { #expect(try mode(path) == 0o700) }
            #expect(try mode(home.layout.configurationPath) == 0o600)
        }
    }

    @Test func emptyDirectoryIsTakenAndAFullOneIsRefused() async throws {
        try await withTemporaryDirectory { directory in
            _ = try Home.create(at: directory, configuration: sampleConfiguration())
            let error = #expect(throws: StoreError.self) {
                try Home.create(at: directory, configuration: sampleConfiguration())
            }
            #expect(error?.code == .homeNotEmpty)
        }
    }

    @Test func directoryWithoutConfigurationIsNoHome() async throws {
        try await withTemporaryDirectory { directory in
            let error = #expect(throws: StoreError.self) { try Home.open(at: directory) }
            #expect(error?.code == .notAHome)
            #expect(error?.message.contains("concordat init --home") == true)
        }
    }

    @Test func lockExcludesASecondHandleUntilItGoes() async throws {
        try await withTemporaryDirectory { directory in
            let layout = HomeLayout(root: directory)
            var lock: HomeLock? = try HomeLock.acquire(layout)
            let error = #expect(throws: StoreError.self) { try HomeLock.acquire(layout) }
            #expect(error?.code == .homeInUse)
            #expect(error?.message.contains("another process (\(getpid()))") == true)
            #expect(lock != nil)
            lock = nil
            lock = try HomeLock.acquire(layout)
        }
    }

    @Test func whoHasTheHomeIsNamedAndWaitedFor() async throws {
        try await withTemporaryDirectory { directory in
            let layout = HomeLayout(root: directory)
            var lock: HomeLock? = try HomeLock.acquire(layout, command: "ingest")
            let words = "'concordat ingest' (process \(getpid()))"
            let error = #expect(throws: StoreError.self) { try HomeLock.acquire(layout) }
            #expect(
                error?.message == "the home \(directory) is in use by \(words). Try again when it has ended.")
            // The time is over before the other has ended.
            await #expect(throws: StoreError.self) {
                try await HomeLock.acquire(layout, patience: .init(longest: .milliseconds(200)))
            }
            let (heard, hear) = AsyncStream.makeStream(of: HomeHolder.self)
            async let taken = HomeLock.acquire(
                layout, command: "serve",
                patience: .init(longest: .seconds(60)) { hear.yield($0) })
            // It ends only when it has been said whom this waits for.
            for await holder in heard {
                #expect(holder.words == words)
                break
            }
            #expect(lock != nil)
            lock = nil
            let mine = try await taken
            let busy = #expect(throws: StoreError.self) { try HomeLock.acquire(layout) }
            #expect(busy?.message.contains("go through it once it has begun to serve") == true)
            withExtendedLifetime(mine) {}
        }
    }

    @Test func lockExcludesAnotherProcess() async throws {
        try await withTemporaryDirectory { directory in
            let layout = HomeLayout(root: directory)
            func status() throws -> Int32 {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
                process.arguments = ["--nonblock", layout.lockPath, "true"]
                try process.run()
                process.waitUntilExit()
                return process.terminationStatus
            }
            var lock: HomeLock? = try HomeLock.acquire(layout)
            #expect(try status() == 1)
            #expect(lock != nil)
            lock = nil
            #expect(try status() == 0)
        }
    }
}
