"""From a folder of labelled slices to the bundle that the app answers with."""
