"""What the Python clients share: one TAP line per capability, names of topics that no other run uses.

A script is started as `SCRIPT.py BROKERS PREFIX` and calls check("what it shows", function) for each capability.
"""

import asyncio
import sys
import traceback

brokers, prefix = sys.argv[1], sys.argv[2]
client = ""
failures = 0


def name(what):
    """A topic, group or transactional id of this run alone."""
    return f"{prefix}-{what}"


def _report(what, error):
    global failures
    if error is None:
        print(f"ok - {client}: {what}", flush=True)
        return
    failures += 1
    print(f"not ok - {client}: {what}")
    for line in error.splitlines():
        print(f"# {line}", flush=True)


def check(what, run):
    """Passes when run() raises nothing; everything is shown when it does."""
    try:
        run()
    except Exception:  # pylint: disable=broad-except
        _report(what, traceback.format_exc())
    else:
        _report(what, None)


async def check_async(what, run, seconds=60):
    """The same for a coroutine function, which gets a bounded time."""
    try:
        await asyncio.wait_for(run(), seconds)
    except Exception:  # pylint: disable=broad-except
        _report(what, traceback.format_exc())
    else:
        _report(what, None)


def same(expected, actual):
    assert expected == actual, f"expected {expected!r}, got {actual!r}"


def done():
    sys.stdout.flush()
    sys.exit(1 if failures else 0)
