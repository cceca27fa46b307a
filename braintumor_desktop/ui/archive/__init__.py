"""The archive's dialogs: which archives there are, and the studies in them."""
