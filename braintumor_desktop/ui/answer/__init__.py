"""The panel with the network's answer."""
