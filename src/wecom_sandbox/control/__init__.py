"""The control plane: who exists, what time it is, what goes wrong."""
