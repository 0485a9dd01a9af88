"""An AWS of our own: moto's server, and what Terraform needs that moto drops or lacks.

`python -m emulator PORT LOG`, from the directory above, starts it. Whoever signs with an access key of twelve digits
works in the account of that number, so tests that run side by side never meet.
"""
