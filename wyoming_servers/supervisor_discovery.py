"""Tells the Supervisor where a server of an add-on listens, once it does: Home Assistant offers it.

    python -m wyoming_servers.supervisor_discovery LISTENING ANNOUNCED [SUPERVISOR]

A process of its own beside the server, so that the token of the add-on never is in the server's:
https://developers.home-assistant.io/docs/api/supervisor/endpoints/#discovery. It ends when the
Supervisor knows.
"""

import http.client
import json
import logging
import os
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import ClassVar

from .healthcheck import NoAnswerError, ask

_LOGGER = logging.getLogger(__name__)

DEFAULT_URL = "http://supervisor"
TOKEN = "SUPERVISOR_TOKEN"  # noqa: S105 - the name of a variable
# A server that has to load its model first is asked often: it costs a refused connection.
_ASK_AGAIN_S = 0.5
_ANSWER_S = 30.0
# The Supervisor answers once it has told Home Assistant.
_MAX_ANSWER_BYTES = 64 * 1024


class AnnouncementError(Exception):
    """The Supervisor did not take the announcement; the text says why."""


class RefusedError(AnnouncementError):
    """It never will: the token or the configuration of the add-on is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One announcement; `make` repeats it until the Supervisor has taken it."""

    # It refuses everything while it starts, and restarts when it updates itself.
    first_pause_s: ClassVar[float] = 5.0
    last_pause_s: ClassVar[float] = 300.0

    token: str
    uri: str
    """Where Home Assistant reaches the server."""
    supervisor: str = DEFAULT_URL

    def make(self) -> bool:
        """Announce, with growing pauses while it fails; False when it can never succeed."""
        pause_s = self.first_pause_s
        while True:
            try:
                self.attempt()
            except RefusedError as err:
                _LOGGER.error("Home Assistant cannot discover %s: %s", self.uri, err)  # noqa: TRY400
                return False
            except AnnouncementError as err:
                _LOGGER.warning("The Supervisor does not take %s yet: %s", self.uri, err)
            else:
                _LOGGER.info("Home Assistant can discover %s", self.uri)
                return True
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, self.last_pause_s)

    def attempt(self) -> None:
        """Announce once; raises AnnouncementError, a RefusedError where trying again is no use."""
        body = {"service": "wyoming", "config": {"uri": self.uri}}
        request = urllib.request.Request(  # noqa: S310 - http, as the caller says
            f"{self.supervisor}/discovery",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with _OPENER.open(request, timeout=_ANSWER_S) as answer:
                result = _read(answer)
        except urllib.error.HTTPError as err:
            with err:
                reason = _read(err).get("message") or err.reason
            kind = RefusedError if err.code in (401, 403) else AnnouncementError
            raise kind(f"HTTP {err.code}, {reason}") from err
        except (OSError, http.client.HTTPException) as err:
            raise AnnouncementError(str(getattr(err, "reason", err))) from err
        if result.get("result") != "ok":
            raise AnnouncementError(f"it answered {result.get('message') or 'something else'}")


# No proxy of the environment: the Supervisor is next door, and the token is for nobody else.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _read(answer: http.client.HTTPResponse | urllib.error.HTTPError) -> dict[str, object]:
    try:
        content = json.loads(answer.read(_MAX_ANSWER_BYTES))
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    return content if isinstance(content, dict) else {}


def wait_for_server(uri: str) -> None:
    """Return when the server describes itself: until then Home Assistant could not set it up."""
    while True:
        try:
            ask(uri)
        except NoAnswerError:
            time.sleep(_ASK_AGAIN_S)
        else:
            return


def main() -> int:
    """Announce and end; 0 once the Supervisor knows, 1 when it refuses."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    listening, announced, *supervisor = sys.argv[1:]
    wait_for_server(listening)
    announcement = Announcement(
        token=os.environ[TOKEN], uri=announced, supervisor=(supervisor or [DEFAULT_URL])[0]
    )
    return 0 if announcement.make() else 1


if __name__ == "__main__":
    sys.exit(main())
