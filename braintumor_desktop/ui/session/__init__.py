"""What is loaded and done behind the window: engine, threads, open slices."""
