"""Five nodes of the program itself, as `concordat demo --keep` makes them."""
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("CONCORDAT_PROGRAM", str(ROOT / ".build" / "release" / "concordat"))
REQUESTER, SITES, LINKER = "QWE", ["RJ1", "RYJ", "RAX"], "X26"
MEMBERS = [REQUESTER, *SITES, LINKER]

# What the demonstration signs allows linking; this one counts people site by site.
UNLINKED = "benchmark"
LINKED = "demo-planning"

_PHASES = re.compile("Making|Signing|Synthesising|Ingesting|Starting|Question 1")


class Federation:
    """A running federation; a context that stops it again."""

    def __init__(self, home: pathlib.Path, patients: int, overlap: float, profile: str):
        self.home = home
        self.phases: list[tuple[str, float]] = []
        self.ingested: list[str] = []
        self._arguments = [
            "--patients", str(patients), "--overlap", str(overlap), "--disclosure", profile]
        self._profile = profile
        self._connection = None

    def __enter__(self) -> "Federation":
        if (self.home / "nodes.json").exists():
            raise RuntimeError(
                f"nodes may still run in {self.home}: concordat demo --stop --home {self.home}")
        self._start()
        try:
            self._agree()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        if self._connection:
            self._connection.close()
        subprocess.run([PROGRAM, "demo", "--stop", "--home", str(self.home)], check=True)
        shutil.rmtree(self.home / "data", ignore_errors=True)

    @property
    def pids(self) -> dict[str, int]:
        return dict(zip(MEMBERS, json.loads((self.home / "nodes.json").read_text())))

    def member_home(self, member: str) -> pathlib.Path:
        return self.home / member

    def run(self, *arguments: str) -> str:
        """A command as a user types it; its output."""
        return subprocess.run([PROGRAM, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout

    def ask(self, sql: str, agreement: str) -> dict:
        """Asks through the node's local socket: what is measured is the node, not the start of a process."""
        question = {
            "sql": sql, "agreement": agreement, "require": {"all": {}}, "deadlineSeconds": 60,
            "user": "benchmark"}
        reply = self.command(REQUESTER, {"ask": {"_0": question}})
        if "answer" not in reply:
            raise RuntimeError(f"not answered: {json.dumps(reply)}\n{sql}")
        return reply["answer"]["_0"]

    def command(self, member: str, command: dict) -> dict:
        if member != REQUESTER:
            connection = _LocalConnection(self.home / member)
        else:
            connection = self._connection = self._connection or _LocalConnection(self.home / member)
        connection.request("POST", "/local/v1/commands", json.dumps(command))
        lines = connection.getresponse().read().splitlines()
        return json.loads(lines[-1])["reply"]["_0"]

    def _start(self) -> None:
        """Makes it, and notes how long each phase took, by when its line appears."""
        process = subprocess.Popen(
            [PROGRAM, "demo", "--home", str(self.home), "--keep", *self._arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        phase, since = "start", time.perf_counter()
        for line in process.stdout:
            if _PHASES.match(line):
                now = time.perf_counter()
                self.phases.append((phase, now - since))
                phase, since = line.partition(" in /")[0].strip(" …\n"), now
                print(f"  {phase}", flush=True)
            if re.search(r"MB in .* s \(", line):
                self.ingested.append(line.strip())
        # The last of its questions is refused, and says so there.
        errors = process.stderr.read()
        if process.wait() != 0:
            raise RuntimeError(f"the demonstration ended with {process.returncode}\n{errors}")

    def _agree(self) -> None:
        """A second agreement, without linking, made and signed as people do."""
        document = self.home / "benchmark.json"
        controllers = [option for site in SITES for option in ("--controller", site)]
        honour = [] if self._profile == "none" else ["--honour", "national-data-opt-out"]
        document.write_text(self.run(
            "agreement", "make", "--home", str(self.home / REQUESTER), "--id", UNLINKED,
            "--title", "Benchmark", "--purpose", "planning", "--gateway", "s251Reg5",
            "--cag", "26/CAG/0002", "--dpia", "DPIA-BENCHMARK", "--action", "aggregate",
            "--profile", self._profile, *controllers, *honour))
        for verb, members in (("sign", [REQUESTER]), ("countersign", SITES)):
            for member in members:
                document.write_text(self.run(
                    "agreement", verb, "--home", str(self.home / member), str(document)))
        for member in [REQUESTER, *SITES]:
            self.run("agreement", "import", "--home", str(self.home / member), str(document))


class _LocalConnection(http.client.HTTPConnection):
    """HTTP over a home's local socket."""

    def __init__(self, home: pathlib.Path):
        super().__init__("localhost")
        self._path = str(home / "run" / "node.sock")

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)
