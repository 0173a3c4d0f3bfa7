"""What goes wrong, on purpose and repeatably: with callbacks on their way, and with calls."""
