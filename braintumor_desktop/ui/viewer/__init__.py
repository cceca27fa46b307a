"""The pictures: canvas, viewport, linked views."""
