"""A PostgreSQL server of the benchmark's own, by its own programs: started as an unprivileged user, stopped by its pid."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse


def binaries() -> pathlib.Path:
    """The newest version of 15 or later, where Debian puts it."""
    found = sorted(
        (int(path.parent.name), path) for path in pathlib.Path("/usr/lib/postgresql").glob("*/bin")
        if path.parent.name.isdigit() and int(path.parent.name) >= 15)
    if not found:
        raise RuntimeError("no PostgreSQL server (15 or later): apt-get install postgresql")
    return found[-1][1]


class Server:
    """A running server; a context that stops it and removes its files. Its settings are PostgreSQL's own defaults."""

    def __init__(self):
        self._binaries = binaries()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="concordat-benchmark-"))

    def __enter__(self) -> "Server":
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
        self.directory.chmod(0o755)
        data = str(self.directory / "data")
        self._finish("initdb", "-D", data, "-U", "concordat", "-A", "trust", "-E", "UTF8", "--locale=C")
        self._process = subprocess.Popen(
            [*self._user(), str(self._binaries / "postgres"), "-D", data, "-k", str(self.directory),
             "-c", "listen_addresses="],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        for _ in range(600):
            ready = [str(self._binaries / "pg_isready"), "-q", "-h", str(self.directory)]
            if subprocess.run(ready).returncode == 0:
                return self
            time.sleep(0.1)
        self.__exit__()
        raise RuntimeError("PostgreSQL did not start")

    def __exit__(self, *_) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def address(self, database: str) -> str:
        return f"postgresql://concordat@/{database}?host={urllib.parse.quote(str(self.directory), safe='')}"

    def run(self, database: str, sql: str) -> str:
        """Runs statements one after the other, each committed; returns what they print."""
        return subprocess.run(
            [str(self._binaries / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
             self.address(database)],
            input=sql, check=True, stdout=subprocess.PIPE, text=True).stdout

    def _user(self) -> list[str]:
        if os.geteuid() != 0:
            return []
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]

    def _finish(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*self._user(), str(self._binaries / program), *arguments], check=True,
            stdout=subprocess.DEVNULL, cwd="/")
