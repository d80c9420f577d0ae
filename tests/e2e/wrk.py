"""wrk as a load: requests of a client that is none of ours."""

import re
import signal
import subprocess
import tempfile


class Wrk:
    """Asks a URL over a number of connections while it is entered; afterwards `report` has what
    their senders saw. With a pause each connection waits that long after an answer, which makes
    the rate a steady one; without, it is as high as the tasks can answer."""

    def __init__(self, url, connections, pause_ms=0):
        self.script = tempfile.NamedTemporaryFile("w", suffix=".lua")
        self.script.write(f"function delay() return {pause_ms} end\n" if pause_ms else "")
        self.script.flush()
        options = ["--threads", "1", "--connections", str(connections), "--duration", "1h", "--timeout", "20s"]
        self.command = ["wrk", *options, "--script", self.script.name, url]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.report, _ = self.process.communicate(timeout=30)
        self.script.close()

    def assert_all_well(self):
        assert "Socket errors" not in self.report and "Non-2xx" not in self.report, self.report
        asked = re.search(r"(\d+) requests in", self.report)
        assert asked and int(asked[1]) > 0, self.report
