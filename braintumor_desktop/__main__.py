"""`python -m braintumor_desktop`: the same as the command `braintumor-desktop`."""

import sys

if __name__ == "__main__":
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()  # a helper process of the batch does not return from it
    if sys.argv[1:2] == ["--decode-pixels"]:  # started by imaging.decoder_process
        from braintumor_desktop.imaging import decoder_worker

        decoder_worker.main()
        sys.exit()
    from braintumor_desktop.cli import main

    sys.exit(main())
