"""Runs MiniStack with one door open: its EC2 tells nobody what happens, so the test speaks for it on the bus.

At AWS nobody may put events whose source begins with `aws.`, and MiniStack refuses them alike.
"""

import os
import signal
import sys
import threading

from ministack import app
from ministack.services import eventbridge


def end_with_the_test():
    """Standard input closes with the process that started this one, however that ended."""
    sys.stdin.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


threading.Thread(target=end_with_the_test, daemon=True).start()
# The parameter `allow_aws_source`, which MiniStack's own services set.
eventbridge._put_events.__defaults__ = (True,)
sys.exit(app.main())
