"""`python -m agent_memory` is `agent-memory`."""

import sys

from agent_memory.cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
