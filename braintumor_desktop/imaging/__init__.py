"""Slices in: reading files and preparing what the network sees. No Qt, no model."""
