"""What people do: customers, clerks and administrators, played by the control plane."""
