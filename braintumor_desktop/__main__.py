"""`python -m braintumor_desktop`: the same as the command `braintumor-desktop`."""

import sys

from braintumor_desktop.cli import main

if __name__ == "__main__":
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()  # a helper process of the batch does not return from it
    sys.exit(main())
