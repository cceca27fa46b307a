"""`python -m braintumor_desktop`: the same as the command `braintumor-desktop`."""

import sys

from braintumor_desktop.cli import main

sys.exit(main())
