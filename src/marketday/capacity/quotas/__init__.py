"""What an environment needs of the limits of an AWS account."""
