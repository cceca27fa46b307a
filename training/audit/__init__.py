"""What is wrong with a folder of labelled slices: copies, leaks, conflicts; and folds that hold."""
