"""What prepares the machine: the environment and a browser."""
