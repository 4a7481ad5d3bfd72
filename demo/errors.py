"""What can go wrong in the demo, in words for the person at the terminal.

DemoError
├── PortTakenError          another program listens where a part of the demo would
├── AlreadyRunningError     another launcher uses the same folder
├── ProcessDiedError        a server or Home Assistant ended by itself
├── NotReadyError           something did not answer within its deadline
├── HomeAssistantError      Home Assistant refused a request
├── AudioError              a sound file cannot be read or converted
└── TurnError               the pipeline ended a turn with an error
"""


class DemoError(Exception):
    """Root of the tree; the text says what, why and what to do."""


class PortTakenError(DemoError):
    """Another program listens on a port that the demo needs."""


class AlreadyRunningError(DemoError):
    """Another launcher uses the same folder."""


class ProcessDiedError(DemoError):
    """A server or Home Assistant ended by itself."""


class NotReadyError(DemoError):
    """Something did not answer within its deadline."""


class HomeAssistantError(DemoError):
    """Home Assistant refused a request."""


class AudioError(DemoError):
    """A sound file cannot be read or converted."""


class TurnError(DemoError):
    """The Assist pipeline ended a turn with an error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"the turn ended with {code}: {message}")
        self.code = code
        """Error code of the pipeline, as Home Assistant spells it."""
