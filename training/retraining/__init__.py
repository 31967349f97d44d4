"""A detector in use and kept features to a challenger: minutes, and memory that stays flat."""
