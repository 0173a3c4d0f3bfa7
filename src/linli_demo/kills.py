"""Four deaths in the story's year, by `kill -9`: the supervisor mends each, and nothing may be lost by it."""

import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

from linli.project.supervisor import Supervisor

# When the bookmark shows the day, the next one is being told: the process dies in the middle of its work.
KILLS = {"ingress": "2011-01-19", "drain": "2011-04-11", "worker": "2011-07-06", "postgres": "2011-09-21"}
# A story whose database dies under its hands falls, and goes on at its bookmark.
MOST_RESTARTS = 5


@dataclass
class Killer:
    """Looks at the story's bookmark and kills whose day has come; `done` tells the process ids by name."""

    bookmark: Path
    supervisor: Supervisor
    done: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        """Kill what is due, once each."""
        day = json.loads(self.bookmark.read_text()).get("day", "") if self.bookmark.exists() else ""
        for name, when in KILLS.items():
            if name not in self.done and day >= when:
                self.done[name] = self._kill(name)
                print(f"linli: {day}: kill -9 of {name}")

    def _kill(self, name: str) -> int:
        if name == "postgres":
            server = self.supervisor.postgres
            process = server.process if server else None
        else:
            process = next(child.process for child in self.supervisor.crew if child.name == name)
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        return process.pid
