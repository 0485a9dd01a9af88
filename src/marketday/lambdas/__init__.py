"""One small handler for each AWS Lambda function; `apps/aws_lambda.py` connects each with its services."""
