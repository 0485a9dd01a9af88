"""One thin handler for each function on AWS Lambda; `apps/aws_lambda.py` gives each what it works with."""
